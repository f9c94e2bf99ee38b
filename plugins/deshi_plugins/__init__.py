"""The built-in components of deshi, offered like any other plugin's."""
