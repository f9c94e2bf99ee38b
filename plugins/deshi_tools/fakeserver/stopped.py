"""An answer that a request gets before it is served: no error of ours."""

from __future__ import annotations

from aiohttp import web


class Stopped(Exception):  # noqa: N818
    """Carries the answer to the middleware that gives it."""

    def __init__(self, response: web.Response) -> None:
        super().__init__()
        self.response = response
