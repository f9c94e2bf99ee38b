"""Words that other tools have for what a command of deshi does."""

from __future__ import annotations

from typing import Final

WORDS: Final = {
    "add": "new",
    "answer": "predict",
    "bench": "run",
    "benchmark": "run",
    "clean": "gc",
    "cost": "ledger",
    "costs": "ledger",
    "create": "new",
    "diff": "compare",
    "distil": "run",
    "distill": "run",
    "dry-run": "plan",
    "eval": "score",
    "evaluate": "score",
    "fit": "run",
    "html": "report",
    "infer": "predict",
    "info": "describe",
    "kappa": "agree",
    "ls": "list",
    "mistakes": "errors",
    "price": "ledger",
    "prune": "gc",
    "push": "publish",
    "scaffold": "new",
    "serve": "fake-server",
    "server": "fake-server",
    "start": "run",
    "status": "doctor",
    "table": "show",
    "test": "check",
    "train": "run",
    "upload": "publish",
    "validate": "check",
    "view": "report",
}
"""A word, and the command that is meant."""
