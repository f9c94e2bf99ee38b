"""Edit a file of deshi's own as if deshi had written it so: with a hash of itself that fits."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from deshi.workspace.sealed_json import seal


def read(path: Path) -> Any:
    """Return what a manifest, a plan or a results file holds, without its hash."""
    content = json.loads(path.read_bytes())
    content.pop("sha256", None)
    return content


def write(path: Path, content: Any) -> None:
    """Write such a file."""
    path.write_bytes(seal(content))


def edit(path: Path, change: Callable[[Any], object]) -> None:
    """Let `change` alter what such a file holds."""
    content = read(path)
    change(content)
    write(path, content)
