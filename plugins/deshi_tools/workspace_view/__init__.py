"""What a workspace holds, and what of it no run uses."""
