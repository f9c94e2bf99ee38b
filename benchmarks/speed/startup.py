"""How long `deshi --help` takes, in bare starts of Python: the least wall time of many runs of each."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path


def least(command: list[str], rounds: int = 25) -> float:
    """Return the least seconds that a command took: what it needs when nothing is in its way."""
    spent = []
    for _ in range(rounds):
        began = time.perf_counter()
        subprocess.run(command, capture_output=True, check=True)
        spent.append(time.perf_counter() - began)
    return min(spent)


def main() -> None:
    """Print the ratios."""
    deshi = str(Path(sys.executable).with_name("deshi"))
    bare = least([sys.executable, "-c", "pass"])
    print("python -c pass: 1.0")
    for words in ([sys.executable, "-c", "import click"], [deshi, "--help"], [deshi, "--version"]):
        name = " ".join([Path(words[0]).name, *words[1:]])
        print(f"{name}: {least(words) / bare:.1f} times as long")


if __name__ == "__main__":
    main()
