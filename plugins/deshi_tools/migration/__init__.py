"""What changes when one teacher takes the place of another."""
