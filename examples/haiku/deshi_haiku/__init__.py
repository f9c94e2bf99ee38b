"""A corpus of haiku and a teacher for deshi."""
