"""The artefact store, its locks, and the job that a stage is given."""
