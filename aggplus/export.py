"""The exact numbers of a problem, so that anyone can check it with another optimizer."""

from __future__ import annotations

import io
from typing import Any

import numpy as np

from aggplus.portfolio import ModelPortfolio


def problem_arrays(portfolio: ModelPortfolio) -> dict[str, Any]:
    """Arrays of the problem: annualised percent, weights as fractions.

    Maximise mu'w over  row_lower <= A w <= row_upper,  lower <= w <= upper  and the target; `w` is the answer, NaN
    where there is none. Where the model has them: trading costs c'|w - held|, one-way turnover at most
    turnover_limit, less ridge/2 ||w||^2 and, for utility, aversion/2 w'Sigma w. Clauses given from Python are no
    arrays: `expressions` names those that the answer meets besides. So are `max_holdings` (infinite for none) and
    `min_weight`: the arrays are the convex part, and `w` is the answer with few names.

    Parameters
    ----------
    portfolio : ModelPortfolio
    """
    setting, problem, model = portfolio.setting, portfolio.setting.problem, portfolio.setting.risk_model
    mandate, few = problem.mandate, setting.model.limits.few_names
    # A beta target is the last row; it is exported as the target.
    rows = slice(len(mandate.row_labels) - (setting.target.kind == "beta"))
    turnover = mandate.turnover
    return {
        "tickers": np.array(model.tickers),
        "mu": model.mu,
        "Sigma": model.form.matrix,
        "beta": model.beta,
        "benchmark_covariance": model.benchmark_covariance,
        "sigma_b": np.float64(model.sigma_b),
        "A": mandate.A[rows],
        "row_lower": mandate.row_lower[rows],
        "row_upper": mandate.row_upper[rows],
        "row_names": np.array([label.clause for label in mandate.row_labels[rows]]),
        "lower": mandate.lower,
        "upper": mandate.upper,
        "target_kind": np.array(setting.target.kind),
        "target_value": np.float64(setting.target.value),
        "target_match": np.array(setting.target.match),
        "goal": np.array(problem.goal),
        "ridge": np.float64(problem.ridge),
        "aversion": np.float64(problem.aversion),
        "trade_cost": problem.trade_cost,
        "held": problem.held,
        "turnover_limit": np.float64(np.inf if turnover is None else turnover.limit),
        "turnover_outside": np.float64(0.0 if turnover is None else turnover.outside),
        "max_holdings": np.float64(np.inf if few.max_holdings is None else few.max_holdings),
        "min_weight": np.float64(few.min_weight),
        "expressions": np.array(setting.expressions, dtype=str),
        "w": portfolio.w if portfolio.status == "solved" else np.full(len(model.tickers), np.nan),
    }


def npz_bytes(portfolio: ModelPortfolio) -> bytes:
    """`problem_arrays` as the content of a .npz file.

    Parameters
    ----------
    portfolio : ModelPortfolio
    """
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **problem_arrays(portfolio))
    return buffer.getvalue()
