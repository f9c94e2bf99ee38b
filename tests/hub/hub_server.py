"""A hub on this machine: a server that speaks as much of the protocol as reading and pushing need.

Files are stored as the hub stores large ones: `resolve` answers with the commit, the ETag and the size,
and sends the client to another host (here `localhost` instead of 127.0.0.1) with a signed address.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from hub_writing import Pushed

COMMIT = "0123456789abcdef0123456789abcdef01234567"
SIGNATURE = "X-Amz-Signature=5ec2e7"
PAGE = 2


@dataclass
class Asked:
    """One request, as the server saw it."""

    method: str
    path: str
    range: str | None
    authorised: bool
    host: str


@dataclass
class Repository:
    """A data set or a model: its files, and what `main` stands for."""

    files: dict[str, bytes]
    commit: str = COMMIT
    licence: str = "cc-by-sa-4.0"
    gated: bool = False


# A fault takes the handler and what it would have sent, and answers in its own way.
Fault = Callable[["_Handler", bytes], None]


@dataclass
class Hub:
    """The server: repositories, a log of what was asked, and faults to play, by a part of the path."""

    repositories: dict[str, Repository] = field(default_factory=dict)
    log: list[Asked] = field(default_factory=list)
    faults: dict[str, list[Fault]] = field(default_factory=dict)
    pushed: Pushed = field(default_factory=Pushed)
    server: ThreadingHTTPServer | None = None

    def start(self) -> None:
        hub = self

        class Handler(_Handler):
            pass

        Handler.hub = hub
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    @property
    def port(self) -> int:
        assert self.server is not None
        return self.server.server_address[1]

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def downloads(self) -> list[str]:
        """Return the files whose content was asked for, in order."""
        return [
            one.path.removeprefix("/cdn/").split("?")[0] for one in self.log if "/cdn/" in one.path
        ]

    def fault_for(self, path: str) -> Fault | None:
        for part, faults in self.faults.items():
            if part in path and faults:
                return faults.pop(0)
        return None


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: Hub

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        path = unquote(urlsplit(self.path).path)
        authorised = "authorization" in self.headers
        self.hub.log.append(Asked("POST", path, None, authorised, self.headers["Host"]))
        self.fault = None
        status, told = self.hub.pushed.answer(path, body, self.hub.endpoint)
        self.send(json.dumps(told).encode(), status, {"Content-Type": "application/json"})

    def log_message(self, *words: Any) -> None:
        """Say nothing on stderr."""

    def _answer(self) -> None:
        path = unquote(urlsplit(self.path).path)
        if (
            path == "/api/agent-harnesses"
        ):  # the client asks this of its own accord, for its user agent
            self.fault = None
            self.send(b"{}")
            return
        self.hub.log.append(
            Asked(
                self.command,
                unquote(self.path),
                self.headers.get("Range"),
                "authorization" in self.headers,
                self.headers["Host"].split(":")[0],
            )
        )
        self.fault = self.hub.fault_for(path)
        _, kind, *rest = path.split("/")
        if kind == "cdn":
            self._content("/".join(rest))
            return
        if kind != "api":
            # Files of a model have no kind before their owner.
            rest = [kind, *rest] if kind == "datasets" else ["models", kind, *rest]
        name, repository, what, revision, tail = self._parts(rest)
        if repository is None:
            self.refuse(401, "RepoNotFound", "Repository not found")
        elif repository.gated:
            self.refuse(403, "GatedRepo", f"Access to {name} is restricted")
        elif revision not in ("main", repository.commit):
            self.refuse(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        elif what == "revision":
            tags = [f"license:{repository.licence}", "language:ja"]
            files = [{"rfilename": file} for file in sorted(repository.files)]
            known = {"id": name, "sha": repository.commit, "tags": tags, "siblings": files}
            self.send(json.dumps(known).encode())
        elif what == "tree":
            self._tree(repository, tail)
        else:
            self._resolve(name, repository, tail)

    def _parts(self, parts: list[str]) -> tuple[str, Repository | None, str, str, str]:
        """Return name, repository, verb, revision and the rest of `datasets/OWNER/NAME/VERB/REVISION/…`."""
        name = "/".join(parts[1:3])
        verb, revision = (*parts[3:5], "", "")[:2]
        return name, self.hub.repositories.get(name), verb, revision, "/".join(parts[5:])

    def _tree(self, repository: Repository, folder: str) -> None:
        inside = sorted(n for n in repository.files if not folder or n.startswith(f"{folder}/"))
        if not inside:
            self.refuse(404, "EntryNotFound", f"{folder} does not exist")
            return
        start = int(parse_qs(urlsplit(self.path).query).get("cursor", ["0"])[0])
        page = inside[start : start + PAGE]
        entries = [
            {
                "type": "file",
                "path": n,
                "size": len(repository.files[n]),
                "oid": _sha(repository, n)[:40],
            }
            for n in page
        ]
        headers = {}
        if start + PAGE < len(inside):
            where = self.path.split("?")[0]
            url = f"{self.hub.endpoint}{where}?recursive=True&cursor={start + PAGE}"
            headers["Link"] = f'<{url}>; rel="next"'
        self.send(json.dumps(entries).encode(), headers=headers)

    def _resolve(self, name: str, repository: Repository, file: str) -> None:
        if file not in repository.files:
            self.refuse(
                404, "EntryNotFound", "Entry not found", {"X-Repo-Commit": repository.commit}
            )
            return
        headers = {
            "Location": f"http://localhost:{self.hub.port}/cdn/{name}/{file}?{SIGNATURE}",
            "X-Repo-Commit": repository.commit,
            "X-Linked-Etag": f'"{_sha(repository, file)}"',
            "X-Linked-Size": str(len(repository.files[file])),
        }
        self.send(b"", 302, headers)

    def _content(self, path: str) -> None:
        owner, name, file = path.split("/", 2)
        content = self.hub.repositories[f"{owner}/{name}"].files[file]
        asked = self.headers.get("Range")
        if asked is None:
            self.send(content)
            return
        start = int(asked.removeprefix("bytes=").split("-")[0])
        size = len(content)
        self.send(content[start:], 206, {"Content-Range": f"bytes {start}-{size - 1}/{size}"})

    def refuse(
        self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        self.send(
            b"", status, {"X-Error-Code": code, "X-Error-Message": message, **(headers or {})}
        )

    def send(
        self, content: bytes, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> None:
        if fault := self.fault:
            self.fault = None
            fault(self, content)
            return
        self.send_response(status)
        for key, value in (headers or {}).items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


def busy(handler: _Handler, content: bytes) -> None:
    """Answer 429: come back at once."""
    handler.send(b"", 429, {"Retry-After": "0"})


def broken(handler: _Handler, content: bytes) -> None:
    """Answer 503."""
    handler.send(b"", 503)


def cut_after(size: int) -> Fault:
    """Announce all of the content, send some bytes of it, and hang up."""

    def cut(handler: _Handler, content: bytes) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content[:size])
        handler.wfile.flush()
        handler.close_connection = True

    return cut


def _sha(repository: Repository, file: str) -> str:
    return hashlib.sha256(repository.files[file]).hexdigest()
