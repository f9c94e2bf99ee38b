"""Push a published folder to the hub, in one commit a repository."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from deshi.api import ComponentError, NotReadyError, UsageError, install_command

Repository = Literal["model", "dataset"]


def push(folder: Path, repository: str, kind: Repository, *, public: bool, message: str) -> str:
    """Make the repository where there is none, add the folder's files in one commit, return its address.

    A repository that is there keeps its visibility, and files of other names. The token is that of the
    client: HF_TOKEN, or what `hf auth login` stored.

    Raises:
        NotReadyError: the extra `hub` is missing, or there is no token.
        UsageError: the hub refuses the name or the token.
        ComponentError: the hub or the connection failed; nothing or all was committed.
    """
    try:
        from huggingface_hub import CommitOperationAdd, HfApi, get_token
    except ImportError:
        raise NotReadyError(
            "the client of the Hugging Face Hub is not installed",
            where=repository,
            fix=f"run `{install_command('hub')}`, or publish to a folder with --to",
        ) from None
    if not get_token():
        raise NotReadyError(
            "no token for the Hugging Face Hub",
            where=repository,
            fix="set HF_TOKEN to one that may write",
        )
    api = HfApi()
    try:
        made = api.create_repo(repository, repo_type=kind, private=not public, exist_ok=True)
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        added = [CommitOperationAdd(f.relative_to(folder).as_posix(), f) for f in files]
        api.create_commit(repository, added, commit_message=message, repo_type=kind)
    except Exception as error:
        raise _told(error, repository) from error
    return str(made)


def _told(error: Exception, repository: str) -> UsageError | ComponentError:
    """Return the error to raise; what the server said may hold addresses, and is not passed on."""
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    if isinstance(error, HFValidationError):
        what, fix = "not a repository name", "write it as owner/name"
        return UsageError(what, where=repository, fix=fix)
    if isinstance(error, HfHubHTTPError):
        status = error.response.status_code
        if status in (401, 403):
            what = f"the Hugging Face Hub refused access (status {status})"
            fix = "set HF_TOKEN to a token that may write to it"
            return UsageError(what, where=repository, fix=fix)
        what = f"the Hugging Face Hub returned status {status}"
        return ComponentError(what, where=repository, fix="try again")
    what = f"the push failed ({type(error).__name__})"
    fix = "check the connection and HF_ENDPOINT, then try again"
    return ComponentError(what, where=repository, fix=fix)
