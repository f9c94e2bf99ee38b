"""How the documentation is built: `make docs`, with warnings as errors."""

from deshi.version import __version__

project = "deshi"
author = "The deshi authors"
copyright = "the deshi authors"  # noqa: A001  (Sphinx's name for it)
release = __version__
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 4
html_theme = "furo"
html_title = "deshi 弟子"
html_theme_options = {"navigation_with_keys": True}
html_static_path: list[str] = []
nitpicky = True
suppress_warnings = ["misc.highlighting_failure"]  # TOML and consoles with an ellipsis
