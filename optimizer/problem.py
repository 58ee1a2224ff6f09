"""One portfolio problem in numbers: what is maximised, under which rows, bounds and risk cap."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from constraints import CompiledMandate
from optimizer.errors import OptimizerError
from optimizer.risk_measure import RiskMeasure
from optimizer.rules import Goal
from riskmodels.factor_form import Floats


@dataclass(frozen=True, eq=False)
class Problem:
    """Maximise the goal over the portfolios that the mandate and the risk cap allow.

    With c the cost of trading and w0 the holdings,

        expected_return   mu'w - c'|w - w0| - ridge/2 ||w||^2
        utility           the same  - aversion/2 R(w)^2
        min_volatility    - R(w)^2 / 2

    Parameters
    ----------
    mandate : CompiledMandate
        Rows, bounds and turnover over n funds; a beta target is one of its rows.
    mu : ndarray, shape (n,)
        Expected returns, annualised percent.
    risk : RiskMeasure
        R, annualised percent.
    cap : float or None
        R(w) <= cap.
    goal : {"expected_return", "min_volatility", "utility"}
    ridge : float
        Percent a year per unit of squared weight.
    aversion : float
        For utility: percent a year per percent squared.
    trade_cost : ndarray, shape (n,)
        c, percent a year per unit of weight traded.
    held : ndarray, shape (n,)
        w0.

    Raises
    ------
    OptimizerError
        When a number is missing, infinite, or of a sign that no portfolio problem has, naming the fund or clause.
    """

    mandate: CompiledMandate
    mu: Floats
    risk: RiskMeasure
    cap: float | None
    goal: Goal
    ridge: float
    aversion: float
    trade_cost: Floats
    held: Floats

    def __post_init__(self) -> None:
        _check_by_fund(self)
        _check_by_clause(self)
        for name, value in (("ridge", self.ridge), ("risk aversion", self.aversion), ("risk target", self.cap)):
            if value is not None and not 0.0 <= value < np.inf:
                raise OptimizerError(f"the {name} is {value}: expected a finite number that is not negative")

    @property
    def tickers(self) -> tuple[str, ...]:
        """The n funds."""
        return self.mandate.tickers

    @property
    def size(self) -> int:
        """How many funds: n."""
        return len(self.mandate.tickers)

    @property
    def curvature(self) -> float:
        """Weight of R^2 / 2 in the goal itself."""
        return {"expected_return": 0.0, "utility": self.aversion, "min_volatility": 1.0}[self.goal]

    @property
    def reward(self) -> Floats:
        """Linear part of the goal, shape (n,)."""
        return np.zeros(self.size) if self.goal == "min_volatility" else self.mu

    @property
    def kink(self) -> Floats:
        """Cost at which |w - w0| enters the goal, shape (n,)."""
        return np.zeros(self.size) if self.goal == "min_volatility" else self.trade_cost

    @property
    def ridge_weight(self) -> float:
        """Weight of ||w||^2 / 2 in the goal."""
        return 0.0 if self.goal == "min_volatility" else self.ridge

    def smooth(self, w: Floats) -> float:
        """The goal without its trading cost."""
        risk = self.curvature * self.risk.value(w) ** 2
        return float(self.reward @ w - 0.5 * (self.ridge_weight * (w @ w) + risk))

    def smooth_gradient(self, w: Floats) -> Floats:
        """Gradient of `smooth`, shape (n,)."""
        return self.reward - self.ridge_weight * w - self.curvature * self.risk.half_square_gradient(w)

    def value(self, w: Floats) -> float:
        """The goal."""
        return self.smooth(w) - float(self.kink @ np.abs(w - self.held))

    def expected_return(self, w: Floats) -> float:
        """mu'w, percent a year, before costs."""
        return float(self.mu @ w)

    def minimising_risk(self) -> Problem:
        """The problem of least risk under the same mandate, without a cap."""
        return replace(self, goal="min_volatility", cap=None)

    def without_cap(self) -> Problem:
        """The same problem without its risk cap."""
        return replace(self, cap=None)


def _check_by_fund(problem: Problem) -> None:
    form, mandate = problem.risk.form, problem.mandate
    benchmark = np.append(problem.risk.factor_target, problem.risk.unhedgeable)
    if not np.isfinite(benchmark).all():
        raise OptimizerError("the covariance of the benchmark has a value that is not finite")
    for values in (form.loadings, form.specific[:, None], problem.risk.specific_target[:, None]):
        bad = np.flatnonzero(~np.isfinite(values).all(axis=1))
        if bad.size:
            raise OptimizerError(f"the covariance of {problem.tickers[int(bad[0])]} has a value that is not finite")
    for name, values in (
        ("expected return", problem.mu),
        ("trading cost", problem.trade_cost),
        ("weight held", problem.held),
    ):
        bad = np.flatnonzero(~np.isfinite(values))
        if bad.size:
            ticker, value = problem.tickers[int(bad[0])], values[bad[0]]
            raise OptimizerError(f"the {name} of {ticker} is {value}: expected a finite number")
    unbounded = np.flatnonzero(~np.isfinite(mandate.upper - mandate.lower))
    if unbounded.size:
        # Over weights without bounds no multipliers prove anything.
        ticker = problem.tickers[int(unbounded[0])]
        raise OptimizerError(
            f"the weight of {ticker} has no bound on one side: add a floor, or a position cap (1 will do)"
        )
    negative = np.flatnonzero(problem.trade_cost < 0.0)
    if negative.size:
        ticker = problem.tickers[int(negative[0])]
        raise OptimizerError(f"the trading cost of {ticker} is {problem.trade_cost[negative[0]]}: expected at least 0")


def _check_by_clause(problem: Problem) -> None:
    mandate = problem.mandate
    coefficients = np.isfinite(mandate.A).all(axis=1)
    limits = (mandate.row_lower < np.inf) & (mandate.row_upper > -np.inf)
    for label, has_numbers in zip(mandate.row_labels, coefficients & limits, strict=True):
        if not has_numbers:
            raise OptimizerError(f"the clause {label.clause!r} has a coefficient or a limit that is not a number")
    if mandate.turnover is None:
        return
    if not np.isfinite([mandate.turnover.limit, mandate.turnover.outside]).all():
        raise OptimizerError(
            "the turnover limit, or the weight held outside the eligible funds, is not a finite number"
        )
    if not np.array_equal(mandate.turnover.held, problem.held):
        # Costs and turnover bend the goal at the same weights; a bound from two sets of holdings would prove nothing.
        raise OptimizerError(
            "turnover is measured from other holdings than trading costs: compile and assemble with the same ones"
        )


@dataclass(frozen=True, eq=False)
class Multipliers:
    """Dual values of a claimed optimum.

    Parameters
    ----------
    rows : ndarray, shape (m,)
        Positive where the upper side of a row pushes, negative where the lower side does.
    risk : float
        theta >= 0, goal per percent of risk cap.
    turnover : float
        Goal per unit of one-way turnover, >= 0.
    """

    rows: Floats
    risk: float
    turnover: float


@dataclass(frozen=True, eq=False)
class Claim:
    """What a backend says is the optimum: nothing is believed until it is certified.

    Parameters
    ----------
    w : ndarray, shape (n,)
    multipliers : Multipliers
    tangent : ndarray, shape (n,), or None
        Weights whose tangents prove the claim, where those at `w` do not: at no risk the risk has no gradient.
    doubtful : bool
        The backend says itself that it did not reach its tolerance.
    """

    w: Floats
    multipliers: Multipliers
    tangent: Floats | None = None
    doubtful: bool = False

    @property
    def at(self) -> Floats:
        """The weights at which tangents are taken, shape (n,)."""
        return self.w if self.tangent is None else self.tangent


@dataclass(frozen=True)
class NoClaim:
    """A backend that came back without a portfolio.

    Parameters
    ----------
    infeasible : bool
        It says that there is none; otherwise it failed.
    words : str
        The backend's own words.
    """

    infeasible: bool
    words: str
