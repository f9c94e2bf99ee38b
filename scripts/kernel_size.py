"""Print the size of the kernel, and fail above the limit: `python scripts/kernel_size.py`.

The kernel is `core/deshi` without the contract kit. A larger limit takes a reason in docs/decisions.md.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

LIMIT = 19_400
CORE = Path(__file__).parents[1] / "core" / "deshi"


def main() -> int:
    """Print lines and files per package; return 1 above the limit."""
    lines: Counter[str] = Counter()
    files: Counter[str] = Counter()
    for path in sorted(CORE.rglob("*.py")):
        package = path.relative_to(CORE).parts[0].removesuffix(".py")
        lines[package] += len(path.read_text(encoding="utf-8").splitlines())
        files[package] += 1
    for package in sorted(lines):
        print(f"{package:<12} {files[package]:>4} files {lines[package]:>7,} lines")
    size = lines.total() - lines["testing"]
    print(
        f"kernel       {files.total() - files['testing']:>4} files {size:>7,} lines, "
        f"limit {LIMIT:,} (without testing)"
    )
    return int(size > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
