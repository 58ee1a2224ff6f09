"""The efficient frontier of a model's mandate on a day, and where the model's own portfolio lies."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from aggplus.answer import NEGLIGIBLE_WEIGHT
from aggplus.desk import solve
from aggplus.frontier_record import as_frontier_record, frontier_html
from aggplus.model import Model
from aggplus.portfolio import ModelPortfolio, Setting, Status
from constraints import compile_mandate, funds_of
from optimizer import Failed, Frontier, Infeasible, Problem, at_risk, efficient_frontier, tracking_measure
from riskmodels import OwnEstimates, RiskModel
from riskmodels.factor_form import Floats
from universe import Market

_PERCENT = 100.0
_BP = 100.0
"""Basis points in a percent."""


@dataclass(frozen=True, eq=False)
class ModelFrontier:
    """For every risk the highest expected return that a mandate allows, without the model's risk target.

    Parameters
    ----------
    portfolio : ModelPortfolio
        What the model itself comes to on that day, with its target.
    outcome : Frontier, Infeasible or Failed
    seconds : float
        From market to frontier.
    """

    portfolio: ModelPortfolio
    outcome: Frontier | Infeasible | Failed
    seconds: float

    @property
    def found(self) -> Frontier | None:
        """The frontier itself; None unless solved."""
        return self.outcome if isinstance(self.outcome, Frontier) else None

    @property
    def status(self) -> Status:
        """`solved`, `infeasible` when the mandate allows nothing, or `failed`."""
        if isinstance(self.outcome, Frontier):
            return "solved"
        return "infeasible" if isinstance(self.outcome, Infeasible) else "failed"

    @property
    def findings(self) -> tuple[str, ...]:
        """Why there is no frontier."""
        if isinstance(self.outcome, Frontier):
            return ()
        return self.outcome.findings if isinstance(self.outcome, Infeasible) else self.outcome.words

    @property
    def measure(self) -> str:
        """The risk that the frontier is drawn over: `volatility`, or `tracking_error` where the target speaks of it."""
        return "tracking_error" if self.portfolio.setting.target.kind == "tracking_error" else "volatility"

    @cached_property
    def corners(self) -> pd.DataFrame:
        """The corner portfolios in rows, from least risk to the highest return; empty unless solved.

        `volatility`, `expected_return`, `net_return` (less trading costs), `tracking_error` as fractions; `beta`;
        `correlation`; `holdings`, how many funds; `risk_tolerance`, at which 1 / it is the aversion to variance.
        """
        frontier, model, W = self.found, self.portfolio.setting.risk_model, self._all_weights
        table = figures_of(model, W)
        table["expected_return"] = W @ model.mu / _PERCENT
        table["net_return"] = np.zeros(0) if frontier is None else frontier.net_return / _PERCENT
        table["holdings"] = (W > NEGLIGIBLE_WEIGHT).sum(axis=1)
        table["risk_tolerance"] = np.zeros(0) if frontier is None else frontier.tolerance / _PERCENT
        order = ["volatility", "expected_return", "net_return", "beta", "correlation", "tracking_error"]
        return table[[*order, "holdings", "risk_tolerance"]]

    @cached_property
    def weights(self) -> pd.DataFrame:
        """Weights as fractions, corners by tickers; funds that some corner holds."""
        W = self._all_weights
        held = np.flatnonzero((W > NEGLIGIBLE_WEIGHT).any(axis=0))
        tickers = pd.Index([self.portfolio.setting.risk_model.tickers[i] for i in held], name="ticker")
        return pd.DataFrame(W[:, held], index=_numbers(len(W)), columns=tickers)

    @property
    def _all_weights(self) -> Floats:
        n = len(self.portfolio.setting.risk_model.tickers)
        return np.zeros((0, n)) if self.found is None else self.found.weights

    @property
    def below_frontier_bp(self) -> float | None:
        """Net return that the frontier has at the risk of the model's portfolio beyond it, bp; None without either."""
        frontier, portfolio = self.found, self.portfolio
        if frontier is None or portfolio.status != "solved":
            return None
        problem, w = frontier.problem, portfolio.w
        risk = float(np.clip(problem.risk.value(w), frontier.risk[0], frontier.risk[-1]))
        return _BP * (problem.value(at_risk(frontier, risk)) - problem.value(w))

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader has to know: that of the portfolio, and what the frontier leaves out."""
        few, W = self.portfolio.setting.model.limits.few_names, self._all_weights
        notes = list(self.portfolio.setting.warnings)
        if self.portfolio.status != "solved" and self.status == "solved":
            notes += [f"the model's own portfolio is not on it: {said}" for said in self.portfolio.findings]
        held = W > NEGLIGIBLE_WEIGHT
        smallest = np.where(held, W, 1.0).min(axis=1, initial=1.0)
        unmet = (held.sum(axis=1) > few.most(W.shape[1])) | (smallest < few.min_weight - NEGLIGIBLE_WEIGHT)
        if unmet.any():
            notes.append(
                f"max_holdings and min_weight are left aside; {int(unmet.sum())} of {len(W)} corners do not meet them"
            )
        return (*notes, *(() if self.found is None else self.found.remarks))

    def at_risk(self, risk: float) -> pd.Series:
        """The portfolio of the frontier at a risk: weights as fractions by ticker, largest first.

        Parameters
        ----------
        risk : float
            Volatility, or tracking error where `measure` is that, as a fraction a year.

        Raises
        ------
        OptimizerError
            When the risk lies off the frontier.
        ValueError
            When there is no frontier.
        """
        if self.found is None:
            raise ValueError(f"there is no frontier: {'; '.join(self.findings)}")
        w = at_risk(self.found, _PERCENT * risk)
        weights = pd.Series(w, index=pd.Index(self.portfolio.setting.risk_model.tickers, name="ticker"), name="weight")
        held = weights[weights > NEGLIGIBLE_WEIGHT]
        return held.sort_index().sort_values(ascending=False, kind="stable")

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain Python values, as `aggplus frontier --json` writes it."""
        return as_frontier_record(self)

    def _repr_html_(self) -> str:
        return frontier_html(self)


def frontier(
    model: Model,
    market: Market,
    asof: str | dt.date | pd.Timestamp | None = None,
    holdings: Mapping[str, float] | pd.Series | None = None,
    record: pd.Series | None = None,
    estimates: OwnEstimates | None = None,
) -> ModelFrontier:
    """The efficient frontier of a model's mandate, without its risk target, and the model's portfolio beside it.

    Soft clauses stand where the model's own portfolio left them.

    Parameters
    ----------
    model : Model
    market : Market
    asof : date, optional
        By default the market's last close.
    holdings : mapping or Series of ticker to weight, optional
        What the account holds now, as fractions; turnover and trading costs are measured from it.
    record : Series, optional
        The model's own daily net returns so far; `risk_scaling` reads its correlation.
    estimates : OwnEstimates, optional
        A covariance, and expected returns, in the place of those estimated from prices.

    Returns
    -------
    ModelFrontier
        With status "infeasible" and the findings when the mandate allows nothing.

    Raises
    ------
    MarketError, EstimationError, MandateError, OptimizerError
        When the input cannot be used.
    """
    started = time.perf_counter()
    portfolio = solve(model, market, asof, holdings, record, estimates=estimates)
    outcome = efficient_frontier(without_target(portfolio.setting))
    return ModelFrontier(portfolio, outcome, time.perf_counter() - started)


def without_target(setting: Setting) -> Problem:
    """The problem that was solved, without its risk target.

    Parameters
    ----------
    setting : Setting
    """
    problem = setting.problem.without_cap()
    if setting.target.kind != "beta":
        return problem
    # A beta target is a row of the mandate.
    model = setting.risk_model
    return replace(
        problem, mandate=compile_mandate(setting.clauses, funds_of(setting.catalog, model.tickers, model.beta))
    )


def figures_of(model: RiskModel, weights: Floats) -> pd.DataFrame:
    """Ex-ante risk of portfolios: `volatility` and `tracking_error` as fractions, `beta`, `correlation`.

    Parameters
    ----------
    model : RiskModel
    weights : ndarray, shape (K, n)
    """
    tracking = tracking_measure(model)
    volatility = np.array([model.form.volatility(w) for w in weights])
    beta = weights @ model.beta
    return pd.DataFrame(
        {
            "volatility": volatility / _PERCENT,
            "beta": beta,
            "correlation": np.divide(
                beta * model.sigma_b, volatility, out=np.zeros(len(weights)), where=volatility > 0.0
            ),
            "tracking_error": np.array([tracking.value(w) for w in weights]) / _PERCENT,
        },
        index=_numbers(len(weights)),
    )


def _numbers(count: int) -> pd.RangeIndex:
    return pd.RangeIndex(1, count + 1, name="corner")
