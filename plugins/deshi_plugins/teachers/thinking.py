"""Removal of a model's thinking from its answer."""

from __future__ import annotations


def without_thinking(content: str) -> tuple[str, bool]:
    """Return an answer without what stands before it, and whether it was still thinking at the end.

    Taken away are `<think>…</think>` and, where the opening tag went with the prompt, all up to
    `</think>`. An unclosed `<think>` means that there is no answer.
    """
    rest = content.rpartition("</think>")[2]
    answer, unclosed, _ = rest.partition("<think>")
    return answer.strip(), bool(unclosed)
