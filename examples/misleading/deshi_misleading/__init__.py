"""Ways to make a table look better than it is."""
