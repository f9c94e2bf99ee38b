"""What a component does to the process that it works in costs its own row, and no other's."""

from __future__ import annotations

import pytest

from project import Project

PLUGIN = """
import os, sys, tempfile, warnings
import numpy as np
from deshi.api import FitReport, Prediction, StudentSpec, hookimpl

class Bad:
    def __init__(self, params, env): pass
    def fit(self, train, valid, loss):
        {code}
        return FitReport()
    def predict(self, texts): return [Prediction(("🐈",)) for _ in texts]

class Good:
    def __init__(self, params, env): pass
    def fit(self, train, valid, loss):
        import torch
        assert torch.is_grad_enabled() and torch.get_default_dtype() is torch.float32
        assert "ACME" not in os.environ and os.path.isdir(os.getcwd()) and sys.path
        warnings.warn("a warning")
        np.float64(1) / np.float64(0)
        print("said")
        return FitReport()
    def predict(self, texts): return [Prediction(("🐈",)) for _ in texts]

@hookimpl
def deshi_students():
    return [StudentSpec(name=name, target=f"state:{{target}}", summary="A student.", trains_on=None)
            for name, target in (("bad", "Bad"), ("good", "Good"))]
"""
BENCH = """
[benchmark]
train = 60
valid = 20
test = 40
metrics = ["jaccard"]
baselines = []
resamples = 100
[matrix]
corpus = "numbers"
chain = "toy"
rewriter = "none"
teacher = "counter"
student = ["state/bad", "state/good"]
"""
CHANGES = [
    "import torch; torch.set_grad_enabled(False); torch.set_default_dtype(torch.float64)",
    "os.chdir(tempfile.mkdtemp()); os.rmdir(os.getcwd())",
    "sys.path.clear()",
    "os.environ['ACME'] = '1'; os.environ.pop('HOME', None)",
    "warnings.simplefilter('error'); np.seterr(all='raise')",
    "sys.stdout.close()",
    "raise KeyboardInterrupt",
]


@pytest.mark.parametrize("code", CHANGES)
def test_what_a_component_changes_of_its_process_is_put_back(project: Project, code: str) -> None:
    (project.folder / "state.py").write_text(PLUGIN.format(code=code), encoding="utf-8")
    (project.folder / "registry.toml").write_text('[plugins]\nlocal = ["state.py"]\n')
    project.write(BENCH)
    ran = project.deshi("run", "bench.toml", "--quiet", "--format", "json")
    assert ran.status in (0, 1), ran.err
    rows = {row["cell"]["student"]: row for row in ran.json["rows"]}
    assert (rows["state/good"]["status"], rows["state/good"]["reason"]) == ("ok", "")
