"""The report: one HTML file that holds a run's record and all that is needed to read it."""
