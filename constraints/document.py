"""Read a model document: TOML, what it extends, and a refusal that tells what to write instead."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from constraints.errors import MandateError
from constraints.merging import Document, merge_documents
from constraints.refusal import refusal

Model = TypeVar("Model", bound=BaseModel)

_BASE = "extends"


def read_document(path: Path) -> Document:
    """Parse one TOML file.

    Raises
    ------
    MandateError
        When it cannot be read, is not UTF-8 or is not TOML.
    """
    try:
        raw = path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        reason = getattr(error, "strerror", None) or error
        raise MandateError(f"{path}: cannot be read ({reason}); expected a model document in TOML") from None
    try:
        return tomllib.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise MandateError(f"{path}: not UTF-8 text (byte {error.start}); save the document as UTF-8") from None
    except (ValueError, RecursionError) as error:  # beside TOMLDecodeError: endless digits, endless brackets
        raise MandateError(f"{path}: not valid TOML: {error}") from None


def resolve_document(
    path: Path, find: Callable[[str, Path], Path], files: Collection[tuple[str, str]] = ()
) -> Document:
    """A document with everything it extends merged in, most basic first.

    They merge as `merge_documents` says.

    Parameters
    ----------
    path : Path
        The document.
    find : callable
        From what `extends` says and the document that says it to the file it means.
    files : collection of (table, key)
        Settings that name a file, which is looked for in the folder of the document that states it.

    Raises
    ------
    MandateError
        When a document cannot be read, or extends itself.
    """
    return merge_chain([document for _, document in document_chain(path, find, files)])


def document_chain(
    path: Path, find: Callable[[str, Path], Path], files: Collection[tuple[str, str]] = ()
) -> list[tuple[Path, Document]]:
    """A document and everything it extends, itself first and the most basic last; each as it is, without `extends`.

    Parameters
    ----------
    path : Path
    find : callable
    files : collection of (table, key)
        As for `resolve_document`.

    Raises
    ------
    MandateError
        When a document cannot be read, or extends itself.
    """
    chain: list[tuple[Path, Document]] = []
    seen: list[Path] = []
    current = path
    said_by = ""
    while True:
        try:
            document = read_document(current)
        except MandateError as error:
            raise MandateError(f"{said_by}{error}") from None
        resolved = current.resolve()
        if resolved in seen:
            names = " -> ".join(p.name for p in [*seen, resolved])
            raise MandateError(f"{path}: extends itself ({names}); remove one of the `extends`")
        seen.append(resolved)
        base = document.pop(_BASE, None)
        chain.append((current, files_beside(document, current.parent, files)))
        if base is None:
            return chain
        if not isinstance(base, str):
            raise MandateError(f"{current}: extends = {base!r}: expected the name or the path of one model document")
        said_by = f"{current}: extends = {base!r}: "
        current = find(base, current)


def merge_chain(chain: Sequence[Document]) -> Document:
    """One document of a chain of them.

    Parameters
    ----------
    chain : sequence of dict
        As `document_chain` gives them, the most basic last.
    """
    merged: Document = {}
    for document in reversed(chain):
        merged = merge_documents(merged, document)
    return merged


def validate_document(kind: type[Model], document: Mapping[str, Any], where: str) -> Model:
    """Check a document against its schema.

    Parameters
    ----------
    kind : pydantic model
    document : mapping
    where : str
        File or origin, for the message.

    Raises
    ------
    MandateError
        With one line: every key that is wrong, its value, what was expected, and the key probably meant.
    """
    try:
        return kind.model_validate(document)
    except ValidationError as error:
        raise MandateError(f"{where}: {refusal(kind, error)}") from None


def files_beside(document: Document, folder: Path, files: Collection[tuple[str, str]]) -> Document:
    """A document in which settings that name a file name it by its path, read from the document's folder.

    Parameters
    ----------
    document : dict
    folder : Path
        Where the document stands.
    files : collection of (table, key)
        Settings that name a file.
    """
    found = dict(document)
    for table, key in files:
        stated = found.get(table)
        if isinstance(stated, dict) and isinstance(stated.get(key), str) and stated[key]:
            found[table] = {**stated, key: str(folder / Path(stated[key]).expanduser())}
    return found
