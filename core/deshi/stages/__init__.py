"""The stages, each the function `(job) -> figures` of its module's name, which fills an empty folder."""
