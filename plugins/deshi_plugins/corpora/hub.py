"""Files of a data set on the Hugging Face Hub, downloaded one at a time, on reading.

The client is `huggingface_hub`, with what it reads from the environment: HF_ENDPOINT, HF_HOME,
HF_HUB_OFFLINE, HF_TOKEN. What was downloaded stays in its cache, and so does a record of the listing,
without which an offline run could not know which files of a pattern it lacks.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any

from deshi.api import Env, Json, NotReadyError, UsageError, install_command
from deshi_plugins.corpora.hub_errors import failures, hub_error, is_unreachable

_LOG = logging.getLogger("deshi.corpus")
_COMMIT = re.compile("[0-9a-f]{40}")
_WILD = re.compile(r"[*?\[]")


@dataclass(frozen=True)
class Listing:
    """What a revision referred to when queried: the commit, the licence on the card, the files."""

    commit: str
    licence: str
    files: tuple[str, ...]


class HubFiles:
    """The files of a data set whose names match a pattern, in the order of their names.

    `*` in the pattern matches across folders, as in the Hub's own patterns. `revision` is a branch,
    a tag or a commit; whatever it is, all files are read from the one commit that it stood for.
    """

    def __init__(self, dataset: str, pattern: str, revision: str, log: logging.Logger) -> None:
        self.dataset = dataset
        self.pattern = pattern
        self.revision = revision
        self.log = log
        self._listing: Listing | None = None
        self._read: list[str] = []

    def __iter__(self) -> Iterator[tuple[str, Path]]:
        """Yield each file's name and, once it is here, its local path.

        Raises:
            NotReadyError: `huggingface_hub` is not installed, or the run is offline and lacks a file.
            UsageError: there is no such data set, revision or file, or it may not be read.
            ComponentError: the Hub did not respond, after the client's retries.
        """
        self._listing = listing = self._listed()
        self._read = []
        for name in listing.files:
            path = self._downloaded(name, listing.commit)
            self._read.append(name)
            yield name, path

    def report(self) -> Mapping[str, Json]:
        """Return what was read: data set, revision, the commit that it stood for, files, licence."""
        if self._listing is None:
            return {}
        return {
            "dataset": self.dataset,
            "revision": self.revision,
            "commit": self._listing.commit,
            "licence": self._listing.licence,
            "files": len(self._listing.files),
            "files-read": list(self._read),
        }

    def _listed(self) -> Listing:
        """Return the listing: the Hub's, or its record where the Hub cannot be reached.

        A commit never changes, so its record is as good as the Hub's.
        """
        client = _client()
        record = self._record(client)
        pinned = _COMMIT.fullmatch(self.revision) is not None
        if pinned and record.exists():
            return _read_record(record)
        try:
            listing = self._query_hub(client, record)
        except failures() as error:
            if not (is_unreachable(error) and record.exists()):
                raise hub_error(error, self.dataset, self.revision, self.pattern) from None
            listing = _read_record(record)
            what = "%s: the Hugging Face Hub was not reached; using the files of commit %s"
            self.log.warning(what, self.dataset, listing.commit)
        else:
            _write_record(record, listing)
        if not pinned:
            self.log.warning(
                "%s: revision '%s' may move to another commit; to read the same files again, "
                'set revision = "%s"',
                self.dataset,
                self.revision,
                listing.commit,
            )
        return listing

    def _query_hub(self, client: Any, record: Path) -> Listing:  # noqa: ANN401
        """Return the Hub's listing; while the commit is the same, so is the record."""
        api = client.HfApi(library_name="deshi")
        info = api.dataset_info(self.dataset, revision=self.revision, expand=["sha", "tags"])
        if record.exists() and (known := _read_record(record)).commit == info.sha:
            return known
        tree = api.list_repo_tree(
            self.dataset,
            _folder(self.pattern),
            recursive=True,
            revision=info.sha,
            repo_type="dataset",
        )
        names = sorted(
            entry.path
            for entry in tree
            if isinstance(entry, client.RepoFile) and fnmatchcase(entry.path, self.pattern)
        )
        if not names:
            raise UsageError(
                f"no file of the data set matches '{self.pattern}'",
                where=self.dataset,
                fix=f"list its files at revision {self.revision} and change the pattern",
            )
        licences = [t.removeprefix("license:") for t in info.tags or () if t.startswith("license:")]
        return Listing(info.sha, ", ".join(licences) or "unknown", tuple(names))

    def _downloaded(self, name: str, commit: str) -> Path:
        client = _client()
        self.log.info("reading %s of %s", name, self.dataset)
        try:
            path = client.hf_hub_download(
                self.dataset, name, repo_type="dataset", revision=commit, library_name="deshi"
            )
        except failures() as error:
            raise hub_error(error, self.dataset, self.revision, name) from None
        return Path(path)

    def _record(self, client: Any) -> Path:  # noqa: ANN401
        folder = client.cached_assets_path("deshi", namespace=self.dataset, subfolder="listings")
        query = json.dumps([self.revision, self.pattern])
        name = hashlib.blake2b(query.encode(), digest_size=16).hexdigest()
        return Path(folder) / f"{name}.json"


def log_of(env: Env) -> logging.Logger:
    """Return the log of a corpus; what it warns of stands in the results."""
    return env.log or _LOG


def _client() -> Any:  # noqa: ANN401
    """Return the client library, silenced: its warnings hold addresses that are signed.

    Raises NotReadyError if it is not installed.
    """
    try:
        import huggingface_hub
        from huggingface_hub.utils.tqdm import disable_progress_bars
    except ImportError:
        raise NotReadyError(
            "needs the extra 'hub', which is not installed",
            where="reading from the Hugging Face Hub",
            fix=f"run `{install_command('hub')}`, or set `path` to files on this disk",
        ) from None
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
    disable_progress_bars()
    return huggingface_hub


def _folder(pattern: str) -> str | None:
    """Return the deepest folder that a pattern fixes, so that no other is listed."""
    parts = PurePosixPath(pattern).parts[:-1]
    wild = (at for at, part in enumerate(parts) if _WILD.search(part))
    return "/".join(parts[: next(wild, len(parts))]) or None


def _read_record(record: Path) -> Listing:
    content = json.loads(record.read_text(encoding="utf-8"))
    return Listing(content["commit"], content["licence"], tuple(content["files"]))


def _write_record(record: Path, listing: Listing) -> None:
    aside = record.with_name(f"{record.stem}-{os.getpid()}.new")
    aside.write_text(json.dumps(asdict(listing)), encoding="utf-8")
    aside.replace(record)
