"""The simulated palette: 420 invented funds, the same for every seed of the market."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from universe.simulated.core_styles import CORE_STYLES
from universe.simulated.credit_styles import CREDIT_STYLES
from universe.simulated.satellite_styles import SATELLITE_STYLES
from universe.simulated.styles import Style

STYLES: tuple[Style, ...] = (*CORE_STYLES, *CREDIT_STYLES, *SATELLITE_STYLES)
BENCHMARK = "AGG"

# Invented houses; none is the name of a fund manager we know of.
# fmt: off
ISSUERS = (
    "Quillstone", "Pellbrook", "Dunmere Vale", "Fernhollow", "Ironbell", "Thistlemere", "Umberwick",
    "Larkmoor", "Vennacre", "Marrowfell", "Sorrelgate", "Greymarch", "Kestrelrow", "Nettlecombe Row",
    "Ravelstoke", "Wolmerton", "Yarrowdene", "Zephyrine", "Aldquay", "Brackwell Fen", "Copperlea",
)
# fmt: on

# Second letter Q, third one of these: a pattern of which we know no real fund.
_THIRD, _FOURTH = "JVXZ", "BCDFGHKLMNPRSTVWXZ"
# fmt: off
_INITIAL = {
    "aggregate": "A", "treasury": "T", "agency": "G", "mbs": "M", "ig_corporate": "C", "abs_cmbs": "S",
    "ultrashort": "U", "floating_rate_ig": "F", "tips": "I", "high_yield": "H", "bank_loan": "L",
    "convertible": "V", "preferred": "P", "municipal": "N", "multisector": "X", "emerging_market": "E",
    "international": "W", "leveraged_inverse": "Z", "other": "O",
}
# fmt: on

# Fixed apart from the market's seed: a model that names a fund finds it whatever the market did.
_PALETTE_SEED = 420
# Share of each kind that is older than the simulated history, and the years by which the rest had started.
_OLD_SHARE = 0.42
_LAUNCH_YEARS = (2013.1, 2023.9)
_CLOSURES = 6


@dataclass(frozen=True, slots=True)
class Fund:
    """One invented fund.

    Attributes
    ----------
    inception, start : Timestamp
        Inception, and first trading day (both may lie before the simulated history).
    end : Timestamp or None
        Last trading day of a fund that matured or closed.
    duration, spread_duration : float
        Years; for a fund that matures, per year of remaining life.
    fee_bp, aum_mm, adv_mm : float
        Expense ratio, assets and daily dollar volume (USD millions): the truth, published or not.
    skill : float
        Return from choices other than risk taken, percent a year.
    thinness : float
        0 for the most traded funds to 1 for the least.
    """

    ticker: str
    name: str
    issuer: str
    style: Style
    active: bool
    inception: pd.Timestamp
    start: pd.Timestamp
    end: pd.Timestamp | None
    maturity_year: int | None
    duration: float
    spread_duration: float
    fee_bp: float
    aum_mm: float
    adv_mm: float
    skill: float
    thinness: float
    price: float


def _tickers(initial: str) -> Iterator[str]:
    return (f"{initial}Q{third}{fourth}" for third in _THIRD for fourth in _FOURTH)


def _old_start(earliest: int, rng: np.random.Generator) -> pd.Timestamp:
    """A second Wednesday before the history: never a holiday in these months."""
    year, month = int(rng.integers(earliest, 2013)), int(rng.choice([2, 3, 5, 8, 10]))
    first = pd.Timestamp(year, month, 8)
    return first + pd.Timedelta(days=(2 - first.weekday()) % 7)


def _session_in(year: float, sessions: pd.DatetimeIndex) -> pd.Timestamp:
    """First trading day from a fractional year on, the last launches at the latest."""
    launch = min(year, _LAUNCH_YEARS[1])
    day = pd.Timestamp(int(launch), 1, 1) + pd.Timedelta(days=int((launch % 1.0) * 365))
    return sessions[int(sessions.searchsorted(day))]


def _maturity(year: int, sessions: pd.DatetimeIndex) -> pd.Timestamp | None:
    """Last trading day of a fund that matures in mid-December of `year`, if the history reaches it."""
    date = pd.Timestamp(year, 12, 15)
    return None if date > sessions[-1] else sessions[int(sessions.searchsorted(date, side="right")) - 1]


def _thinness(adv_mm: float) -> float:
    return min(max(math.log(30.0 / adv_mm) / math.log(30.0 / 0.1), 0.0), 1.0)


def _fund(
    style: Style,
    rank: int,
    ticker: str,
    issuer: str,
    sessions: pd.DatetimeIndex,
    rng: np.random.Generator,
) -> Fund:
    """Fund number `rank` of its kind; low ranks are older, larger and cheaper."""
    position = (rank + rng.uniform(0.1, 0.9)) / style.count
    maturity_year = style.matures[rank] if style.matures else None
    if maturity_year is not None:
        launch = max(float(style.since), maturity_year - 9.0) + rng.uniform(0.05, 0.8)
        old = launch < _LAUNCH_YEARS[0] + 0.6
    elif style.since > 2013:
        old, launch = False, style.since + (_LAUNCH_YEARS[1] - style.since) * position**0.85
    else:
        old, late = position < _OLD_SHARE, max(position - _OLD_SHARE, 0.0) / (1.0 - _OLD_SHARE)
        launch = _LAUNCH_YEARS[0] + (_LAUNCH_YEARS[1] - _LAUNCH_YEARS[0]) * late**0.85
    start = _old_start(2010 if style.matures else 2003, rng) if old else _session_in(launch, sessions)
    active = bool(rng.uniform() < style.active)
    spread_range = style.spread_duration or (0.0, 0.0)
    duration = float(rng.uniform(*style.duration))
    spread_duration = float(rng.uniform(*spread_range)) if style.spread_duration else duration
    size = 1.25 * (1.0 - 2.0 * position) * min(1.0, style.count / 8) + 0.75 * rng.standard_normal()
    aum_mm = style.size_mm * math.exp(1.8 * 2.1 * math.tanh(size / 2.1))
    adv_mm = aum_mm * style.turnover * math.exp(0.55 * rng.standard_normal())
    low_fee, high_fee = style.fee_bp
    fee_bp = float(round(low_fee + (high_fee - low_fee) * min(1.0, 0.6 * position + 0.4 * rng.uniform())))
    maturity = f"{maturity_year} " if maturity_year else ""
    return Fund(
        ticker=ticker,
        name=f"{issuer} {maturity}{style.label} ETF",
        issuer=issuer,
        style=style,
        active=active,
        inception=start - pd.Timedelta(days=int(rng.integers(1, 4))),
        start=start,
        end=None if maturity_year is None else _maturity(maturity_year, sessions),
        maturity_year=maturity_year,
        duration=duration,
        spread_duration=spread_duration,
        fee_bp=fee_bp,
        aum_mm=round(aum_mm, 3),
        adv_mm=round(max(adv_mm, 0.004), 4),
        skill=float(rng.normal(0.20, 0.35) if active else rng.normal(0.0, 0.03)),
        thinness=_thinness(max(adv_mm, 0.004)),
        price=float(style.price * rng.uniform(0.85, 1.15)),
    )


def _as_benchmark(fund: Fund) -> Fund:
    return replace(
        fund,
        ticker=BENCHMARK,
        name="Simulated US Aggregate Bond Fund",
        issuer="Simulated",
        active=False,
        start=pd.Timestamp(2003, 10, 8),
        inception=pd.Timestamp(2003, 10, 6),
        duration=6.0,
        spread_duration=6.0,
        fee_bp=3.0,
        aum_mm=118_000.0,
        adv_mm=720.0,
        skill=0.0,
        thinness=0.0,
        price=100.0,
    )


def _close_some(funds: list[Fund], sessions: pd.DatetimeIndex, rng: np.random.Generator) -> list[Fund]:
    """Close a few thin funds two to six years after they started, as fund houses do."""
    closable = [
        number
        for number, fund in enumerate(funds)
        if fund.maturity_year is None and fund.thinness > 0.6 and 2013 <= fund.start.year <= 2019
    ]
    closed = list(funds)
    for number in rng.choice(closable, size=_CLOSURES, replace=False):
        fund = closed[number]
        day = fund.start + pd.Timedelta(days=int(rng.integers(700, 1500)))
        end = sessions[int(sessions.searchsorted(day))]
        closed[number] = replace(fund, end=end)
    return closed


def build_palette(sessions: pd.DatetimeIndex) -> tuple[Fund, ...]:
    """Build the 420 funds, sorted by ticker; `sessions` are the trading days of the history."""
    rng = np.random.default_rng(_PALETTE_SEED)
    tickers = {sector: _tickers(initial) for sector, initial in _INITIAL.items()}
    funds: list[Fund] = []
    for number, style in enumerate(STYLES):
        for rank in range(style.count):
            issuer = ISSUERS[(5 * number + rank) % len(ISSUERS)]
            funds.append(_fund(style, rank, next(tickers[style.sector]), issuer, sessions, rng))
    funds[0] = _as_benchmark(funds[0])
    return tuple(sorted(_close_some(funds, sessions, rng), key=lambda fund: fund.ticker))
