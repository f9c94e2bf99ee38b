"""`kill -9` in the middle of an epoch, then one more run: the weights of a run that nobody killed."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from project import Project
from torture import Soak

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

BENCHMARK = """
[benchmark]
train = 150
valid = 30
test = 30
seeds = 1
metrics = ["jaccard"]
baselines = []
resamples = 100

[matrix]
corpus = "sample"
chain = "none"
rewriter = "none"
teacher = "lexicon"
student = "small"
loss = "{loss}"
"""

REGISTRY = """
[student.small]
use = "{use}"
params = {{ epochs = 4, batch-size = 4, layers = 1, width = 32, heads = 2, vocabulary = 300 }}
env = {{ threads = 1, snapshot-seconds = 0 }}
"""


def project(folder: Path, use: str) -> Project:
    folder.mkdir()
    made = Project(folder)
    made.write(BENCHMARK.format(loss="bce" if use == "bert" else "ce"))
    made.write(REGISTRY.format(use=use), "registry.toml")
    return made


def weights(made: Project) -> bytes:
    (file,) = made.workspace.glob("artefacts/fit/*/*/model/model.safetensors")
    return file.read_bytes()


def place(made: Project) -> dict[str, int]:
    """Return where the last snapshot stands; nowhere without one."""
    for file in made.workspace.glob("scratch/fit-*/training.pt"):
        return torch.load(file, weights_only=True)["place"]
    return {"epoch": 0, "batch": 0, "step": 0}


def killed_after(made: Project, steps: int) -> dict[str, int]:
    """Kill a run that has come so many steps further, and return where its last snapshot stands."""
    before = place(made)["step"]
    process = subprocess.Popen(
        made.command("run", "bench.toml", "--quiet"),
        cwd=made.folder,
        env=made.variables(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < deadline:
        if place(made)["step"] >= before + steps:
            break
        time.sleep(0.01)
    assert process.poll() is None, "it was done before it could be killed"
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return place(made)


def check(tmp_path: Path, use: str, steps: list[int]) -> None:
    calm, stormy = project(tmp_path / "calm", use), project(tmp_path / "stormy", use)
    expected = calm.results()
    places = [killed_after(stormy, more) for more in steps]
    assert any(one["batch"] > 0 for one in places), "no kill fell into the middle of an epoch"
    assert stormy.results()["rows"] == expected["rows"]
    assert weights(stormy) == weights(calm)
    assert not list(stormy.workspace.glob("scratch/fit-*"))


@pytest.mark.torture
@pytest.mark.parametrize("use", ["bert", "t5"])
def test_a_training_that_is_killed_again_and_again_ends_with_the_weights_of_one_that_was_not(
    tmp_path: Path, use: str, soak: Soak
) -> None:
    chance = soak.chance
    check(tmp_path, use, [chance.randint(9, 16), chance.randint(17, 36)])
