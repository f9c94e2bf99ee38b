"""What a benchmark would run and cost."""
