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
sys.path.insert(0, sys.argv[3])
from student_kit import LOSSES, sample_parts
from neural_kit import cut
from deshi.api import DeshiError, Env
from deshi.registry import Registry
warnings = []
log = logging.getLogger("deshi.student.x")
log.addFilter(lambda record: warnings.append(record.getMessage()))
env = Env(seed=1, entry="mine", log=log)
student = Registry(Path()).create("student", sys.argv[1], json.loads(sys.argv[2]), env)
train, valid, test = sample_parts()
notes, error, status = {}, "", 0
try:
    report = student.fit(cut(train, 20), cut(valid, 10), LOSSES["ce"])
    notes = report.notes
    assert student.predict(test.texts[:2])[0].emojis
except DeshiError as caught:
    error, status = str(caught), caught.exit_status
print(json.dumps({"notes": notes, "error": error, "status": status, "warnings": warnings}))
"""


def fit(reader, use, **params):
    """Fit a student in a process of its own, with the reader's hub and cache."""
    params = {"epochs": 1, "max-length": 32, **params}
    tests = str(Path(__file__).parents[1] / "plugins")
    done = subprocess.run(
        [sys.executable, "-c", FIT, use, json.dumps(params), tests],
        env={**reader.project.variables(reader.environment), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    return {**json.loads(done.stdout), "stderr": done.stderr}


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory):
    folder = tmp_path_factory.mktemp("checkpoints")
    return {"t5": t5_checkpoint(folder / "t5"), "bert": bert_checkpoint(folder / "bert")}


def files(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


@pytest.mark.parametrize("use", ["t5", "bert"])
def test_a_checkpoint_is_downloaded_once_and_its_commit_told(hub, reader, checkpoints, use):
    others = {"README.md": b"# A model", "flax_model.msgpack": b"x" * 100, "rust_model.ot": b"x"}
    hub.repositories["someone/model"] = Repository({**files(checkpoints[use]), **others})
    found = fit(reader, use, checkpoint="someone/model")
    assert found["error"] == ""
    assert found["notes"]["commit"] == COMMIT
    assert any(f'set revision = "{COMMIT}"' in line for line in found["warnings"])
    read = {name.rpartition("/")[2] for name in hub.downloads()}
    assert read == set(files(checkpoints[use]))
    assert reader.environment["HF_TOKEN"] not in found["stderr"] + str(found["warnings"])
    before = len(hub.downloads())
    reader.environment["HF_HUB_OFFLINE"] = "1"
    again = fit(reader, use, checkpoint="someone/model", revision=COMMIT)
    assert again["error"] == ""
    assert len(hub.downloads()) == before
    assert again["warnings"] == []


def test_safetensors_are_taken_before_the_other_format(hub, reader, checkpoints):
    both = {**files(checkpoints["bert"]), "pytorch_model.bin": b"never to be read"}
    hub.repositories["someone/model"] = Repository(both)
    assert fit(reader, "bert", checkpoint="someone/model")["error"] == ""
    assert "someone/model/pytorch_model.bin" not in hub.downloads()


def test_what_is_wrong_with_a_hub_or_a_name_is_told(hub, reader, checkpoints):
    lacking = files(checkpoints["t5"])
    del lacking["spiece.model"]
    hub.repositories["someone/model"] = Repository(lacking)
    found = fit(reader, "t5", checkpoint="someone/model")
    assert found["error"].startswith("student mine: someone/model: tokenizer.json (or *.model, ")
    assert found["status"] == 2
    found = fit(reader, "t5", checkpoint="someone/other")
    assert "someone/other: the hub has no such model" in found["error"]
    assert found["status"] == 2
    reader.environment["HF_HUB_OFFLINE"] = "1"
    found = fit(reader, "t5", checkpoint="someone/third")
    assert "it is not in the cache, and this run is offline" in found["error"]
    assert found["status"] == 3
