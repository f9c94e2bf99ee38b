"""The hub's side of a push: a repository is made, files are announced, and one commit brings them."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import Any

WRITTEN = "fedcba9876543210fedcba9876543210fedcba98"


@dataclass
class Pushed:
    """What came of pushes: visibility by `kind/owner/name`, files by the same, the commit messages."""

    made: dict[str, str] = field(default_factory=dict)
    files: dict[str, dict[str, bytes]] = field(default_factory=dict)
    messages: list[str] = field(default_factory=list)
    refuses: int = 0

    def answer(self, path: str, body: bytes, endpoint: str) -> tuple[int, Any]:
        """Return the status and the JSON that a POST is answered with."""
        if self.refuses:
            return self.refuses, {"error": "a secret address"}
        if path == "/api/validate-yaml":
            return 200, {"errors": [], "warnings": []}
        if path == "/api/repos/create":
            return self._create(json.loads(body), endpoint)
        _, _, kinds, owner, name, verb, *_ = path.split("/")
        if verb == "preupload":
            wanted = json.loads(body)["files"]
            plain = {"uploadMode": "regular", "shouldIgnore": False, "oid": None}
            return 200, {"files": [{"path": file["path"], **plain} for file in wanted]}
        return self._commit(f"{kinds.removesuffix('s')}/{owner}/{name}", body, endpoint)

    def _create(self, asked: Any, endpoint: str) -> tuple[int, Any]:
        name = f"{asked['organization']}/{asked['name']}"
        key = f"{asked['type']}/{name}"
        known = key in self.made
        self.made.setdefault(key, asked["visibility"])
        prefix = "" if asked["type"] == "model" else f"{asked['type']}s/"
        return (409 if known else 200), {"url": f"{endpoint}/{prefix}{name}", "id": name}

    def _commit(self, key: str, body: bytes, endpoint: str) -> tuple[int, Any]:
        for line in body.splitlines():
            part = json.loads(line)
            if part["key"] == "header":
                self.messages.append(part["value"]["summary"])
            else:
                assert part["key"] == "file"
                content = base64.b64decode(part["value"]["content"])
                self.files.setdefault(key, {})[part["value"]["path"]] = content
        url = f"{endpoint}/{key.split('/', 1)[1]}/commit/{WRITTEN}"
        return 200, {"commitUrl": url, "commitOid": WRITTEN, "success": True}
