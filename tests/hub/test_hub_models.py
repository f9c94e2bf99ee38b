"""Training from a checkpoint on the hub, through the real client, from a server on this machine."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hub_server import COMMIT, Repository

pytest.importorskip("transformers")
sys.path.insert(0, str(Path(__file__).parents[1] / "plugins"))
from checkpoint_kit import bert_checkpoint, t5_checkpoint

FIT = """
import json, logging, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from student_kit import LOSSES, sample_parts
from neural_kit import cut
from deshi.api import DeshiError, Env
from deshi.registry import Registry
train, valid, test = sample_parts()
told = []
for use, params in json.loads(sys.argv[1]):
    warnings = []
    log = logging.Logger("deshi.student")
    log.addFilter(lambda one: one.levelno >= 30 and warnings.append(one.getMessage()))
    env = Env(seed=1, entry="mine", log=log)
    student = Registry(Path()).create("student", use, params, env)
    notes, error, status = {}, "", 0
    try:
        notes = student.fit(cut(train, 20), cut(valid, 10), LOSSES["ce"]).notes
        assert student.predict(test.texts[:2])[0].emojis
    except DeshiError as caught:
        error, status = str(caught), caught.exit_status
    told.append({"notes": notes, "error": error, "status": status, "warnings": warnings})
print(json.dumps(told))
"""
COMMON = {"epochs": 1, "max-length": 32}


def fit(reader, *students):
    """Fit students in one process of their own, with the reader's hub and cache."""
    asked = json.dumps([[use, {**COMMON, **params}] for use, params in students])
    tests = str(Path(__file__).parents[1] / "plugins")
    done = subprocess.run(
        [sys.executable, "-c", FIT, asked, tests],
        env={**reader.project.variables(reader.environment), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    assert reader.environment["HF_TOKEN"] not in done.stdout + done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory):
    folder = tmp_path_factory.mktemp("checkpoints")
    return {"t5": t5_checkpoint(folder / "t5"), "bert": bert_checkpoint(folder / "bert")}


def files(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


@pytest.mark.slow
def test_checkpoints_are_downloaded_once_and_their_commits_told(hub, reader, checkpoints):
    others = {"README.md": b"# A model", "flax_model.msgpack": b"x" * 100, "rust_model.ot": b"x"}
    # Safetensors are taken before the other format, which is read where it is the only one.
    both = {"pytorch_model.bin": b"never to be read"}
    hub.repositories["someone/t5"] = Repository({**files(checkpoints["t5"]), **others})
    hub.repositories["someone/bert"] = Repository({**files(checkpoints["bert"]), **others, **both})
    asked = [(use, {"checkpoint": f"someone/{use}"}) for use in ("t5", "bert")]
    for found in fit(reader, *asked):
        assert found["error"] == ""
        assert found["notes"]["commit"] == COMMIT
        assert any(f'set revision = "{COMMIT}"' in line for line in found["warnings"])
    wanted = {f"someone/{use}/{name}" for use in checkpoints for name in files(checkpoints[use])}
    assert sorted(hub.downloads()) == sorted(wanted)
    reader.environment["HF_HUB_OFFLINE"] = "1"
    pinned = [(use, {**params, "revision": COMMIT}) for use, params in asked]
    *again, lost = fit(reader, *pinned, ("t5", {"checkpoint": "someone/third"}))
    assert [(found["error"], found["warnings"]) for found in again] == [("", []), ("", [])]
    assert len(hub.downloads()) == len(wanted)
    assert "it is not in the cache, and this run is offline" in lost["error"]
    assert lost["status"] == 3


def test_what_is_wrong_with_a_name_or_a_model_is_told(hub, reader, checkpoints):
    lacking = files(checkpoints["t5"])
    del lacking["spiece.model"]
    hub.repositories["someone/model"] = Repository(lacking)
    names = ("someone/model", "someone/other", "no name")
    broken, other, no_name = fit(reader, *(("t5", {"checkpoint": name}) for name in names))
    assert broken["error"].startswith("student mine: someone/model: tokenizer.json (or *.model, ")
    assert "someone/other: the Hugging Face Hub has no such model" in other["error"]
    assert "no name: not a valid name of a model" in no_name["error"]
    assert [found["status"] for found in (broken, other, no_name)] == [2, 2, 2]
