"""The built-in commands, a folder per feature; loaded as any plugin's are."""
