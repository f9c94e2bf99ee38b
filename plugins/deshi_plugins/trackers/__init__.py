"""Trackers: a run's results, sent to MLflow, Weights & Biases or trackio on request."""
