"""A market folder whose files change together: each state is a folder of its own, and one link says which is valid.

::

    DIR/current          -> generations/000002
    DIR/generations/000001, 000002     prices.parquet, catalog.csv, market.toml, changes.jsonl, manifest.json
    DIR/prices.parquet   -> current/prices.parquet, and so for each of the files

A state is written beside the valid one, to disk, and becomes valid by the one rename of the link `current`: whoever
kills the writer, or reads meanwhile, finds the old state or the new one. The state before stays, for those who still
read it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import filelock

from universe.errors import MarketError

CURRENT, GENERATIONS, MANIFEST = "current", "generations", "manifest.json"
_UNFINISHED = ".unfinished-"
_LOCK = ".lock"


def current_folder(folder: Path) -> Path:
    """Where the files of a market are: the valid state of one that is kept in generations, else the folder itself.

    Parameters
    ----------
    folder
        Of a market.
    """
    link = folder / CURRENT
    return folder / os.readlink(link) if link.is_symlink() else folder


def is_kept(folder: Path) -> bool:
    """Whether a folder is kept in generations."""
    return (folder / CURRENT).is_symlink()


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold a market against another writer; the system lets go of it when the process ends, however it ends.

    Raises
    ------
    MarketError
        If another process holds it, or the folder cannot be written to.
    """
    try:
        with filelock.FileLock(folder / _LOCK, timeout=0):
            yield
    except filelock.Timeout:
        raise MarketError(
            f"{folder} is being written by another process; wait until it has ended, then give the command again"
        ) from None
    except OSError as error:
        raise MarketError(f"{folder}: cannot be written ({error.strerror or error})") from None


def create(folder: Path, write: Callable[[Path], None]) -> None:
    """Make a market folder with its first state; it is there whole or not at all.

    Parameters
    ----------
    folder
        Not there, or empty.
    write
        Writes the files of the state into the folder it is given, which exists.

    Raises
    ------
    MarketError
        If there is something already, or it cannot be written.
    """
    require_new(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        whole = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".aggplus-"))
    except OSError as error:
        raise MarketError(f"{folder}: cannot be made ({error.strerror})") from None
    try:
        first = whole / GENERATIONS / _name(1)
        first.mkdir(parents=True)
        _write_state(first, write)
        os.symlink(first.relative_to(whole), whole / CURRENT)
        _link_files(whole, first)
        os.chmod(whole, 0o777 & ~_umask())
        _to_disk(whole)
        os.rename(whole, folder)
        _to_disk(folder.parent)
    except OSError as error:
        raise MarketError(f"{folder}: cannot be written ({error.strerror})") from None
    finally:
        shutil.rmtree(whole, ignore_errors=True)


def require_new(folder: Path) -> None:
    """Refuse a folder in which there is something already.

    Raises
    ------
    MarketError
        If there is.
    """
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise MarketError(f"{folder} is there already and is no folder; give another name")
    if is_kept(folder):
        raise MarketError(
            f"{folder} holds a market; bring it up to date (aggplus market update) or name another folder"
        )
    if folder.is_dir() and any(folder.iterdir()):
        raise MarketError(f"{folder} is not empty; name a folder that is not there yet")


def replace(folder: Path, write: Callable[[Path], None]) -> None:
    """Give a market its next state; to be called by who holds it `alone`.

    Parameters
    ----------
    folder
        Kept in generations.
    write
        Writes the files of the state into the folder it is given, which exists.

    Raises
    ------
    MarketError
        If it cannot be written; then the market is as it was.
    """
    now = current_folder(folder)
    states = folder / GENERATIONS
    try:
        _clear(states, keep=(now.name, *_before(states, now.name)))
        fresh = Path(tempfile.mkdtemp(dir=states, prefix=_UNFINISHED))
        try:
            _write_state(fresh, write)
            os.chmod(fresh, 0o777 & ~_umask())
            next_one = states / _name(int(now.name) + 1)
            os.rename(fresh, next_one)
            _to_disk(states)
        except BaseException:
            shutil.rmtree(fresh, ignore_errors=True)
            raise
        _point(folder, next_one)
        _link_files(folder, next_one)
        _clear(states, keep=(next_one.name, now.name))
    except OSError as error:
        raise MarketError(f"{folder}: cannot be written ({error.strerror})") from None


def disagreeing(state: Path) -> list[str]:
    """The files of a state that are not what was written, by their hashes.

    Parameters
    ----------
    state
        As `current_folder` gives it.

    Raises
    ------
    MarketError
        If it has no record of its hashes.
    """
    try:
        written = dict(json.loads((state / MANIFEST).read_bytes())["sha256"])
    except (OSError, ValueError, KeyError, TypeError):
        raise MarketError(f"{state / MANIFEST} cannot be read; build the market anew") from None
    return [name for name, digest in sorted(written.items()) if _digest(state / name) != digest]


def _write_state(state: Path, write: Callable[[Path], None]) -> None:
    write(state)
    digests = {file.name: _digest(file) for file in sorted(state.iterdir())}
    (state / MANIFEST).write_text(json.dumps({"sha256": digests}, indent=1) + "\n", encoding="utf-8")
    for file in state.iterdir():
        _to_disk(file)
    _to_disk(state)


def _point(folder: Path, state: Path) -> None:
    """Make a state the valid one, in one step."""
    fresh = folder / f".{CURRENT}"
    fresh.unlink(missing_ok=True)
    os.symlink(state.relative_to(folder), fresh)
    os.replace(fresh, folder / CURRENT)
    _to_disk(folder)


def _link_files(folder: Path, state: Path) -> None:
    for file in state.iterdir():
        link = folder / file.name
        if file.name != MANIFEST and not link.is_symlink():
            os.symlink(Path(CURRENT) / file.name, link)


def _clear(states: Path, keep: Sequence[str]) -> None:
    """Take away states that nobody needs: older ones, and what a killed writer has left."""
    for folder in states.iterdir():
        if folder.name not in keep:
            shutil.rmtree(folder, ignore_errors=True)


def _before(states: Path, now: str) -> list[str]:
    return sorted(folder.name for folder in states.iterdir() if folder.name.isdigit() and folder.name < now)[-1:]


def _name(number: int) -> str:
    return f"{number:06d}"


def _digest(file: Path) -> str | None:
    try:
        with file.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()
    except OSError:
        return None


def _to_disk(path: Path) -> None:
    if os.name == "nt" and path.is_dir():  # a folder cannot be opened there
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
