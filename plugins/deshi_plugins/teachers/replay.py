"""The teacher `replay`: existing answers from a file or a data set."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from typing import Self

from deshi.api import Env, Json, Reply, Request, Task, UsageError
from deshi_plugins.corpora.files import corpus_files
from deshi_plugins.corpora.hub import HubFiles, log_of
from deshi_plugins.corpora.rows import SUFFIXES, format_of, read_rows
from deshi_plugins.teachers.params_local import ReplayParams

NO_ANSWER = "no-answer"


class Replay:
    """Returns a file's answer to each text, such as published or human labels.

    Texts are compared in NFC without space around them. Of several answers to one text the first
    sample gives the first, the next the next, and so on around. A text without any is an item that
    failed, dropped as `no-answer`.
    """

    def __init__(self, params: ReplayParams, env: Env) -> None:
        self.params = params
        self.env = env
        self._hub = HubFiles(params.dataset, params.pattern, params.revision, log_of(env))
        self._answers: dict[tuple[Task, str], list[str]] | None = None

    def __enter__(self) -> Self:
        self._load()
        return self

    def __exit__(self, *exception: object) -> None:
        self._answers = None

    async def answer(self, request: Request) -> Reply:
        """Return the stored answer."""
        answers = self._load().get((request.task, _plain(request.text)))
        if not answers:
            what = f"the file has no answer ({request.task}) to this text"
            return Reply(content=what, finish="error", meta={"outcome": NO_ANSWER})
        return Reply(content=answers[request.sample % len(answers)], model="replay")

    def _load(self) -> dict[tuple[Task, str], list[str]]:
        """Return the answers by task and text.

        Raises:
            UsageError: the files hold none, or lack a column.
        """
        if self._answers is None:
            self._answers = self._read()
        return self._answers

    def _read(self) -> dict[tuple[Task, str], list[str]]:
        params = self.params
        columns: dict[Task, str] = {"label": params.label, "rewrite": params.rewrite}
        used = {task: column for task, column in columns.items() if column}
        answers: dict[tuple[Task, str], list[str]] = defaultdict(list)
        suffixes = ("",) if params.pattern else SUFFIXES
        for file in corpus_files(params.path, self._hub, suffixes, params.pattern or "*"):
            form = format_of(file.name) or "jsonl"
            for row in read_rows(file, form, (params.text, *used.values())):
                if row.fault is not None:
                    raise UsageError(
                        f"{row.fault.reason} {row.fault.detail}".strip(),
                        where=f"{file.where}:{row.line}",
                        fix="correct or remove the row: no answer is dropped silently",
                    )
                for task, column in used.items():
                    value = row.values.get(column)
                    if value is not None:
                        text = _plain(str(row.values.get(params.text) or ""))
                        answers[task, text].append(_content(value))
        if not answers:
            where = str(params.path or params.dataset)
            raise UsageError("has no answer", where=where, fix="set the columns that it has")
        return dict(answers)


def _content(value: Json) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()
