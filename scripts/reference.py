"""Write docs/reference/*.md from the code: what it says of itself, and nothing else.

    python scripts/reference.py [--check]

With --check nothing is written, and a page that is not as it would be written is an error.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from reference_pages import code, parts, use

from deshi.registry import Registry

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "reference"


def pages() -> dict[str, str]:
    """Return the text of every page by the name of its file."""
    registry = Registry(ROOT, warn=lambda _: None)
    found = {
        "hooks.md": code.hook_page(),
        "api.md": code.api_page(),
        "components.md": parts.component_page(registry),
        "entries.md": parts.entry_page(registry),
        "commands.md": use.command_page(),
        "checks.md": use.check_page(),
        "files.md": use.file_page(registry),
        "results.md": use.result_page(),
    }
    return {name: _tidy("\n".join(lines)) for name, lines in found.items()}


def _tidy(text: str) -> str:
    """Return a text with one empty line at most between others."""
    return re.sub(r"\n{3,}", "\n\n", text.rstrip()) + "\n"


def main() -> int:
    """Write the pages, or compare them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    FOLDER.mkdir(exist_ok=True)
    stale = []
    for name, text in pages().items():
        path = FOLDER / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if not options.check:
                path.write_text(text, encoding="utf-8")
    if options.check and stale:
        print(
            f"docs/reference: {', '.join(stale)}: not what the code says; run scripts/reference.py"
        )
        return 1
    print("written:", *stale) if stale else print("all as it should be")
    return 0


if __name__ == "__main__":
    sys.exit(main())
