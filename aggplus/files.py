"""Files that are either whole or not there."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from aggplus.desk_errors import OutputError


def require_writable(path: Path) -> None:
    """Refuse a file that cannot be written, so that no work is done for it first.

    Parameters
    ----------
    path : Path

    Raises
    ------
    OutputError
        When its folder does not exist or cannot be written to, or the path is a folder itself.
    """
    try:
        if path.is_dir():
            raise OutputError(f"{path}: cannot be written (it is a folder); give the name of a file")
        if not path.parent.is_dir():
            raise OutputError(f"{path}: the folder {path.parent} does not exist; make it first")
        place = path if _special(path) else _target(path).parent
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror}); choose another name") from None
    if not os.access(place, os.W_OK):
        raise OutputError(f"{path}: cannot be written (no permission to write to {place}); choose another folder")


def write_whole(path: Path, content: bytes) -> None:
    """Write a file in one step: a reader sees the old content or the new, never half.

    A link is followed, and a device or a pipe is written to as it is: there is nothing to keep whole.

    Parameters
    ----------
    path : Path
        In a folder that exists.
    content : bytes

    Raises
    ------
    OutputError
        When the folder does not exist or cannot be written to.
    """
    require_writable(path)
    try:
        if _special(path):
            path.write_bytes(content)
        else:
            _replace(_target(path), content)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror})") from None


def _replace(path: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".aggplus-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp makes files for the owner alone; a result is meant to be read like any other file.
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
    except BaseException:
        # Whatever stops it, an interrupt by the user too: nothing half-written stays behind.
        Path(name).unlink(missing_ok=True)
        raise


def _special(path: Path) -> bool:
    """Whether something that is neither a file nor a folder stands there: /dev/stdout, a named pipe."""
    return path.exists() and not path.is_file() and not path.is_dir()


def _target(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
