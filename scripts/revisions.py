"""Record the code of every built-in component: `python scripts/revisions.py [--same-results]`.

A key of a built-in component holds its `revision` alone. So a change of its code that can change results
has to raise that. tests/house/revisions.json has, per component, the revision and a hash of the code and
data that its class reaches inside `deshi_plugins`; comments, docstrings and layout do not count. Where a
hash differs and the revision does not, this fails, unless `--same-results` says that results stay equal.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import sys
from functools import cache
from pathlib import Path

from deshi.api import KINDS
from deshi.registry import Registry

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "plugins" / "deshi_plugins"
RECORD = ROOT / "tests" / "house" / "revisions.json"


def components() -> dict[str, tuple[int, str]]:
    """Return revision and hash of each built-in component, by `kind.name`."""
    registry = Registry(ROOT, plugins={"builtin": "deshi_plugins.hooks"}, autoload=False)
    return {
        f"{kind}.{offer.id}": (offer.spec.revision, _hash(offer.spec.target.partition(":")[0]))
        for kind in KINDS
        for offer in registry.catalog.offers(kind)
    }


def unannounced(before: dict[str, list[object]], now: dict[str, tuple[int, str]]) -> list[str]:
    """Return the components whose code differs from the record under the same revision."""
    return [
        name
        for name, (revision, code) in now.items()
        if name in before and before[name][0] == revision and before[name][1] != code
    ]


def _hash(module: str) -> str:
    reached = _closure(module)
    digest = hashlib.sha256()
    for name in sorted(reached):
        digest.update(name.encode() + _code(name).encode())
    for file in _data(reached):
        digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def _closure(module: str) -> set[str]:
    """Return the modules of the package that a module imports, however far."""
    found: set[str] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name not in found and _file(name) is not None:
            found.add(name)
            waiting += _imports(name)
    return found


@cache
def _imports(name: str) -> tuple[str, ...]:
    named = []
    for node in ast.walk(ast.parse(_source(name))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("deshi_plugins"):
            named += [str(node.module), *(f"{node.module}.{one.name}" for one in node.names)]
        elif isinstance(node, ast.Import):
            named += [one.name for one in node.names if one.name.startswith("deshi_plugins")]
    return tuple(named)


@cache
def _code(name: str) -> str:
    """Return a module's syntax tree without docstrings."""
    tree = ast.parse(_source(name))
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [one for one in body if not _is_docstring(one)]  # type: ignore[attr-defined]
    return ast.dump(tree)


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _data(modules: set[str]) -> list[Path]:
    """Return the files beside the modules that one of them names, or whose folder one names."""
    files = [
        p for p in PACKAGE.rglob("*") if p.is_file() and p.suffix not in (".py", ".pyc", ".typed")
    ]
    folders = {_folder(name) for name in modules}
    text = "".join(_source(name) for name in sorted(modules))
    beside = [p for p in files if folders & {p.parent, p.parent.parent}]
    return sorted(p for p in beside if f'"{p.name}"' in text or f'"{p.parent.name}"' in text)


def _file(name: str) -> Path | None:
    path = ROOT / "plugins" / Path(*name.split("."))
    for file in (path.with_suffix(".py"), path / "__init__.py"):
        if file.is_file():
            return file
    return None


def _folder(name: str) -> Path:
    file = _file(name)
    assert file is not None
    return file.parent


def _source(name: str) -> str:
    file = _file(name)
    assert file is not None
    return file.read_text(encoding="utf-8")


def main() -> int:
    """Write the record; fail for code that changed under the same revision."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--same-results", action="store_true")
    same = parser.parse_args().same_results
    now = components()
    before = json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.exists() else {}
    if (changed := unannounced(before, now)) and not same:
        print(f"raise the revision of {', '.join(changed)}, or pass --same-results")
        return 1
    RECORD.write_text(json.dumps(now, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
