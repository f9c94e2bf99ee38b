"""Files of predictions and ratings, scored without a benchmark."""
