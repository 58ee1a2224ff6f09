"""Screens on what the catalog says of a fund: its labels and its figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from universe.eligibility import Sieve
from universe.roster import Flags, Labels, Roster
from universe.rules import UniverseRules
from universe.wording import did_you_mean, fund_count


def screen_labels(sieve: Sieve, roster: Roster, rules: UniverseRules, exempt: NDArray[np.bool_]) -> list[str]:
    """Refuse by sector, currency exposure, tax status, leverage and option selling, and return the warnings."""
    sectors = roster.sector
    sieve.refuse(
        "sector",
        ~sectors.among(rules.accepted_sectors) & ~exempt,
        lambda i: f"{sectors.text[i]} is not among the sectors asked for",
    )
    currency, tax = roster.currency_exposure, roster.tax_status
    _screen_label(sieve, "currency", "currency exposure", currency, rules.accepted_currencies, exempt)
    _screen_label(sieve, "tax", "tax status", tax, rules.accepted_tax_status, exempt)
    if not rules.leveraged:
        flags = roster.leveraged_or_inverse
        _screen_flag(sieve, "leverage", "leveraged or inverse", "whether it is leveraged", flags, exempt)
    if not rules.option_selling:
        flags = roster.options_overlay
        _screen_flag(sieve, "option_selling", "sells options", "whether it sells options", flags, exempt)
    return [
        *_strange_labels("currency exposure", currency, rules.accepted_currencies),
        *_strange_labels("tax status", tax, rules.tax_status or ()),
    ]


def _screen_label(
    sieve: Sieve, kind: str, words: str, labels: Labels, accepted: Sequence[str], exempt: NDArray[np.bool_]
) -> None:
    unknown = labels.unknown
    wanted = " or ".join(accepted)
    refused = ~labels.among(accepted) & ~unknown & ~exempt
    sieve.refuse(kind, refused, lambda i: f"{words} is {labels.text[i]}, not {wanted}")
    sieve.refuse(f"{kind}_unknown", unknown & ~exempt, lambda _: f"{words} is unknown")


def _screen_flag(sieve: Sieve, kind: str, words: str, question: str, flags: Flags, exempt: NDArray[np.bool_]) -> None:
    sieve.refuse(kind, flags.raised & ~exempt, lambda _: words)
    sieve.refuse(f"{kind}_unknown", flags.unknown & ~exempt, lambda _: f"{question} is unknown")


def _strange_labels(words: str, labels: Labels, accepted: Sequence[str]) -> list[str]:
    """A line for each accepted label that no fund bears: most likely it is misspelt."""
    borne = labels.borne
    there = f"there are {', '.join(borne)}" if borne else "it is unknown for all"
    return [
        f"no fund has the {words} {label!r} ({there}){did_you_mean(label, borne)}"
        for label in accepted
        if label not in borne
    ]


def screen_figures(
    sieve: Sieve, roster: Roster, asof: pd.Timestamp, rules: UniverseRules, exempt: NDArray[np.bool_]
) -> list[str]:
    """Refuse by AUM and ADV where a least figure is asked for, and return the warnings."""
    active = {
        name: (figure, minimum, unknown)
        for name, figure, minimum, unknown in (
            ("aum", roster.aum, rules.min_aum_mm, rules.unknown_aum),
            ("adv", roster.adv, rules.min_adv_mm, rules.unknown_adv),
        )
        if minimum is not None
    }
    if not active:
        return []
    known = np.any([~np.isnan(figure) for figure, _, _ in active.values()], axis=0)
    dates = roster.as_of[sieve.still_in & ~exempt & known]
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
    name, least = kind.upper(), _amount(minimum)
    sieve.refuse(
        kind,
        (figure < minimum) & ~exempt,
        lambda i: f"{name} {_amount_below(float(figure[i]), least)} mm is below {least} mm",
    )
    unknown = np.isnan(figure) & ~exempt
    if unknown_funds == "pass":
        count = int(np.count_nonzero(unknown & sieve.still_in))
        verdict = "pass although their" if count > 1 else "passes although its"
    else:
        count = sieve.refuse(f"{kind}_unknown", unknown, lambda _: f"{name} is unknown")
        verdict = "are excluded because their" if count > 1 else "is excluded because its"
    return [f"{fund_count(count)} {verdict} {name} is unknown"] if count else []


def look_ahead(names: list[str], dates: NDArray[np.datetime64], asof: pd.Timestamp, verdict: str) -> list[str]:
    """A warning where figures of the catalog were not known on the day, or cannot be shown to have been.

    Parameters
    ----------
    names
        The figures, as printed.
    dates
        The catalog's ``as_of`` of the funds judged by them; NaT unknown.
    asof
        The day.
    verdict
        What follows from it: "the screen looks ahead".
    """
    what = " and ".join(names)
    undated = int(np.count_nonzero(np.isnat(dates)))
    later = dates[dates > asof.to_datetime64()]
    if len(later):
        first, last = pd.Timestamp(later.min()), pd.Timestamp(later.max())
        span = f"{first:%Y-%m-%d}" if first == last else f"{first:%Y-%m-%d} to {last:%Y-%m-%d}"
        are = "are figures" if len(names) > 1 else "is a figure"
        also = f" ({fund_count(undated)} undated)" if undated else ""
        return [f"{what} {are} as of {span}{also}, not known on {asof:%Y-%m-%d}: {verdict}"]
    if undated:
        return [f"{what} of {fund_count(undated)} undated: whether known on {asof:%Y-%m-%d} cannot be told"]
    return []


def _amount(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _amount_below(value: float, limit: str) -> str:
    """An amount below a limit, in enough digits to be told from it as printed."""
    text = _amount(value)
    return text if text != limit else f"{value:,.10g}"
