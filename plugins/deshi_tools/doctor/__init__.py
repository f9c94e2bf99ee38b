"""`deshi doctor`: what is installed, what is ready, what is not."""
