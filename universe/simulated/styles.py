"""What a kind of fund is: its labels in the catalog, what it is exposed to and how it trades."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

BULLET = (1.0,)
LADDER = (0.4, 0.8, 1.8)
TREASURY_CURVE = "treasury"


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """A kind of fund.

    Attributes
    ----------
    sector, sub_sector, bucket, quality, currency : str
        As the catalog writes them; `quality` "" where it has none.
    label : str
        What the kind is called in fund names.
    count : int
        Funds of the kind in the palette.
    duration : (float, float)
        Range of rate durations, years; with `matures`, of duration per year of remaining life.
    curve : str
        `TREASURY_CURVE`, or the one yield level the rate duration is exposed to.
    ladder : tuple of float
        Multiples of the fund's duration its bonds sit at, in equal amounts.
    shares : mapping of level to float
        Share of the spread duration exposed to each spread (negative: to break-even inflation).
    spread_duration : (float, float) or None
        Range of spread durations, years; None where it equals the rate duration.
    betas : mapping of level to float
        Log return per log change of an index level.
    accrual : mapping of level to float
        Yield earned, as weights on levels, where the curve does not say it.
    pickup : float
        Yield earned on top, percent a year.
    noise_bp : float
        Daily idiosyncratic volatility, basis points.
    prompt : float
        Share of a day's move that the thinnest funds of this kind show the same day; the rest takes two more.
    discount : float
        Sensitivity to the market-wide discount of fund prices to the value of their bonds.
    active : float
        Share of actively managed funds.
    since : int
        First year in which such funds were launched; 2013 stands for "long before".
    fee_bp : (float, float)
        Range of expense ratios, basis points.
    size_mm : float
        Median assets, USD millions.
    turnover : float
        Typical share of the assets traded a day.
    price : float
        Typical share price, USD. Prices move by whole cents, so a cheap share of a quiet fund often stands still.
    options : bool
        Whether the fund buys or sells options.
    matures : tuple of int
        One year of maturity per fund, for target-maturity funds.
    underlying, multiple : str, float
        For leveraged and inverse funds: the label followed, and how many times its daily return.
    """

    sector: str
    sub_sector: str = ""
    label: str = ""
    count: int = 1
    bucket: str = "broad"
    quality: str = ""
    currency: str = "USD"
    duration: tuple[float, float] = (0.0, 0.0)
    curve: str = TREASURY_CURVE
    ladder: tuple[float, ...] = BULLET
    shares: Mapping[str, float] = field(default_factory=dict)
    spread_duration: tuple[float, float] | None = None
    betas: Mapping[str, float] = field(default_factory=dict)
    accrual: Mapping[str, float] = field(default_factory=dict)
    pickup: float = 0.0
    noise_bp: float = 2.0
    prompt: float = 1.0
    discount: float = 0.0
    active: float = 0.0
    since: int = 2013
    fee_bp: tuple[float, float] = (5, 40)
    size_mm: float = 700.0
    turnover: float = 0.0048
    price: float = 50.0
    options: bool = False
    matures: tuple[int, ...] = ()
    underlying: str = ""
    multiple: float = 1.0
