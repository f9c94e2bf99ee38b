"""Keys: the name of an artefact, a hash of all that went into it."""

from __future__ import annotations

import hashlib
import json

import msgspec

KEY_FORMAT = 1
"""Goes up when the meaning of keys changes, so that old artefacts are never mistaken for new."""


def canonical_json(value: object) -> str:
    """Return the one JSON text of a value: keys sorted, no spaces, characters as they are.

    Emoji and variation selectors are kept code point by code point. A record counts as its fields.

    Raises:
        ValueError: the value holds NaN or an infinity.
        TypeError: the value is not JSON.
    """
    return json.dumps(
        value,
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        allow_nan=False,
        default=_fields,
    )


def key_of(value: object) -> str:
    """Return the key of a JSON value: 32 hexadecimal digits of BLAKE2b over its canonical text."""
    payload = canonical_json([KEY_FORMAT, value]).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(payload, digest_size=16).hexdigest()


def _fields(value: object) -> object:
    if isinstance(value, msgspec.Struct):
        return msgspec.to_builtins(value)
    raise TypeError(f"{type(value).__name__} is not JSON")
