"""A student of deshi that only compresses."""
