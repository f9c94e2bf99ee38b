"""The server's own books: what came in, what was answered whole, what is on the bill.

They survive whatever happens to a client, and, in a file, to the server: every event is one line,
written when it happens. A ledger that is honest says the same.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TextIO, TypeAlias

from deshi.api import Json

Event: TypeAlias = Literal["received", "billed", "completed"]


@dataclass
class Account:
    """What is known of one request's body: how often each happened, tokens and nano-USD billed."""

    received: int = 0
    billed: int = 0
    completed: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: int = 0


@dataclass
class Books:
    """Accounts by the digest of a request's body; `price` is nano-USD a token in and out."""

    path: Path | None = None
    price: tuple[int, int] = (0, 0)
    accounts: dict[str, Account] = field(default_factory=lambda: defaultdict(Account))
    _file: TextIO | None = None

    def open(self) -> None:
        """Open the file; OSError where it cannot be written."""
        if self.path is not None and self._file is None:
            self._file = self.path.open("a", encoding="utf-8", buffering=1)

    def received(self, key: str, text: str) -> None:
        """Note that a request came in whole."""
        self._note("received", key, {"text": text})

    def billed(self, key: str, input_tokens: int, output_tokens: int, percent: int = 100) -> int:
        """Note that an answer was made and must be paid for; return its cost in nano-USD."""
        amount = input_tokens * self.price[0] + output_tokens * self.price[1]
        cost = -(-amount * percent // 100)
        tokens = {"input_tokens": input_tokens, "output_tokens": output_tokens, "cost": cost}
        self._note("billed", key, tokens)
        return cost

    def completed(self, key: str) -> None:
        """Note that an answer was handed over whole."""
        self._note("completed", key, {})

    def totals(self) -> Mapping[str, int]:
        """Return the sums over all requests."""
        names = Account.__dataclass_fields__
        accounts = self.accounts.values()
        return {name: sum(getattr(account, name) for account in accounts) for name in names}

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()

    def _note(self, event: Event, key: str, details: Mapping[str, Json]) -> None:
        _enter(self.accounts[key], event, details)
        self.open()
        if self._file is None:
            return
        line = {"event": event, "key": key, **details}
        self._file.write(json.dumps(line, ensure_ascii=False) + "\n")


def read_books(path: Path) -> Books:
    """Return the books that a server kept in a file, a last line that was cut left out."""
    books = Books()
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        try:
            noted = json.loads(line)
        except ValueError:
            continue
        _enter(books.accounts[noted["key"]], noted["event"], noted)
    return books


def _enter(account: Account, event: Event, details: Mapping[str, Json]) -> None:
    setattr(account, event, getattr(account, event) + 1)
    if event == "billed":
        account.input_tokens += details["input_tokens"]
        account.output_tokens += details["output_tokens"]
        account.cost += details["cost"]
