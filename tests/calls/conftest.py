"""Fixtures for tests that ask a teacher which is far away and paid."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from faraway import FarAway

from project import Project


@pytest.fixture
def faraway(project: Project) -> FarAway:
    """Return a project whose teacher does all that it is asked."""
    return FarAway(project)
