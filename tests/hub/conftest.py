"""A hub of one's own, and deshi's corpora reading from it in a process of their own."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hub_server import Hub, Repository

import forking
from project import Project

pytest.importorskip("huggingface_hub")

# The client reads its environment once, when it is imported: each reading has its own process.
READ = """
import json, logging, sys
from pathlib import Path
from deshi.api import Env
from deshi.registry import Registry
registry = Registry(Path())
log = logging.getLogger("deshi.corpus")
warnings = []
log.addFilter(lambda record: warnings.append(record.getMessage()))
env = Env(log=log)
corpus = registry.create("corpus", sys.argv[1], json.loads(sys.argv[2]), env)
from deshi.api import DeshiError
texts, error = [], ""
try:
    texts = [[text.id, text.text] for text in corpus.texts()]
except DeshiError as caught:
    error = f"{type(caught).__name__}: {caught}"
print(json.dumps({"texts": texts, "error": error, "report": corpus.report(), "warnings": warnings}))
"""


@dataclass
class Read:
    """What a reading gave."""

    texts: list[list[str]]
    error: str
    report: dict[str, Any]
    warnings: list[str]
    stderr: str


@dataclass
class Reader:
    """Reads a corpus as a run would, with an empty cache of its own."""

    hub: Hub
    project: Project
    environment: dict[str, str] = field(default_factory=dict)

    def read(self, corpus: str, **params: Any) -> Read:
        keys = {key.rstrip("_").replace("_", "-"): value for key, value in params.items()}
        done = forking.run(
            [sys.executable, "-c", READ, corpus, json.dumps(keys)],
            cwd=Path.cwd(),
            env=self.project.variables(self.environment),
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return Read(**json.loads(done.stdout), stderr=done.stderr.decode())


@pytest.fixture
def hub() -> Iterator[Hub]:
    """Return a running hub with one data set of three files of two posts each, and one to be left."""
    posts = {
        f"data/posts-{part}.jsonl": b"".join(
            json.dumps({"text": f"{part}番目の投稿、その{n}です。"}, ensure_ascii=False).encode()
            + b"\n"
            for n in range(2)
        )
        for part in range(3)
    }
    made = Hub({"someone/posts": Repository({"README.md": b"# Posts", **posts})})
    made.start()
    yield made
    made.stop()


@pytest.fixture
def reader(hub: Hub, tmp_path: Path) -> Reader:
    """Return a reader whose client knows that hub and no other."""
    environment = {
        "HF_ENDPOINT": hub.endpoint,
        "HF_HOME": str(tmp_path / "hf"),
        "HF_TOKEN": "hf_SecretTokenOfTheTest",
        "HF_HUB_OFFLINE": "0",
    }
    return Reader(hub, Project(tmp_path), environment)
