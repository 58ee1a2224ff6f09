"""The folder that keeps what a batch has done, so that a run that was stopped goes on from there."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from aggplus.batch_run.identity import Identity
from aggplus.batch_run.outcome import Finished, Outcome
from aggplus.batch_run.result import BatchResult
from aggplus.errors import OutputError
from aggplus.files import write_whole

_IDENTITY = "computed_from"
_DIGEST = "returns_sha256"


@dataclass(frozen=True)
class ResultsFolder:
    """Of each variant a record, `variants/ID.json`, and its daily net returns, `variants/ID.csv`.

    A record is written after its returns and says what both were computed from: who finds it finds a whole result.

    Parameters
    ----------
    path : Path
    """

    path: Path

    @classmethod
    def at(cls, path: Path) -> ResultsFolder:
        """The folder, made where it is missing.

        Raises
        ------
        OutputError
            When it cannot be made.
        """
        try:
            (path / "variants").mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"{path}: cannot be made a folder ({error.strerror})") from None
        return cls(path)

    def kept(self, model: str, name: str, identity: Identity) -> Finished | frozenset[str] | None:
        """The result of a model as it was kept.

        Parameters
        ----------
        model, name : str
            Its id and its name.
        identity : dict
            What it would be computed from now.

        Returns
        -------
        Finished, frozenset of str, or None
            The result; the parts of its identity that have changed; or None where there is no whole result.
        """
        try:
            record: dict[str, Any] = json.loads(self._record(model).read_bytes())
            digest, before = record.pop(_DIGEST), dict(record.pop(_IDENTITY))
            content = None if digest is None else self._returns(model).read_bytes()
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None
        changed = frozenset(part for part in identity if before.get(part) != identity[part])
        if changed:
            return changed
        if content is not None and hashlib.sha256(content).hexdigest() != digest:
            return None
        return Finished(model, name, record, None if content is None else _series(content))

    def keep(self, outcome: Outcome, identity: Identity) -> None:
        """Write a result; one that is refused is not kept, and what an earlier run left of it is taken away.

        Parameters
        ----------
        outcome : Finished or Refusal
        identity : dict

        Raises
        ------
        OutputError
            When it cannot be written, or what is there cannot be taken away.
        """
        if not isinstance(outcome, Finished):
            for file in (self._record(outcome.model), self._returns(outcome.model)):
                _take_away(file)
            return
        content = None if outcome.net is None else _csv(outcome.net.to_frame("net"))
        if content is not None:
            # Until the new record is there the old one would speak of these returns.
            _take_away(self._record(outcome.model))
            write_whole(self._returns(outcome.model), content)
        digest = None if content is None else hashlib.sha256(content).hexdigest()
        record = {**outcome.record, _DIGEST: digest, _IDENTITY: identity}
        write_whole(self._record(outcome.model), _json(record))

    def finish(self, result: BatchResult) -> None:
        """Write the table of all variants, and their returns side by side.

        Parameters
        ----------
        result : BatchResult

        Raises
        ------
        OutputError
            When they cannot be written.
        """
        write_whole(self.path / "table.csv", result.table.to_csv(index=False).encode())
        if result.returns is not None:
            write_whole(self.path / "returns.csv", _csv(result.returns))

    def _record(self, model: str) -> Path:
        return self.path / "variants" / f"{model}.json"

    def _returns(self, model: str) -> Path:
        return self.path / "variants" / f"{model}.csv"


def _take_away(file: Path) -> None:
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"{file}: cannot be replaced ({error.strerror}); choose another folder") from None


def _json(record: dict[str, Any]) -> bytes:
    return (json.dumps(record, indent=1, allow_nan=False) + "\n").encode()


def _csv(returns: pd.DataFrame) -> bytes:
    """Days, and returns in as many digits as read back to the same bits."""
    return returns.to_csv(index_label="date", date_format="%Y-%m-%d").encode()


def _series(content: bytes) -> pd.Series:
    # Python reads back the bits that were written; how pandas reads depends on its version.
    _, *rows = content.decode().splitlines()
    cells = [row.split(",") for row in rows]
    days = pd.DatetimeIndex([day for day, _ in cells], name="date")
    return pd.Series([float(net) for _, net in cells], index=days, name="net")
