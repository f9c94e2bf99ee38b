"""How long a teacher's answered calls took, read without taking the ledger."""

from __future__ import annotations

from pathlib import Path

from deshi.api import Json
from deshi.keys import canonical_json
from deshi.labelling.ledger import FILE
from deshi.labelling.ledger.reading import open_for_reading

_QUERY = """SELECT a.ended - a.started FROM attempt a
  JOIN request r ON r.key = a.request JOIN teacher t ON t.id = r.teacher
  WHERE t.identity = ? AND r.state = 'done' AND a.ended IS NOT NULL AND a.id =
    (SELECT max(id) FROM attempt WHERE request = r.key) AND NOT EXISTS
    (SELECT 1 FROM batch b WHERE b.teacher = r.teacher AND b.created = a.started)"""
"""Attempts of a batch are recognised by their start: it is the moment at which the batch was made."""


def call_seconds(workspace: Path, identity: Json) -> list[float]:
    """Return the seconds of each answered call to a teacher of this identity, waits left out.

    Answers of a batch, and those of a teacher on this machine, of which no attempts are kept, are not
    among them.
    """
    if not (workspace / FILE).is_file():
        return []
    with open_for_reading(workspace) as db:
        return [float(row[0]) for row in db.execute(_QUERY, (canonical_json(identity),))]
