"""Which emoji a row predicts in place of which."""
