"""A student of deshi that selects the set of the highest expected F1."""
