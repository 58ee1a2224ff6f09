"""What a solve comes to: the portfolio, its risk against the target, the proof, and why funds were left out."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

import numpy as np
import pandas as pd

from aggplus.json_record import as_record
from aggplus.model import Model
from aggplus.page import as_html
from constraints import Clause
from optimizer import Certificate, Concession, Problem, RiskTarget, ShadowPrice, tracking_measure
from riskmodels import RiskModel
from universe import SECTORS

Status = Literal["solved", "infeasible", "failed"]

_BINDING = 1e-6
"""Relative: a target met this closely binds."""


@dataclass(frozen=True)
class PortfolioRisk:
    """Ex-ante risk of a portfolio.

    Parameters
    ----------
    volatility, tracking_error : float
        Annualised percent.
    beta, correlation : float
        To the benchmark.
    """

    volatility: float
    beta: float
    correlation: float
    tracking_error: float


@dataclass(frozen=True)
class Position:
    """One holding.

    Parameters
    ----------
    ticker, name, sector : str
    weight : float
        Fraction.
    expected_return, volatility : float
        Annualised percent.
    beta : float
    risk : {"observed", "inferred", "given"}
        Where its risk is from: its own returns over the whole window, funds with longer histories, or the user.
    risk_days : int
        Returns of its own behind its risk; 0 where risk is given.
    """

    ticker: str
    name: str
    sector: str
    weight: float
    expected_return: float
    volatility: float
    beta: float
    risk: str
    risk_days: int


@dataclass(frozen=True, eq=False)
class Setting:
    """What was solved, and on what.

    Parameters
    ----------
    model : Model
    market : str
        Name of the market; says so when it is simulated.
    asof : Timestamp
        The close used.
    catalog : DataFrame
        Rows of the eligible funds.
    excluded : DataFrame
        Indexed by ticker, with `kind` and `reason`: every fund of the catalog that is not eligible.
    risk_model : RiskModel
    target : RiskTarget
        After giving way, where it did.
    clauses : tuple of Clause
        Those of the problem.
    problem : Problem
        The numbers that were solved: with the limits that gave way at their new values.
    warnings : tuple of str
        Assumptions and flaws that travel with the result.
    expressions : tuple of str
        Names of the clauses given from Python, which are no part of `problem`.
    """

    model: Model
    market: str
    asof: pd.Timestamp
    catalog: pd.DataFrame
    excluded: pd.DataFrame
    risk_model: RiskModel
    target: RiskTarget
    clauses: tuple[Clause, ...]
    problem: Problem
    warnings: tuple[str, ...]
    expressions: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class ModelPortfolio:
    """The outcome of one solve.

    Parameters
    ----------
    setting : Setting
    status : {"solved", "infeasible", "failed"}
    weights : Series
        Fractions by ticker, largest first; empty unless solved.
    certificate : Certificate or None
    shadow_prices : tuple of ShadowPrice
    backend : str or None
        The one that solved it.
    fallbacks : tuple of str
        What backends asked before it said.
    given_up : tuple of Concession
        Soft clauses that gave way, the least important first: which limit, from where to where.
    findings : tuple of str
        Why there is no portfolio.
    seconds : float
        From market to result.
    """

    setting: Setting
    status: Status
    weights: pd.Series
    certificate: Certificate | None
    shadow_prices: tuple[ShadowPrice, ...]
    backend: str | None
    fallbacks: tuple[str, ...]
    given_up: tuple[Concession, ...]
    findings: tuple[str, ...]
    seconds: float

    @property
    def w(self) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """Weights of all eligible funds in the order of the problem, shape (n,); zero where not solved."""
        return self.weights.reindex(list(self.setting.risk_model.tickers), fill_value=0.0).to_numpy(dtype=float)

    @property
    def risk(self) -> PortfolioRisk | None:
        """Ex-ante risk by the risk model; None unless solved."""
        if self.status != "solved":
            return None
        model, w = self.setting.risk_model, self.w
        volatility, beta = model.form.volatility(w), float(model.beta @ w)
        return PortfolioRisk(
            volatility=volatility,
            beta=beta,
            correlation=beta * model.sigma_b / volatility if volatility > 0.0 else 0.0,
            tracking_error=tracking_measure(model).value(w),
        )

    @property
    def target_figure(self) -> float | None:
        """The figure that the target speaks of: ex-ante volatility, tracking error or beta."""
        risk = self.risk
        return None if risk is None else float(getattr(risk, self.setting.target.kind))

    @property
    def binding(self) -> bool | None:
        """Whether the risk target binds; None unless solved."""
        figure, target = self.target_figure, self.setting.target.value
        return None if figure is None else figure >= target - _BINDING * max(1.0, abs(target))

    @property
    def expected_return(self) -> float | None:
        """Annualised percent, before costs; None unless solved."""
        return self.setting.problem.expected_return(self.w) if self.status == "solved" else None

    @property
    def turnover(self) -> float | None:
        """One-way turnover from the holdings; None unless solved with a mandate that limits it."""
        limit = self.setting.problem.mandate.turnover
        return None if limit is None or self.status != "solved" else limit.of(self.w)

    @property
    def positions(self) -> tuple[Position, ...]:
        """What is held, largest first."""
        held = list(self.weights.index)
        figures, catalog = self.setting.risk_model.table.loc[held], self.setting.catalog.loc[held]
        columns = zip(
            held,
            catalog["name"].tolist(),
            catalog["sector"].tolist(),
            self.weights.tolist(),
            figures["expected_return"].tolist(),
            figures["volatility"].tolist(),
            figures["beta"].tolist(),
            figures["risk"].tolist(),
            figures["risk_days"].tolist(),
            strict=True,
        )
        return tuple(Position(*row) for row in columns)

    @property
    def holdings(self) -> pd.DataFrame:
        """`positions` as a table by ticker; weight, expected return and volatility as fractions."""
        columns = [field.name for field in fields(Position)]
        table = pd.DataFrame([asdict(position) for position in self.positions], columns=columns).set_index("ticker")
        table[["expected_return", "volatility"]] /= 100.0
        return table

    @property
    def sectors(self) -> pd.Series:
        """Weight by sector, fractions, in the order of the taxonomy; sectors held only."""
        sums = self.weights.groupby(self.setting.catalog["sector"].reindex(self.weights.index)).sum()
        return sums.reindex([key for key in SECTORS if key in sums.index]).rename("weight")

    @property
    def excluded(self) -> pd.Series:
        """The reason for every fund of the catalog that was left out, by ticker."""
        return self.setting.excluded["reason"]

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain Python values, as `aggplus solve --json` writes it."""
        return as_record(self)

    def __repr__(self) -> str:
        setting = self.setting
        what = f"{len(self.weights)} funds" if self.status == "solved" else "; ".join(self.findings)
        return f"<ModelPortfolio {setting.model.id} on {setting.asof:%Y-%m-%d}: {self.status}, {what}>"

    def _repr_html_(self) -> str:
        return as_html(self)
