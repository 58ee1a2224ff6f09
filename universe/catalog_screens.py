"""Screens on what the catalog says of a fund: its labels and its figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from universe.eligibility import Sieve
from universe.rules import UniverseRules
from universe.wording import did_you_mean, fund_count


def screen_labels(sieve: Sieve, catalog: pd.DataFrame, rules: UniverseRules, exempt: NDArray[np.bool_]) -> list[str]:
    """Refuse by sector, currency exposure, tax status, leverage and option selling, and return the warnings."""
    sectors = catalog["sector"].to_numpy(dtype=object)
    sieve.refuse(
        "sector",
        ~catalog["sector"].isin(rules.accepted_sectors).to_numpy() & ~exempt,
        lambda i: f"{sectors[i]} is not among the sectors asked for",
    )
    currency, tax = catalog["currency_exposure"], catalog["tax_status"]
    _screen_label(sieve, "currency", "currency exposure", currency, rules.accepted_currencies, exempt)
    _screen_label(sieve, "tax", "tax status", tax, rules.accepted_tax_status, exempt)
    if not rules.leveraged:
        flag = catalog["leveraged_or_inverse"]
        _screen_flag(sieve, "leverage", "leveraged or inverse", "whether it is leveraged", flag, exempt)
    if not rules.option_selling:
        flag = catalog["options_overlay"]
        _screen_flag(sieve, "option_selling", "sells options", "whether it sells options", flag, exempt)
    return [
        *_strange_labels("currency exposure", currency, rules.accepted_currencies),
        *_strange_labels("tax status", tax, rules.tax_status or ()),
    ]


def _screen_label(
    sieve: Sieve, kind: str, words: str, labels: pd.Series, accepted: Sequence[str], exempt: NDArray[np.bool_]
) -> None:
    label = labels.to_numpy(dtype=object)
    unknown = labels.isna().to_numpy()
    wanted = " or ".join(accepted)
    refused = ~labels.isin(accepted).to_numpy() & ~unknown & ~exempt
    sieve.refuse(kind, refused, lambda i: f"{words} is {label[i]}, not {wanted}")
    sieve.refuse(f"{kind}_unknown", unknown & ~exempt, lambda _: f"{words} is unknown")


def _screen_flag(
    sieve: Sieve, kind: str, words: str, question: str, flag: pd.Series, exempt: NDArray[np.bool_]
) -> None:
    raised = flag.fillna(False).to_numpy(dtype=bool)
    sieve.refuse(kind, raised & ~exempt, lambda _: words)
    sieve.refuse(f"{kind}_unknown", flag.isna().to_numpy() & ~exempt, lambda _: f"{question} is unknown")


def _strange_labels(words: str, labels: pd.Series, accepted: Sequence[str]) -> list[str]:
    """A line for each accepted label that no fund bears: most likely it is misspelt."""
    borne = sorted(labels.dropna().unique())
    there = f"there are {', '.join(borne)}" if borne else "it is unknown for all"
    return [
        f"no fund has the {words} {label!r} ({there}){did_you_mean(label, borne)}"
        for label in accepted
        if label not in borne
    ]


def screen_figures(
    sieve: Sieve, catalog: pd.DataFrame, asof: pd.Timestamp, rules: UniverseRules, exempt: NDArray[np.bool_]
) -> list[str]:
    """Refuse by AUM and ADV where a least figure is asked for, and return the warnings."""
    active = {
        name: (catalog[f"{name}_usd_mm"].to_numpy(dtype=np.float64), minimum, unknown)
        for name, minimum, unknown in (
            ("aum", rules.min_aum_mm, rules.unknown_aum),
            ("adv", rules.min_adv_mm, rules.unknown_adv),
        )
        if minimum is not None
    }
    if not active:
        return []
    known = np.any([~np.isnan(figure) for figure, _, _ in active.values()], axis=0)
    dates = catalog["as_of"][sieve.still_in & ~exempt & known]
    warnings = look_ahead([kind.upper() for kind in active], dates, asof, "the screen looks ahead")
    for kind, (figure, minimum, unknown) in active.items():
        warnings += _screen_figure(sieve, kind, figure, minimum, unknown, exempt)
    return warnings


def _screen_figure(
    sieve: Sieve,
    kind: str,
    figure: NDArray[np.float64],
    minimum: float,
    unknown_funds: Literal["exclude", "pass"],
    exempt: NDArray[np.bool_],
) -> list[str]:
    name = kind.upper()
    sieve.refuse(
        kind,
        (figure < minimum) & ~exempt,
        lambda i: f"{name} {_amount_below(figure[i], minimum)} mm is below {_amount(minimum)} mm",
    )
    unknown = np.isnan(figure) & ~exempt
    if unknown_funds == "pass":
        count = int(np.count_nonzero(unknown & sieve.still_in))
        verdict = "pass although their" if count > 1 else "passes although its"
    else:
        count = sieve.refuse(f"{kind}_unknown", unknown, lambda _: f"{name} is unknown")
        verdict = "are excluded because their" if count > 1 else "is excluded because its"
    return [f"{fund_count(count)} {verdict} {name} is unknown"] if count else []


def look_ahead(names: list[str], dates: pd.Series, asof: pd.Timestamp, verdict: str) -> list[str]:
    """A warning where figures of the catalog were not known on the day, or cannot be shown to have been.

    Parameters
    ----------
    names
        The figures, as printed.
    dates
        The catalog's ``as_of`` of the funds judged by them.
    asof
        The day.
    verdict
        What follows from it: "the screen looks ahead".
    """
    what = " and ".join(names)
    undated = int(dates.isna().sum())
    later = dates[dates > asof]
    if len(later):
        first, last = later.min(), later.max()
        span = f"{first:%Y-%m-%d}" if first == last else f"{first:%Y-%m-%d} to {last:%Y-%m-%d}"
        are = "are figures" if len(names) > 1 else "is a figure"
        also = f" ({fund_count(undated)} undated)" if undated else ""
        return [f"{what} {are} as of {span}{also}, not known on {asof:%Y-%m-%d}: {verdict}"]
    if undated:
        return [f"{what} of {fund_count(undated)} undated: whether known on {asof:%Y-%m-%d} cannot be told"]
    return []


def _amount(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _amount_below(value: float, limit: float) -> str:
    text = _amount(value)
    return text if text != _amount(limit) else f"{value:,.10g}"
