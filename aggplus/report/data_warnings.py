"""What a reader of a track record should know of the data behind it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np

from aggplus.walks import TrackRecord
from aggplus.walks.closes import CLOSED_AFTER
from universe import Market

_FIGURES = re.compile(r"\d+ funds?|: [A-Z, ]+(?= \(first)|[0-9-]+|\b(their|its|are|is)\b")
_SESSIONS_A_YEAR = 252
_USUAL_CLOSURES = 0.02
"""Of a year's funds, fewer than close in any real market of ETFs: below it, most that closed are not in the data."""


def data_warnings(market: Market, tracks: Sequence[TrackRecord]) -> tuple[str, ...]:
    """Each warning once: of the market first, then those that the walks met.

    Parameters
    ----------
    market : Market
    tracks : sequence of TrackRecord
    """
    own = () if market.simulated else survivorship(market)
    met = dict.fromkeys(warning for track in tracks for warning in track.warnings)
    return (*own, *_folded(met))


def _folded(warnings: Iterable[str]) -> list[str]:
    """Of warnings that differ in their figures and funds alone the first, with how many more there are."""
    alike: dict[str, list[str]] = {}
    for warning in warnings:
        alike.setdefault(_FIGURES.sub("", warning), []).append(warning)
    return [
        first if not more else f"{first}, and {len(more)} more like it with other figures"
        for first, *more in alike.values()
    ]


def survivorship(market: Market) -> tuple[str, ...]:
    """A warning where hardly any fund of a market ever closes; nothing else.

    Parameters
    ----------
    market : Market
    """
    there = market.prices.notna().to_numpy()
    sessions = len(there)
    begun = there.argmax(axis=0)
    ended = sessions - 1 - there[::-1].argmax(axis=0)
    closed = int((ended < sessions - CLOSED_AFTER).sum())
    years = float(np.sum(ended - begun + 1)) / _SESSIONS_A_YEAR
    if closed >= _USUAL_CLOSURES * years:
        return ()
    return (
        f"survivorship: of {there.shape[1]} funds with prices {closed} stop before the last close, "
        f"{100.0 * closed / years:.1f} % a year; most funds that have closed are missing, "
        "and a choice among those that live on looks better than one made at the time",
    )
