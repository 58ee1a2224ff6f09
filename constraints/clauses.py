"""The clauses a mandate is made of, each forty lines at most and named as a client names it.

A clause turns the eligible funds into its part of the problem: rows  lower <= a'w <= upper,  bounds on single
weights, or a limit on turnover. It knows its name and the unit in which its limits are read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from constraints.funds import Floats, Funds
from constraints.units import BASIS_POINTS, BETA, WEIGHT, YEARS, Unit

TARGET_CLAUSE = "risk target"
"""Name under which the risk target stands among the clauses; no other may bear it."""


@dataclass(frozen=True, eq=False)
class Row:
    """One two-sided row lower <= coefficients'w <= upper; coefficients of shape (n,)."""

    coefficients: Floats
    lower: float
    upper: float


@dataclass(frozen=True, eq=False)
class TurnoverLimit:
    """Limit on one-way turnover from given holdings.

    Turnover is  (sum_i |w_i - w0_i| + outside) / 2  where `outside` is the weight held in cash and in funds that are
    not eligible: all of it is traded, so it counts as the weights do. With fully invested holdings that is the usual
    half of the sum of all changes.

    Parameters
    ----------
    held : ndarray, shape (n,)
        w0, weights of the eligible funds now.
    outside : float
        Weight of cash and of funds that must be sold.
    limit : float
        Largest one-way turnover, a fraction.
    """

    held: Floats
    outside: float
    limit: float

    def of(self, w: Floats) -> float:
        """One-way turnover from the holdings to w."""
        return 0.5 * (float(np.abs(w - self.held).sum()) + self.outside)


@dataclass(frozen=True, eq=False)
class Part:
    """What one clause contributes: rows, bounds of shape (n,) (None: no opinion), turnover."""

    rows: tuple[Row, ...] = ()
    lower: Floats | None = None
    upper: Floats | None = None
    turnover: TurnoverLimit | None = None


class Clause(Protocol):
    """One named line of a mandate."""

    @property
    def name(self) -> str:
        """As the client reads it."""

    @property
    def unit(self) -> Unit:
        """Unit of its limits."""

    @property
    def needs(self) -> tuple[str, ...]:
        """Catalog figures without which a fund cannot be held under this clause."""

    def part(self, funds: Funds) -> Part:
        """Its part of the problem over the eligible funds."""


@dataclass(frozen=True)
class FullyInvested:
    """1'w = 1."""

    name: str = "fully invested"
    unit: Unit = WEIGHT
    needs: tuple[str, ...] = ()

    def part(self, funds: Funds) -> Part:
        """One equality row."""
        return Part(rows=(Row(np.ones(len(funds)), 1.0, 1.0),))


@dataclass(frozen=True)
class LongOnly:
    """w >= 0."""

    name: str = "long only"
    unit: Unit = WEIGHT
    needs: tuple[str, ...] = ()

    def part(self, funds: Funds) -> Part:
        """Lower bounds of zero."""
        return Part(lower=np.zeros(len(funds)))


@dataclass(frozen=True)
class PositionCap:
    """w_i <= cap for every fund."""

    cap: float
    name: str = "position cap"
    unit: Unit = WEIGHT
    needs: tuple[str, ...] = ()

    def part(self, funds: Funds) -> Part:
        """The same upper bound for all."""
        return Part(upper=np.full(len(funds), self.cap))


@dataclass(frozen=True)
class FundRange:
    """lower <= w_i <= upper for one named fund."""

    ticker: str
    lower: float | None
    upper: float | None
    unit: Unit = WEIGHT
    needs: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """`fund XYZ`."""
        return f"fund {self.ticker}"

    def part(self, funds: Funds) -> Part:
        """Bounds on that fund; a minimum on a fund that is not eligible becomes a row that cannot be met."""
        at = funds.named([self.ticker])
        if not at.any():
            if self.lower is None or self.lower <= 0.0:
                return Part()
            return Part(rows=(Row(np.zeros(len(funds)), self.lower, np.inf),))
        return Part(
            lower=None if self.lower is None else np.where(at, self.lower, -np.inf),
            upper=None if self.upper is None else np.where(at, self.upper, np.inf),
        )


@dataclass(frozen=True)
class GroupRange:
    """lower <= sum of the weights in sectors or of named funds <= upper."""

    name: str
    sectors: tuple[str, ...]
    tickers: tuple[str, ...]
    lower: float | None
    upper: float | None
    unit: Unit = WEIGHT
    needs: tuple[str, ...] = ()

    def members(self, funds: Funds) -> NDArray[np.bool_]:
        """Which funds count, shape (n,)."""
        return funds.in_sectors(self.sectors) | funds.named(self.tickers)

    def part(self, funds: Funds) -> Part:
        """One row of zeros and ones."""
        return Part(rows=(_row(self.members(funds).astype(float), self.lower, self.upper),))


@dataclass(frozen=True)
class ActiveSectorRange:
    """benchmark weight - below <= sector weight <= benchmark weight + above."""

    sector: str
    benchmark_weight: float
    below: float | None
    above: float | None
    unit: Unit = WEIGHT
    needs: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """`treasury against benchmark`."""
        return f"{self.sector} against benchmark"

    def part(self, funds: Funds) -> Part:
        """One row on the sector's weight."""
        lower = None if self.below is None else max(0.0, self.benchmark_weight - self.below)
        upper = None if self.above is None else self.benchmark_weight + self.above
        return Part(rows=(_row(funds.in_sectors([self.sector]).astype(float), lower, upper),))


@dataclass(frozen=True)
class AverageRange:
    """lower <= weighted mean of a catalog figure <= upper; funds without the figure cannot be held."""

    name: str
    figure: str
    lower: float | None
    upper: float | None
    unit: Unit

    @property
    def needs(self) -> tuple[str, ...]:
        """The figure it averages."""
        return (self.figure,)

    def part(self, funds: Funds) -> Part:
        """One row of the figures; the mandate is fully invested, so the weighted sum is the weighted mean."""
        return Part(rows=(_row(funds.figures[self.figure], self.lower, self.upper),))


def duration_range(lower: float | None, upper: float | None) -> AverageRange:
    """Mean effective duration within limits, in years."""
    return AverageRange("duration", "effective_duration_years", lower, upper, YEARS)


def expense_range(lower: float | None, upper: float | None) -> AverageRange:
    """Mean expense ratio within limits, in basis points."""
    return AverageRange("expense ratio", "expense_ratio_bp", lower, upper, BASIS_POINTS)


@dataclass(frozen=True)
class BetaRange:
    """lower <= beta'w <= upper."""

    lower: float | None
    upper: float | None
    name: str = "beta"
    unit: Unit = BETA
    needs: tuple[str, ...] = ()

    def part(self, funds: Funds) -> Part:
        """One row of betas."""
        return Part(rows=(_row(funds.beta, self.lower, self.upper),))


@dataclass(frozen=True)
class Participation:
    """w_i x account size <= share x figure_i, where the figure is a fund's daily volume or its assets."""

    name: str
    figure: str
    share: float
    account_size_mm: float
    unit: Unit = WEIGHT

    @property
    def needs(self) -> tuple[str, ...]:
        """The figure of which a share may be held."""
        return (self.figure,)

    def part(self, funds: Funds) -> Part:
        """One upper bound a fund."""
        return Part(upper=self.share * funds.figures[self.figure] / self.account_size_mm)


@dataclass(frozen=True, eq=False)
class Turnover:
    """One-way turnover from given holdings <= limit."""

    limit: float
    holdings: Mapping[str, float] = field(repr=False)
    name: str = "turnover"
    unit: Unit = WEIGHT
    needs: tuple[str, ...] = ()

    def part(self, funds: Funds) -> Part:
        """The turnover limit over the eligible funds; all else that is held is sold."""
        held = np.array([self.holdings.get(ticker, 0.0) for ticker in funds.tickers])
        sold = sum(abs(weight) for ticker, weight in self.holdings.items() if ticker not in funds.tickers)
        cash = abs(1.0 - sum(self.holdings.values()))
        return Part(turnover=TurnoverLimit(held, sold + cash, self.limit))


def _row(coefficients: Floats, lower: float | None, upper: float | None) -> Row:
    return Row(coefficients, -np.inf if lower is None else lower, np.inf if upper is None else upper)
