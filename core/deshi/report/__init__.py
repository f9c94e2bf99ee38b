"""One Table record, many renderers."""
