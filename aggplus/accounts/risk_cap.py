"""A cap on volatility or tracking error over the funds of an account, as tangents that an integer program takes.

R is convex, so it lies above each of its tangents, and every portfolio within the cap is within every

    R(v) + R'(v) (w - v) <= cap.

The tangent at the model comes first: an account in whole shares lies next to it, where R and its tangent differ by
the square of what rounding moves. Where an answer lies beyond the cap all the same, its own tangent cuts it off
(Kelley 1960).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aggplus.portfolio import ModelPortfolio
from optimizer.risk_measure import RiskMeasure
from riskmodels import FactorForm

Floats = NDArray[np.float64]

_ROUNDING = 1e-7
"""Of the cap: as far as a certified model may be beyond it."""


@dataclass(frozen=True, eq=False)
class Tangent:
    """R(w) >= constant + slope'w, with slope of shape (n,)."""

    slope: Floats
    constant: float

    def at(self, w: Floats) -> float:
        """Its value at weights of shape (n,)."""
        return self.constant + float(self.slope @ w)


@dataclass(frozen=True, eq=False)
class RiskCap:
    """R(w) <= cap over n funds.

    Parameters
    ----------
    measure : RiskMeasure
        R, annualised percent.
    cap : float
        Annualised percent.
    exactly : bool
        Whether the model asks for the cap to be met: then less risk is a breach, too, if one that no program mends.
    """

    measure: RiskMeasure
    cap: float
    exactly: bool

    @property
    def tolerance(self) -> float:
        """What counts as rounding, annualised percent."""
        return _ROUNDING * max(1.0, self.cap)

    def tangent(self, w: Floats) -> Tangent:
        """The tangent of R at weights of shape (n,)."""
        slope = self.measure.gradient(w)
        return Tangent(slope, self.measure.value(w) - float(slope @ w))

    def is_missed(self, w: Floats, tangents: Sequence[Tangent]) -> bool:
        """Whether R at weights of shape (n,) is above the cap, and above all that the tangents know of it."""
        known = max([self.cap, *(tangent.at(w) for tangent in tangents)])
        return self.measure.value(w) > known + self.tolerance

    def is_broken(self, w: Floats) -> bool:
        """Whether the target is not kept at weights of shape (n,)."""
        off = self.measure.value(w) - self.cap
        return off > self.tolerance or (self.exactly and off < -self.tolerance)


def risk_cap_of(portfolio: ModelPortfolio, tickers: Sequence[str]) -> RiskCap | None:
    """The cap of a solved model over the funds of an account; None where its target is none.

    A fund that the risk model lacks counts as without risk.

    Parameters
    ----------
    portfolio : ModelPortfolio
    tickers : sequence of str, length n
    """
    problem, target = portfolio.setting.problem, portfolio.setting.target
    if problem.cap is None:
        return None
    at = {ticker: i for i, ticker in enumerate(problem.tickers)}
    known = [(i, at[ticker]) for i, ticker in enumerate(tickers) if ticker in at]
    here, there = [i for i, _ in known], [j for _, j in known]
    whole = problem.risk
    loadings, specific = np.zeros((len(tickers), whole.factor_target.size)), np.zeros(len(tickers))
    loadings[here], specific[here] = whole.form.loadings[there], whole.form.specific[there]
    own = np.zeros(len(tickers))
    own[here] = whole.specific_target[there]
    # What the benchmark has of funds that the account cannot hold is a risk that none of its holdings changes.
    rest = np.hypot(whole.unhedgeable, np.linalg.norm(np.delete(whole.specific_target, there)))
    measure = RiskMeasure(FactorForm(loadings, specific), whole.factor_target, own, float(rest))
    return RiskCap(measure, problem.cap, target.match == "equal")
