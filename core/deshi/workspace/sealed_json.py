"""JSON files of the workspace's own, each with a hash of itself: what was damaged or edited is noticed.

The hash stands in the first line of the file and is of all other bytes, so that no bit can change.
"""

from __future__ import annotations

import hashlib
import json
import re

from deshi.api import Json
from deshi.redaction import Mask

_SEAL = re.compile(rb'\{\n "sha256": "([0-9a-f]{64})",')


def seal(value: Json) -> bytes:
    """Return an object as JSON with a hash of itself, and without what looks like a secret."""
    text = json.dumps(Mask().value(value), ensure_ascii=False, sort_keys=True, indent=1) + "\n"
    body = text.encode("utf-8")
    return b'{\n "sha256": "%s",%s' % (_hash(body[1:]), body[1:])


def is_intact(content: bytes) -> bool:
    """Say whether a file is as `seal` made it."""
    found = _SEAL.match(content)
    return found is not None and found[1] == _hash(content[found.end() :])


def is_of_before(content: bytes) -> bool:
    """Say whether a file is JSON without a hash, as an earlier deshi wrote it, or whoever edits."""
    try:
        return "sha256" not in json.loads(content)
    except (ValueError, TypeError, RecursionError):
        return False


def _hash(body: bytes) -> bytes:
    return hashlib.sha256(body).hexdigest().encode()
