"""The artefact store, its locks and garbage, and the job that a stage is given."""
