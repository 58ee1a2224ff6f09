"""The catalog of the simulated palette: what is published about each fund, with blanks as real ones have them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from universe.simulated.palette import BENCHMARK, Fund

AS_OF = "2024-01-31"

_IN_AGGREGATE = frozenset({"aggregate", "treasury", "agency", "mbs", "ig_corporate", "abs_cmbs"})
# Two giants whose trading volume nobody published, as in real catalogs: the largest funds of these kinds.
_GIANTS_WITHOUT_VOLUME = ("20+ Year Treasury", "Inflation-Linked Treasury")
_BLANK_SEED = 421
# How many funds have figures blank, beside the closed ones, of which nothing is published any more.
_NO_FIGURES, _NO_VOLUME, _NO_FEE, _NO_MANAGEMENT, _NO_DURATION = 16, 14, 14, 26, 250


def _bucket(fund: Fund) -> str:
    if fund.maturity_year is not None and fund.end is None:
        return f"{fund.style.bucket} {fund.maturity_year}"
    return fund.style.bucket


def _duration(fund: Fund) -> float:
    life = 1.0
    if fund.maturity_year is not None:
        life = (pd.Timestamp(fund.maturity_year, 12, 15) - pd.Timestamp(AS_OF)).days / 365.25
    return round(fund.duration * life, 2)


def _facts(fund: Fund, last_price: float) -> dict[str, object]:
    open_ = fund.end is None
    style = fund.style
    return {
        "ticker": fund.ticker,
        "name": fund.name,
        "issuer": fund.issuer if open_ else None,
        "sector": style.sector,
        "sub_sector": style.sub_sector if open_ else None,
        "currency_exposure": style.currency,
        "maturity_bucket": _bucket(fund),
        "effective_duration_years": _duration(fund) if open_ else np.nan,
        "credit_quality": style.quality or None if open_ else None,
        "tax_status": "muni" if style.sector == "municipal" else "taxable",
        "leveraged_or_inverse": style.sector == "leveraged_inverse",
        "options_overlay": style.options,
        "actively_managed": fund.active if open_ else np.nan,
        "inception_date": f"{fund.inception:%Y-%m-%d}" if open_ else None,
        "expense_ratio_bp": fund.fee_bp if open_ else np.nan,
        "aum_usd_mm": fund.aum_mm if open_ else np.nan,
        "adv_usd_mm": fund.adv_mm if open_ else np.nan,
        "avg_daily_volume_shares": float(round(fund.adv_mm * 1e6 / last_price)) if open_ else np.nan,
        "as_of": AS_OF if open_ else None,
        "aggregate_index_member": open_ and style.sector in _IN_AGGREGATE,
        "first_trade_date": f"{fund.start:%Y-%m-%d}",
        "delisted": not open_,
        "last_price_date": f"{fund.end:%Y-%m-%d}" if fund.end is not None else None,
    }


def _leave_blanks(catalog: pd.DataFrame, giants: Sequence[str]) -> pd.DataFrame:
    rng = np.random.default_rng(_BLANK_SEED)
    ordinary = catalog.index[~catalog["delisted"]].difference([BENCHMARK, *giants])
    shuffled = ordinary[rng.permutation(len(ordinary))]
    no_figures, no_volume, no_fee, no_management = np.split(
        shuffled, np.cumsum([_NO_FIGURES, _NO_VOLUME, _NO_FEE, _NO_MANAGEMENT])
    )[:4]
    blank = catalog.copy()
    figures = ["expense_ratio_bp", "aum_usd_mm", "adv_usd_mm", "avg_daily_volume_shares", "as_of"]
    blank.loc[no_figures, figures] = None
    blank.loc[[*no_volume, *giants], ["adv_usd_mm", "avg_daily_volume_shares"]] = np.nan
    blank.loc[no_fee, "expense_ratio_bp"] = np.nan
    blank.loc[no_management, "actively_managed"] = np.nan
    no_duration = ordinary[rng.permutation(len(ordinary))][:_NO_DURATION]
    leveraged = catalog.index[catalog["leveraged_or_inverse"]]
    blank.loc[no_duration.union(leveraged), "effective_duration_years"] = np.nan
    return blank


def palette_catalog(funds: Sequence[Fund], prices: pd.DataFrame) -> pd.DataFrame:
    """Lay out the catalog of the palette: one row a fund, index `ticker`, columns as `catalog.csv` has them.

    Parameters
    ----------
    funds : sequence of Fund
        Sorted by ticker.
    prices : DataFrame
        Their closing prices; the last turns dollar volume into shares.
    """
    last = prices.ffill().iloc[-1]
    catalog = pd.DataFrame([_facts(fund, last[fund.ticker]) for fund in funds]).set_index("ticker")
    largest = {
        label: max((fund for fund in funds if fund.style.label == label), key=lambda fund: fund.aum_mm)
        for label in _GIANTS_WITHOUT_VOLUME
    }
    return _leave_blanks(catalog, [fund.ticker for fund in largest.values()])
