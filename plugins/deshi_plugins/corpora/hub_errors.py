"""Errors of the Hugging Face Hub, in the user's terms.

The client's own messages contain addresses, which may be signed, and any text of the server. None of
that is passed on: the kind of error and the status suffice.
"""

from __future__ import annotations

from deshi.api import ComponentError, DeshiError, NotReadyError, UsageError

_RATE_LIMITED = 429


def is_unreachable(error: Exception) -> bool:
    """Return whether the Hub did not respond: offline, no connection, or a fault of its own."""
    import httpx2
    from huggingface_hub.errors import OfflineModeIsEnabled

    status = _status(error)
    if status is not None:
        return status >= 500
    return isinstance(error, httpx2.TransportError | OfflineModeIsEnabled)


def failures() -> tuple[type[Exception], ...]:
    """Return the client's exceptions for faults of the Hub, the connection, the disk or a name."""
    import httpx2

    return (httpx2.HTTPError, OSError, ValueError, KeyError, TypeError)


def hub_error(
    error: Exception, dataset: str, revision: str, file: str, *, kind: str = "data set"
) -> DeshiError:
    """Return the error to raise for one of the client's `failures`; `file` is a name or a pattern.

    `kind` is a data set or a model.
    """
    from huggingface_hub import errors

    if isinstance(error, errors.HFValidationError):
        fix = "write it as owner/name"
        return UsageError(f"not a valid name of a {kind}", where=dataset, fix=fix)
    if isinstance(error, errors.GatedRepoError):
        fix = "accept its terms on its page, then set HF_TOKEN to a token that may read it"
        return UsageError(f"access to the {kind} must be requested", where=dataset, fix=fix)
    if isinstance(error, errors.RepositoryNotFoundError):
        fix = "check the name; if it is private, set HF_TOKEN to a token that may read it"
        return UsageError(f"the Hugging Face Hub has no such {kind}", where=dataset, fix=fix)
    if isinstance(error, errors.RevisionNotFoundError):
        fix = "name a branch, a tag or a commit of 40 digits"
        return UsageError(f"there is no revision '{revision}'", where=dataset, fix=fix)
    if isinstance(error, errors.RemoteEntryNotFoundError):
        what = f"revision '{revision}' has no such file"
        fix = "check the name and the revision"
        return UsageError(what, where=f"{dataset}/{file}", fix=fix)
    return _unanswered(error, f"{dataset}/{file}")


def _unanswered(error: Exception, where: str) -> DeshiError:
    """Return the error for a failed download."""
    import httpx2
    from huggingface_hub import constants, errors

    again = "run again: downloaded files are kept"
    cause = _cause(error)
    status = _status(cause)
    if constants.is_offline_mode() and not status:
        fix = "unset HF_HUB_OFFLINE and run once with a connection"
        return NotReadyError(
            "it is not in the cache, and this run is offline", where=where, fix=fix
        )
    if status in (401, 403):
        fix = "set HF_TOKEN to a token that may read it"
        return UsageError(
            f"the Hugging Face Hub refused access (status {status})", where=where, fix=fix
        )
    if status == _RATE_LIMITED:
        fix = f"wait, then {again}; with HF_TOKEN set the limit is higher"
        return ComponentError(
            "the Hugging Face Hub rejected the request: too many requests", where=where, fix=fix
        )
    if status is not None:
        return ComponentError(
            f"the Hugging Face Hub returned status {status}", where=where, fix=again
        )
    if isinstance(cause, httpx2.TransportError | errors.EntryNotFoundError):
        what = f"the connection to the Hugging Face Hub failed ({type(cause).__name__})"
        return ComponentError(what, where=where, fix=f"check it and HF_ENDPOINT, then {again}")
    if isinstance(cause, OSError) and cause.errno:
        fix = "free some space in HF_HOME, or set it to another folder"
        return ComponentError(f"it could not be stored ({cause.strerror})", where=where, fix=fix)
    what = f"the Hugging Face Hub sent other data than announced ({type(cause).__name__})"
    return ComponentError(what, where=where, fix=f"check HF_ENDPOINT, then {again}")


def _cause(error: Exception) -> Exception:
    """Return the cause of a look-up in the cache, where that failed as well."""
    from huggingface_hub.errors import LocalEntryNotFoundError

    cause = error.__cause__
    return (
        cause
        if isinstance(error, LocalEntryNotFoundError) and isinstance(cause, Exception)
        else error
    )


def _status(error: Exception) -> int | None:
    from huggingface_hub.errors import HfHubHTTPError

    return error.response.status_code if isinstance(error, HfHubHTTPError) else None
