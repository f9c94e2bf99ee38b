"""What makes a shell complete the commands of deshi."""
