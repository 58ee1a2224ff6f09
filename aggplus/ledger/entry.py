"""What a row says of a solve or a decision, before the chain gives it a number, a time and a hash."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aggplus.errors import LedgerError
from aggplus.ledger.canonical import canonical_json, sha256

if TYPE_CHECKING:
    import pandas as pd

    from aggplus.ledger.fingerprint import MarketFingerprint
    from aggplus.model import Model
    from aggplus.portfolio import ModelPortfolio
    from universe import Market

SOLVE, DECISION = "solve", "decision"

_VERSIONS_OF = ("aggplus", "clarabel", "cvxpy", "numba", "numpy", "osqp", "pandas", "scikit-learn", "scipy")

_BESIDE = ("yields", "views")
"""Files that a model's expected returns may be read from."""

_GIVEN = "given"
"""The estimator of a covariance that was brought along; see `riskmodels.risk_model.GIVEN`."""


@dataclass(frozen=True)
class Entry:
    """The content of a row. Texts of `documents` go by the hash that the row names them by.

    Parameters
    ----------
    kind : {"solve", "decision"}
    asof : str
        YYYY-MM-DD.
    model_id : str
    status : str
        Of the solve; of a decision its action.
    market : str or None
        Its name, in print only; its content is in the two hashes.
    prices_hash, catalog_hash : str or None
        See `aggplus.ledger.fingerprint`.
    model_hash, versions_hash, files_hash, record_hash : str or None
        Of documents: the model, the versions of what makes numbers, the files that the model reads, its record so far.
    backend : str or None
    gap_bp, max_violation, kkt_residual : float or None
        Of the certificate.
    certified : bool or None
    weights, holdings : str or None
        JSON, fraction by ticker.
    own_input : str or None
        JSON, list of what came from Python and is not recorded: clauses by name, estimates.
    reasons : str
        JSON, list of sentences: why there is no portfolio; why it was decided so.
    readings : str or None
        JSON, of a decision.
    documents : mapping of hash to text
    """

    kind: str
    asof: str
    model_id: str
    status: str
    market: str | None
    prices_hash: str | None
    catalog_hash: str | None
    model_hash: str
    versions_hash: str
    files_hash: str | None
    record_hash: str | None
    backend: str | None
    gap_bp: float | None
    max_violation: float | None
    kkt_residual: float | None
    certified: bool | None
    weights: str | None
    holdings: str | None
    own_input: str | None
    reasons: str
    readings: str | None
    documents: Mapping[str, str]

    def columns(self) -> dict[str, Any]:
        """The columns that the entry fills."""
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name != "documents"}


def solve_entry(
    portfolio: ModelPortfolio,
    fingerprint: MarketFingerprint,
    holdings: Mapping[str, float] | pd.Series | None = None,
    record: pd.Series | None = None,
) -> Entry:
    """What a row says of a solve.

    Parameters
    ----------
    portfolio : ModelPortfolio
    fingerprint : MarketFingerprint
        Of the market that it was solved on.
    holdings, record : optional
        As they were given to the solve.

    Raises
    ------
    LedgerError
        When a file that the model names is gone.
    """
    from aggplus.holdings import checked_holdings  # with the engine, which entries made elsewhere do not need

    setting, certificate = portfolio.setting, portfolio.certificate
    held = checked_holdings(holdings)
    documents: dict[str, str] = {}
    files = files_of(setting.model)
    own = [f"the clause {name!r}" for name in setting.expressions]
    if setting.risk_model.estimator == _GIVEN:
        own.append("a covariance of the user's own")
    return Entry(
        kind=SOLVE,
        asof=f"{setting.asof:%Y-%m-%d}",
        model_id=setting.model.id,
        status=portfolio.status,
        market=_printable(setting.market),
        prices_hash=fingerprint.prices(setting.asof),
        catalog_hash=fingerprint.catalog,
        model_hash=_filed(model_document(setting.model), documents),
        versions_hash=_filed(library_versions(), documents),
        files_hash=None if files is None else _filed(files, documents),
        record_hash=None if record is None else _filed(record_document(record), documents),
        backend=portfolio.backend,
        gap_bp=None if certificate is None else _finite(certificate.gap_bp),
        max_violation=None if certificate is None else _finite(certificate.max_violation),
        kkt_residual=None if certificate is None else _finite(certificate.kkt_residual),
        certified=None if certificate is None else bool(certificate.ok),
        weights=canonical_json({str(ticker): float(weight) for ticker, weight in portfolio.weights.items()}),
        holdings=None if held is None else canonical_json(held),
        own_input=canonical_json(own) if own else None,
        reasons=canonical_json(list(portfolio.findings)),
        readings=None,
        documents=documents,
    )


def decision_entry(
    model: Model,
    decision: Mapping[str, Any],
    market: Market | None = None,
    fingerprint: MarketFingerprint | None = None,
) -> Entry:
    """What a row says of a decision.

    Parameters
    ----------
    model : Model
    decision : mapping
        With `date`, `action`, `reasons` (sentences) and `readings` (plain values).
    market : Market, optional
        That it was taken on.
    fingerprint : MarketFingerprint, optional
        Of that market.

    Raises
    ------
    LedgerError
        When the mapping lacks a key or holds what JSON cannot say; when a file that the model names is gone.
    """
    for key in ("date", "action", "reasons", "readings"):
        if key not in decision:
            raise LedgerError(f"decision: no {key!r}; expected the keys date, action, reasons, readings")
    day, files = _day(decision["date"]), files_of(model)
    documents: dict[str, str] = {}
    return Entry(
        kind=DECISION,
        asof=day,
        model_id=model.id,
        status=str(decision["action"]),
        market=None if market is None else _printable(market.name),
        prices_hash=None if fingerprint is None else fingerprint.prices(_timestamp(day)),
        catalog_hash=None if fingerprint is None else fingerprint.catalog,
        model_hash=_filed(model_document(model), documents),
        versions_hash=_filed(library_versions(), documents),
        files_hash=None if files is None else _filed(files, documents),
        record_hash=None,
        backend=None,
        gap_bp=None,
        max_violation=None,
        kkt_residual=None,
        certified=None,
        weights=None,
        holdings=None,
        own_input=None,
        reasons=_as_json(list(_sequence(decision["reasons"])), "reasons"),
        readings=_as_json(decision["readings"], "readings"),
        documents=documents,
    )


def model_document(model: Model) -> str:
    """A model in full, every default written out, so that a later version with other defaults reads the same model.

    Parameters
    ----------
    model : Model
    """
    return canonical_json(model.model_dump(mode="json"))


def record_document(record: pd.Series) -> str:
    """A model's own daily returns as JSON, days and returns; None for NaN.

    Parameters
    ----------
    record : Series
    """
    days = [day.isoformat() for day in record.index]
    return canonical_json([days, [None if math.isnan(value) else float(value) for value in record.tolist()]])


def files_of(model: Model) -> str | None:
    """The files that a model reads beside the market, by the key that names them; None where it reads none.

    Parameters
    ----------
    model : Model

    Raises
    ------
    LedgerError
        When one cannot be read.
    """
    named = {key: getattr(model.expected_return, key) for key in _BESIDE}
    texts: dict[str, str] = {}
    for key, path in named.items():
        if path is None:
            continue
        try:
            texts[key] = Path(path).read_bytes().decode("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise LedgerError(
                f"{path}: cannot be read for the ledger ({getattr(error, 'strerror', None) or 'not UTF-8 text'})"
            ) from None
    return canonical_json(texts) if texts else None


@cache
def library_versions() -> str:
    """The versions of aggplus and of the libraries that make numbers, as JSON."""
    return canonical_json({name: version(name) for name in _VERSIONS_OF})


def _filed(document: str, documents: dict[str, str]) -> str:
    digest = sha256(document)
    documents[digest] = document
    return digest


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _printable(name: str) -> str:
    # A folder's name may hold bytes that are no text.
    return name.encode("utf-8", "replace").decode().replace("\0", "")


def _timestamp(day: str) -> pd.Timestamp:
    import pandas

    return pandas.Timestamp(day)


def _day(value: Any) -> str:
    import pandas

    try:
        return f"{pandas.Timestamp(value):%Y-%m-%d}"
    except (TypeError, ValueError):
        raise LedgerError(f"decision: date {value!r} cannot be read; expected YYYY-MM-DD") from None


def _sequence(value: object) -> Sequence[Any]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise LedgerError(f"decision: reasons = {value!r}; expected a list of sentences")
    return value


def _as_json(value: Any, key: str) -> str:
    try:
        return canonical_json(value)
    except (TypeError, ValueError) as error:
        raise LedgerError(f"decision: {key} is no JSON ({error}); expected plain finite values") from None
