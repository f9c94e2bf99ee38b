"""The API key of an endpoint: from the environment alone, and none where none is needed."""

from __future__ import annotations

from deshi.api import Env, NotReadyError, is_loopback

NO_KEY = "no-key-needed"
"""What is sent where no key is known and none is needed; the SDKs send nothing without a key."""


def key_for(env: Env, address: str, variable: str) -> str:
    """Return the key for an address: the variable that `[teacher.x.env] key` names, or `variable`.

    Raises:
        NotReadyError: it is not set, and the address is not this machine's.
    """
    name = str(env.settings.get("key", variable))
    if key := env.secrets.get(name):
        return key
    if is_loopback(address):
        return NO_KEY
    raise NotReadyError(
        f"needs the environment variable {name} for {address}",
        where="teacher",
        fix="set it, or name another variable with `key` in the entry's env table",
    )
