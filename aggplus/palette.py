"""Who may be held on a day: screens, then what neither the risk model nor the mandate can judge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from aggplus.reasons import FIGURE_UNKNOWN, REASON_TITLES, UNMOVING, UNRATED
from constraints import FIGURE_WORDS, FIGURES, Clause, barred
from riskmodels import unmoving, unrated
from universe import AsOf, Market, MarketError, UniverseRules, look_ahead, screen


@dataclass(frozen=True, eq=False)
class Palette:
    """Who may be held, everybody else with a reason, and what to know about it.

    Parameters
    ----------
    catalog : DataFrame
        Rows of the funds that may be held, by ticker.
    excluded : DataFrame
        Indexed by ticker, with `kind` and `reason`.
    warnings : tuple of str
    """

    catalog: pd.DataFrame
    excluded: pd.DataFrame
    warnings: tuple[str, ...]


def screened(known: Market, day: AsOf, rules: UniverseRules, window_days: int, risk_window_days: int) -> Palette:
    """Funds that pass the screens and whose returns vary; models with the same rules and windows share it.

    Parameters
    ----------
    known : Market
        Up to the day.
    day : AsOf
    rules : UniverseRules
    window_days : int
        Daily returns that a fund must have.
    risk_window_days : int
        Daily returns that risk is estimated from.

    Raises
    ------
    MarketError
        When the rules name a ticker that is not in the catalog.
    """
    eligibility = screen(known, day.date, rules, window_days)
    palette = Palette(
        catalog=known.catalog.take(np.flatnonzero(eligibility.passes)),
        excluded=eligibility.left_out,
        warnings=(*known.warnings, *([day.note] if day.note else []), *eligibility.warnings),
    )
    prices = known.prices.iloc[-risk_window_days - 1 :].take(known.roster.price_column[eligibility.passes], axis=1)
    still = unmoving(prices, risk_window_days)
    words = f"its return never varied in the {risk_window_days} days to {day.date:%Y-%m-%d}"
    return _without(palette, dict.fromkeys(still, (UNMOVING, words)))


def admitted(palette: Palette, clauses: tuple[Clause, ...], day: AsOf) -> Palette:
    """The palette without funds that a clause cannot judge.

    Parameters
    ----------
    palette : Palette
    clauses : tuple of Clause
    day : AsOf
    """
    reasons = barred(clauses, palette.catalog)
    judged = _without(palette, {ticker: (FIGURE_UNKNOWN, reason) for ticker, reason in reasons.items()})
    figures = [FIGURE_WORDS[f] for f in FIGURES if any(f in clause.needs for clause in clauses)]
    if not figures or judged.catalog.empty:
        return judged
    warnings = look_ahead(figures, judged.catalog["as_of"].to_numpy(), day.date, "the limits look ahead")
    return Palette(judged.catalog, judged.excluded, (*judged.warnings, *warnings))


def rated(palette: Palette, yields: pd.Series | None) -> Palette:
    """The palette without funds whose expected return would be a yield that nobody knows.

    Parameters
    ----------
    palette : Palette
    yields : Series or None
        Annual percent by ticker; None where expected returns are not yields.
    """
    if yields is None:
        return palette
    without = unrated(yields, list(palette.catalog.index))
    return _without(palette, dict.fromkeys(without, (UNRATED, f"no {yields.name} in the file of yields")))


def require_funds(palette: Palette, day: AsOf, model_name: str) -> None:
    """Refuse a palette on which there is nothing to hold.

    Parameters
    ----------
    palette : Palette
    day : AsOf
    model_name : str

    Raises
    ------
    MarketError
        Telling how many funds are left out for what.
    """
    if not palette.catalog.empty:
        return
    excluded = palette.excluded
    counts = ", ".join(f"{n} {REASON_TITLES[str(kind)]}" for kind, n in excluded["kind"].value_counts().items())
    raise MarketError(
        f"no eligible fund on {day.date:%Y-%m-%d} for {model_name}: all {len(excluded)} are left out ({counts}); "
        "loosen the universe or shorten the windows of the estimates"
    )


def _without(palette: Palette, further: Mapping[str, tuple[str, str]]) -> Palette:
    if not further:
        return palette
    more = pd.DataFrame.from_dict(dict(further), orient="index", columns=["kind", "reason"])
    excluded = pd.concat([palette.excluded, more]).sort_index()
    return Palette(palette.catalog.drop(index=list(further)), excluded, palette.warnings)
