"""An executor that runs each stage in a fresh process."""
