"""A finished run as data frames."""
