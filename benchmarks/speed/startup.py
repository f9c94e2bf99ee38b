"""How long `deshi --help` takes, in bare starts of Python: user and system seconds, least of many."""

from __future__ import annotations

import os
import subprocess
import sys


def cost(command: list[str], rounds: int = 15) -> float:
    """Return the least CPU seconds that a command took."""
    spent = []
    for _ in range(rounds):
        before = os.times()
        subprocess.run(command, capture_output=True, check=True)
        after = os.times()
        spent.append(
            after.children_user
            - before.children_user
            + after.children_system
            - before.children_system
        )
    return min(spent)


def main() -> None:
    """Print the ratio."""
    bare = cost([sys.executable, "-c", "pass"])
    print(f"python -c pass: {bare * 1000:.0f} ms of CPU")
    for words in (["--help"], ["--version"]):
        found = cost([sys.executable, "-m", "deshi", *words])
        print(
            f"deshi {' '.join(words)}: {found * 1000:.0f} ms of CPU, {found / bare:.1f} times as much"
        )


if __name__ == "__main__":
    main()
