"""Whether an address is this machine's own: nobody's terms, keys or prices apply there."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit


def is_loopback(address: str) -> bool:
    """Say whether a URL leads to this machine: `localhost`, 127.0.0.0/8, ::1; no name is looked up."""
    try:
        host = urlsplit(address).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
