"""The beginnings of a plugin: a distribution, or one file, for each kind of component."""
