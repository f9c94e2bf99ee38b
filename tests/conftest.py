"""Fixtures for all tests."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from project import Project
from torture import (  # noqa: F401  (hooks and fixtures of long tests)
    portion,
    pytest_collection_modifyitems,
    pytest_generate_tests,
    pytest_runtest_makereport,
    pytest_runtest_setup,
    soak,
)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Return an empty project with the toy benchmark written."""
    made = Project(tmp_path)
    made.write()
    return made
