"""Fixtures for all tests."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from project import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Return an empty project with the toy benchmark written."""
    made = Project(tmp_path)
    made.write()
    return made
