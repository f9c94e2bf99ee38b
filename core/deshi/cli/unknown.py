"""Words that other tools have for what a command of deshi does."""

from __future__ import annotations

_MEANT = {
    "new": "add create scaffold",
    "predict": "answer infer",
    "run": "bench benchmark distil distill fit start train",
    "gc": "clean prune",
    "ledger": "cost costs price",
    "compare": "diff",
    "plan": "dry-run",
    "score": "eval evaluate",
    "report": "html view",
    "describe": "info",
    "agree": "kappa",
    "list": "ls",
    "errors": "mistakes",
    "publish": "push upload",
    "fake-server": "serve server",
    "doctor": "status",
    "show": "table",
    "check": "test validate",
}
"""A command, and the words by which it is meant."""

WORDS = {word: command for command, words in _MEANT.items() for word in words.split()}
"""A word, and the command that is meant."""
