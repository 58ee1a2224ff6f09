"""A portfolio problem as the path takes it: rows and bounds only.

Trading costs and turnover bend at the holdings w0. A fund held between its bounds becomes two: the part that is kept,
u in [lower, w0], and the part that is bought, v in [0, upper - w0], with w = u + v and

    mu'w - c|w - w0|  =  (mu + c) u + (mu - c) v - c w0,       |w - w0|  =  (w0 - u) + v.

Keeping earns more than buying, so that nothing is bought of a fund before all of it is kept, and turnover is one more
row. Risk is the fund's in both. A fund held at a bound or beyond can only be bought, or only be sold, and stays one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.parametric.columns import Integers, factor_columns
from optimizer.parametric.state import Program
from optimizer.problem import Problem
from riskmodels.factor_form import FactorForm, Floats


@dataclass(frozen=True, eq=False)
class Pieces:
    """The N pieces of n funds.

    Parameters
    ----------
    fund : ndarray of int, shape (N,)
        The fund of each, in order.
    lower, upper : ndarray, shape (N,)
        Finite.
    trade : ndarray, shape (N,)
        +1 where more of it is more to buy, -1 where it is less to sell, 0 where trading is free.
    turnover : float
        Turnover is  trade'x / 2 + turnover.
    """

    fund: Integers
    lower: Floats
    upper: Floats
    trade: Floats
    turnover: float


@dataclass(frozen=True, eq=False)
class StandardForm:
    """The problem over pieces.

    Parameters
    ----------
    program : Program
        Its last row is turnover where that is limited.
    lower, upper : ndarray, shape (1, N + m)
        Of pieces and rows.
    constant : float
        Variance is  x'Sigma x - 2 c'x + constant.
    starts : ndarray of int, shape (n,)
        The first piece of each fund.
    scale : ndarray, shape (m,)
        What each row was divided by.
    """

    program: Program
    lower: Floats
    upper: Floats
    constant: float
    starts: Integers
    scale: Floats

    def weights(self, x: Floats) -> Floats:
        """Weights of the funds, shape (..., n), from pieces, shape (..., N)."""
        return np.asarray(np.add.reduceat(x, self.starts, axis=-1))


def standard_form(problem: Problem, curvature: float, ridge: float) -> StandardForm:
    """The objective  curvature R(w)^2 / 2 + ridge ||w||^2 / 2 - t (reward net of trading costs), over pieces.

    Parameters
    ----------
    problem : Problem
        Its lower bounds are finite; so are its upper ones, or a row implies one.
    curvature, ridge : float
    """
    mandate, risk = problem.mandate, problem.risk
    pieces = _pieces(problem)
    fund = pieces.fund
    A, row_lower, row_upper = mandate.A[:, fund], mandate.row_lower, mandate.row_upper
    if mandate.turnover is not None:
        A = np.vstack([A, 0.5 * pieces.trade])
        row_lower = np.append(row_lower, -np.inf)
        room = mandate.turnover.limit - 0.5 * mandate.turnover.outside - pieces.turnover
        row_upper = np.append(row_upper, room)
    rows, low, high, scale = scaled_rows(
        A, row_lower, row_upper, np.maximum(np.abs(pieces.lower), np.abs(pieces.upper))
    )
    pull = risk.form.loadings @ risk.factor_target + risk.form.specific * risk.specific_target
    off = float(risk.factor_target @ risk.factor_target + risk.specific_target @ risk.specific_target)
    program = Program(
        columns=factor_columns(_form_of_pieces(risk.form, fund, curvature, ridge)),
        mu=problem.reward[fund] - problem.kink[fund] * pieces.trade,
        linear=curvature * pull[fund],
        A=rows,
        At=np.ascontiguousarray(rows.T),
    )
    return StandardForm(
        program=program,
        lower=np.append(pieces.lower, low)[None],
        upper=np.append(pieces.upper, high)[None],
        constant=curvature * (off + risk.unhedgeable**2),
        starts=np.flatnonzero(np.diff(fund, prepend=-1)),
        scale=scale,
    )


def scaled_rows(
    A: Floats, row_lower: Floats, row_upper: Floats, widest: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    """Rows with largest coefficients near one and finite limits, and the scale of each.

    The scale is a power of two, so that scaling rounds nothing; an open side is put beyond any value the row takes.

    Parameters
    ----------
    A : ndarray, shape (m, n)
    row_lower, row_upper : ndarray, shape (..., m)
    widest : ndarray, shape (n,)
        Largest absolute weights.
    """
    largest = np.abs(A).max(axis=1, initial=0.0)
    scale = np.exp2(np.round(np.log2(np.where(largest > 0.0, largest, 1.0))))
    rows = np.ascontiguousarray(A / scale[:, None])
    beyond = 1.0 + np.abs(rows) @ widest
    return rows, np.maximum(row_lower / scale, -beyond), np.minimum(row_upper / scale, beyond), scale


def _pieces(problem: Problem) -> Pieces:
    lower, upper, held = problem.mandate.lower, problem.mandate.upper, problem.held
    if problem.mandate.turnover is not None:
        held = problem.mandate.turnover.held
    bends = (problem.kink > 0.0) | (problem.mandate.turnover is not None)
    split = bends & (lower < held) & (held < upper)
    side = np.where(bends, np.where(held >= upper, -1.0, 1.0), 0.0)
    fund = np.repeat(np.arange(lower.size), 1 + split)
    low, high, trade = lower[fund], upper[fund], side[fund]
    kept = np.flatnonzero(np.diff(fund, append=-1) == 0)
    high[kept], trade[kept] = held[split], -1.0
    low[kept + 1], high[kept + 1], trade[kept + 1] = 0.0, (upper - held)[split], 1.0
    turnover = 0.5 * float(held[split].sum() - (side * held)[~split].sum())
    return Pieces(fund, low, high, trade, turnover)


def _form_of_pieces(form: FactorForm, fund: Integers, curvature: float, ridge: float) -> FactorForm:
    """Covariance of the pieces: two of one fund share its specific risk, which becomes a factor of theirs."""
    root, variance = np.sqrt(curvature), curvature * form.specific**2 + ridge
    loadings, specific = root * form.loadings[fund], np.sqrt(variance)[fund]
    kept = np.flatnonzero(np.diff(fund, append=-1) == 0)
    if kept.size:
        own = np.zeros((fund.size, kept.size))
        column = np.arange(kept.size)
        own[kept, column] = own[kept + 1, column] = specific[kept]
        specific[kept] = specific[kept + 1] = 0.0
        loadings = np.hstack([loadings, own])
    return FactorForm(loadings, specific)
