"""Is a ledger what was written? Every hash is worked out again, and the chain is walked back from its head.

The row that the head names was the last; the row whose hash it carries as `previous_hash` came before it, and so on.
That gives each row the place in which it was appended, whatever number it bears now. A row on the chain whose content
has another hash was edited; one that stands elsewhere was moved; a place without a row is a missing row; a row that
nothing after it follows was put in. Whoever may write to the database can write the whole chain anew, head and all:
against that, keep the hash of the head in another place and ask for it here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aggplus.ledger.canonical import row_hash, sha256
from aggplus.ledger.schema import DOCUMENT_COLUMNS, DOCUMENTS, GENESIS, ROWS
from aggplus.ledger.store import Ledger


@dataclass(frozen=True)
class Finding:
    """Something in a ledger that was not written so.

    Parameters
    ----------
    row : int or None
        Its number; None where no one row is meant.
    what : {"edited", "missing", "inserted", "moved", "document", "head"}
    words : str
    """

    row: int | None
    what: str
    words: str


@dataclass(frozen=True)
class _Link:
    """What the walk needs of a row: number, both hashes as stored, and the content's own hash."""

    number: int
    previous: str
    stored: str
    worked_out: str
    documents: tuple[str, ...]


def verify(ledger: Ledger, head: str | None = None) -> tuple[Finding, ...]:
    """Find what was changed in a ledger; nothing where all is as it was written.

    Parameters
    ----------
    ledger : Ledger
    head : str, optional
        Hash of a row, written down earlier in another place: it has to be in the chain still.

    Returns
    -------
    tuple of Finding
        By row.

    Raises
    ------
    LedgerError
        When the ledger cannot be read.
    """
    last, last_hash = ledger.head
    links = [_link(row) for page in ledger.pages(ROWS, ROWS.c.id) for row in page]
    # Others may append meanwhile: what lies between the two heads is theirs, what lies behind both was put in.
    newest, _ = ledger.head
    known = [link for link in links if link.number <= last or link.number > newest]
    findings = _chain_findings(known, last, last_hash) + _document_findings(ledger, known)
    if head is not None and head != GENESIS and head not in {link.stored for link in links}:
        findings.append(
            Finding(None, "head", f"no row has the hash {head}: the ledger is another, or was written anew since")
        )
    return tuple(sorted(findings, key=lambda finding: finding.row or 0))


def _link(row: Mapping[str, Any]) -> _Link:
    return _Link(
        number=row["id"],
        previous=str(row["previous_hash"]),
        stored=str(row["hash"]),
        worked_out=row_hash(row),
        documents=tuple(str(row[name]) for name in DOCUMENT_COLUMNS if row[name] is not None),
    )


def _chain_findings(links: list[_Link], last: int, last_hash: str) -> list[Finding]:
    by_hash = {link.stored: link for link in links}
    by_number = {link.number: link for link in links}
    followed = {link.previous for link in links}
    findings: list[Finding] = []
    on_chain: set[int] = set()
    missing: list[tuple[int, int]] = []
    place, wanted = last, last_hash
    if wanted not in by_hash and place > (top := max(by_number, default=0)):
        missing.append((top + 1, place))
        place, wanted = top, _hash_at(top, by_number)
    while place > 0:
        if len(on_chain) == len(links):
            missing.append((1, place))
            break
        link = by_hash.get(wanted)
        broken = link is None or link.number in on_chain
        if broken:
            # The row that bears the number stands in, unless it is the one that another row follows.
            link = by_number.get(place)
        if link is None or link.number in on_chain or (broken and link.stored in followed):
            missing.append((place, place))
            # Without it nobody says which row came before.
            wanted = _hash_at(place - 1, by_number)
        else:
            finding = _judged(link, place, broken, last)
            findings += [] if finding is None else [finding]
            on_chain.add(link.number)
            # Where an edited row names a hash that no row has, that may be the edit.
            trusted = finding is None or finding.what != "edited" or link.previous in by_hash
            wanted = link.previous if trusted else _hash_at(place - 1, by_number)
        place -= 1
    findings += [
        Finding(first, "missing", f"row {first} is missing" if first == end else f"rows {first} to {end} are missing")
        for first, end in _joined(missing)
    ]
    findings += [
        Finding(link.number, "inserted", f"row {link.number} was put in: nothing in the chain follows it")
        for link in links
        if link.number not in on_chain
    ]
    return findings


def _judged(link: _Link, place: int, broken: bool, last: int) -> Finding | None:
    """What is wrong with the row that was appended at a place."""
    if broken:
        follower = f"row {place + 1} follows" if place < last else "the head names"
        words = f"row {place} was edited: its hash is not the one that {follower}"
        return Finding(place, "edited", words)
    if link.number != place:
        return Finding(link.number, "moved", f"row {link.number} was moved: it was appended as row {place}")
    if link.worked_out != link.stored:
        words = f"row {place} was edited: its content no longer has the hash that it was given"
        return Finding(place, "edited", words)
    return None


def _hash_at(place: int, by_number: Mapping[int, _Link]) -> str:
    link = by_number.get(place)
    return GENESIS if link is None else link.stored


def _joined(missing: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Ranges in falling order, neighbours joined."""
    joined: list[tuple[int, int]] = []
    for first, end in missing:
        if joined and joined[-1][0] == end + 1:
            joined[-1] = (first, joined[-1][1])
        else:
            joined.append((first, end))
    return joined


def _document_findings(ledger: Ledger, links: list[_Link]) -> list[Finding]:
    sound: set[str] = set()
    edited: set[str] = set()
    for page in ledger.pages(DOCUMENTS, DOCUMENTS.c.hash):
        for row in page:
            (sound if sha256(str(row["content"])) == row["hash"] else edited).add(row["hash"])
    named: dict[str, list[int]] = {}
    for link in links:
        for digest in link.documents:
            if digest not in sound:
                named.setdefault(digest, []).append(link.number)
    return [
        Finding(
            rows[0],
            "document",
            f"row {rows[0]}: its document {digest[:12]}... {'was edited' if digest in edited else 'is missing'}"
            + (f" (named by {len(rows)} rows)" if len(rows) > 1 else ""),
        )
        for digest, rows in named.items()
    ]
