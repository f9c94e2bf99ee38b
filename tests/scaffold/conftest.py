"""One environment of wheels for all tests here."""

import sys
from pathlib import Path

import pytest

from deshi.api import KINDS
from deshi_tools.scaffold import plugin

sys.path.insert(0, str(Path(__file__).parent))

from wheel_environment import build


@pytest.fixture(scope="session")
def sources(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sources")
    for kind in KINDS:
        name = f"fresh-{kind}"
        plugin.write(folder / name, plugin.distribution(kind, name))
    return folder


@pytest.fixture(scope="session")
def environment(tmp_path_factory, sources):
    return build(tmp_path_factory.mktemp("environment"), sources)
