"""All that is known of one fund on a day, and which models may hold it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from aggplus.fund_sheet.price_history import PriceHistory, price_history
from aggplus.model import Model
from aggplus.palette import admitted, screened
from constraints import clauses_of
from universe import SECTORS, AsOf, Market, MarketError, close_on, until
from universe.wording import did_you_mean

LABELS = ("issuer", "sub_sector", "currency_exposure", "maturity_bucket", "credit_quality", "tax_status")
FLAGS = ("leveraged_or_inverse", "options_overlay", "delisted")
FIGURES = ("expense_ratio_bp", "effective_duration_years", "aum_usd_mm", "adv_usd_mm")
DAYS = ("as_of", "first_trade_date", "last_price_date")

_TICKER_CUTOFF = 0.6
"""Three letters of which one is wrong."""


@dataclass(frozen=True)
class Eligible:
    """Whether a model may hold a fund on a day.

    Parameters
    ----------
    model : str
        Its id.
    reason : str or None
        Why not; None where it may.
    """

    model: str
    reason: str | None


@dataclass(frozen=True)
class FundSheet:
    """All that is known of one fund on a day.

    Parameters
    ----------
    ticker, name, sector : str
    labels : dict of str to str, bool or None
        Of the catalog; None unknown.
    facts : dict of str to float, str or None
        Figures of the catalog (bp, years, USD millions) and its days; those are as of `as_of`, not of the day.
    prices : PriceHistory or None
        None for a fund without a close by the day.
    eligible : tuple of Eligible
    """

    ticker: str
    name: str
    sector: str
    labels: dict[str, str | bool | None]
    facts: dict[str, float | str | None]
    prices: PriceHistory | None
    eligible: tuple[Eligible, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain Python values, as `aggplus market show TICKER --json` writes them."""
        return asdict(self)


def fund_sheets(
    market: Market, tickers: Sequence[str], models: Sequence[Model], benchmark: str, asof: str | None = None
) -> tuple[AsOf, tuple[FundSheet, ...]]:
    """The sheets of some funds on a day, point in time: later closes are not looked at.

    Without prices of the benchmark there are no betas; everything else is there.

    Parameters
    ----------
    market : Market
    tickers : sequence of str
    models : sequence of Model
        Whose screens the funds go through.
    benchmark : str
        Ticker that betas are measured against.
    asof : str, optional
        By default the last close.

    Raises
    ------
    MarketError
        When a ticker is not in the catalog, or the day is not within the market.
    """
    for ticker in tickers:
        if ticker not in market.catalog.index:
            hint = did_you_mean(ticker, market.catalog.index, _TICKER_CUTOFF)
            raise MarketError(f"ticker {ticker!r} is not in the catalog of {market.name}{hint}")
    day = close_on(market, asof)
    known = until(market, day.date)
    against = known.prices.get(benchmark)
    reasons = [_reasons(known, day, model) for model in models]
    sheets = []
    for ticker, row in zip(tickers, (row for _, row in known.catalog.loc[list(tickers)].iterrows()), strict=True):
        eligible = tuple(Eligible(model.id, why.get(ticker)) for model, why in zip(models, reasons, strict=True))
        closes = known.prices[ticker] if ticker in known.prices.columns else None
        history = None if closes is None else price_history(closes, against)
        sheets.append(_sheet(row, ticker, history, eligible))
    return day, tuple(sheets)


def _reasons(known: Market, day: AsOf, model: Model) -> dict[str, str]:
    """Why each fund is left out, as a solve of the day would say it."""
    wide = screened(known, day, model.universe, model.window_days, model.risk_model.window_days)
    excluded = admitted(wide, clauses_of(model.limits, None), day).excluded
    return {str(ticker): str(reason) for ticker, reason in excluded["reason"].items()}


def _sheet(row: pd.Series, ticker: str, history: PriceHistory | None, eligible: tuple[Eligible, ...]) -> FundSheet:
    labels: dict[str, str | bool | None] = {name: None if pd.isna(row[name]) else str(row[name]) for name in LABELS}
    labels |= {name: None if pd.isna(row[name]) else bool(row[name]) for name in FLAGS}
    facts: dict[str, float | str | None] = {name: None if np.isnan(row[name]) else float(row[name]) for name in FIGURES}
    facts |= {name: None if pd.isna(row[name]) else f"{row[name]:%Y-%m-%d}" for name in DAYS}
    return FundSheet(ticker, str(row["name"]), SECTORS[str(row["sector"])].title, labels, facts, history, eligible)
