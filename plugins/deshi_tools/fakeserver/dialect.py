"""What the two families of APIs have in common for a server: how they ask, answer and refuse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from deshi.api import Json
from deshi_tools.fakeserver.buckets import Limits
from deshi_tools.fakeserver.reply import Answer, Question, Voice

REFUSAL_TEXT = "申し訳ありませんが、この文章の書き換えや絵文字の付与には対応できません。"
HTML = "<html><head><title>Bad gateway</title></head><body><h1>Bad gateway</h1></body></html>"


@dataclass(frozen=True)
class Refused:
    """An answer with an error status, or an error inside one that says 200."""

    status: int
    body: Json
    headers: Mapping[str, str] = field(default_factory=dict)


class Dialect(Protocol):
    """One API."""

    voice: Voice
    id_header: str

    def wrong(self, body: Mapping[str, Json], headers: Mapping[str, str]) -> str:
        """Return what is wrong with a request; empty if nothing is."""
        ...

    def question(self, body: Mapping[str, Json]) -> Question:
        """Return what a sound request asks."""
        ...

    def message(self, question: Question, answer: Answer, name: str, cost: int) -> dict[str, Any]:
        """Return the body of an answer; `cost` is in nano-USD."""
        ...

    def misbehaved(self, message: dict[str, Any], do: str) -> Json:
        """Return an answer's body as a behaviour spoils it."""
        ...

    def refused(self, do: str) -> Refused | None:
        """Return the answer of a behaviour that gives no message; None if it gives one."""
        ...

    def error(self, status: int, message: str) -> Refused:
        """Return an error that the server itself finds: 400, 401, 404, 429."""
        ...

    def limit_headers(self, limits: Limits) -> Mapping[str, str]:
        """Return the headers that tell what is left."""
        ...


def with_thinking(text: str, do: str) -> str:
    """Return an answer with thoughts before it, or with nothing but thoughts."""
    thoughts = "ユーザーは絵文字を求めている。😀 か 🎉 がよさそう。"
    return {
        "thinking": f"<think>\n{thoughts}\n</think>\n\n{text}",
        "thinking-tail": f"{thoughts}\n</think>\n{text}",
        "thinking-unclosed": f"<think>\n{thoughts}",
    }[do]
