"""Students that are transformers, and the one loop that trains them all."""
