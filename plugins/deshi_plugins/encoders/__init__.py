"""Sentence encoders, their vectors' cache, and the search for neighbours among vectors."""
