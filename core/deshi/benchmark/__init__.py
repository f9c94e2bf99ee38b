"""Read a benchmark file, expand its matrix, type-check each cell, plan the stages."""
