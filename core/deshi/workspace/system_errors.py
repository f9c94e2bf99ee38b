"""What the system refuses, in words: a full disk, a folder that is not there, a wrong permission."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

from deshi.api.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

_SPACE = "free some space, and run the same command again"
_ELSEWHERE = "name another place, or change its permissions"
_FIXES = {
    errno.ENOSPC: _SPACE,
    errno.EDQUOT: _SPACE,
    errno.EFBIG: "raise the limit of a file's size (ulimit -f), and run the same command again",
    errno.EACCES: _ELSEWHERE,
    errno.EPERM: _ELSEWHERE,
    errno.EROFS: _ELSEWHERE,
    errno.ENOENT: "name an existing file",
    errno.ENOTDIR: "a part of this path is a file; name another",
    errno.EISDIR: "name a file",
    errno.EEXIST: "name a new file or folder",
    errno.ENAMETOOLONG: "take a shorter name",
    errno.ELOOP: "its links go in a circle; name another place",
    errno.EMFILE: "raise the limit of open files (ulimit -n)",
    errno.EIO: "check the disk",
}
_OF_THE_MACHINE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EMFILE, errno.EIO)


def in_words(error: OSError, where: str = "") -> UsageError | None:
    """Return an error of the system as a message; None where the system did not raise it."""
    if error.errno is None:
        return None
    where = where or ("" if error.filename is None else str(error.filename))
    what = os.strerror(error.errno)
    return UsageError(what, where=where, fix=_FIXES.get(error.errno, "try it again, or elsewhere"))


def of_the_workspace(error: BaseException, root: Path, out: Path) -> UsageError | None:
    """Return what keeps every stage from its work, whichever met it first: a full disk, or a folder.

    Libraries in C lose the number of an error; `out` tells whether there is room.
    """
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno is not None:
            inside = str(cause.filename or "").startswith(f"{root}{os.sep}")
            refused = inside and cause.errno in (errno.EACCES, errno.EPERM)
            return in_words(cause, str(root)) if refused or cause.errno in _OF_THE_MACHINE else None
        cause = cause.__cause__ or cause.__context__
    if hasattr(os, "statvfs") and out.exists() and not os.statvfs(out).f_bavail:
        return in_words(OSError(errno.ENOSPC, ""), str(root))
    return None
