"""A mandate over the eligible funds: named linear rows, bounds that know their clause, and a turnover limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from constraints.clauses import Clause, TurnoverLimit
from constraints.funds import Floats, Funds
from constraints.units import Unit


@dataclass(frozen=True, eq=False)
class Label:
    """Whose row or bound it is, and in which unit it reads."""

    clause: str
    unit: Unit


@dataclass(frozen=True, eq=False)
class CompiledMandate:
    """row_lower <= A w <= row_upper,  lower <= w <= upper,  and turnover, over n eligible funds.

    Parameters
    ----------
    tickers : tuple of str, length n
    A : ndarray, shape (m, n)
    row_lower, row_upper : ndarray, shape (m,)
        Infinite where a side is open.
    row_labels : tuple of Label, length m
    lower, upper : ndarray, shape (n,)
        Bounds on the weights: the tightest that any clause sets.
    lower_labels, upper_labels : tuple of Label or None, length n
        The clause that sets each bound.
    turnover : TurnoverLimit or None
    turnover_label : Label or None
    """

    tickers: tuple[str, ...]
    A: Floats
    row_lower: Floats
    row_upper: Floats
    row_labels: tuple[Label, ...]
    lower: Floats
    upper: Floats
    lower_labels: tuple[Label | None, ...]
    upper_labels: tuple[Label | None, ...]
    turnover: TurnoverLimit | None
    turnover_label: Label | None

    def with_row(self, coefficients: Floats, lower: float, upper: float, label: Label) -> CompiledMandate:
        """The same mandate with one more row."""
        return CompiledMandate(
            tickers=self.tickers,
            A=np.vstack([self.A, coefficients]),
            row_lower=np.append(self.row_lower, lower),
            row_upper=np.append(self.row_upper, upper),
            row_labels=(*self.row_labels, label),
            lower=self.lower,
            upper=self.upper,
            lower_labels=self.lower_labels,
            upper_labels=self.upper_labels,
            turnover=self.turnover,
            turnover_label=self.turnover_label,
        )


def compile_mandate(clauses: Sequence[Clause], funds: Funds) -> CompiledMandate:
    """Turn clauses into the rows and bounds of the problem.

    Parameters
    ----------
    clauses : sequence of Clause
    funds : Funds
        The n eligible funds.
    """
    n = len(funds)
    rows: list[tuple[Floats, float, float, Label]] = []
    lower, upper = np.full(n, -np.inf), np.full(n, np.inf)
    lower_labels: list[Label | None] = [None] * n
    upper_labels: list[Label | None] = [None] * n
    turnover: TurnoverLimit | None = None
    turnover_label: Label | None = None
    for clause in clauses:
        label = Label(clause.name, clause.unit)
        part = clause.part(funds)
        rows.extend((row.coefficients, row.lower, row.upper, label) for row in part.rows)
        if part.lower is not None:
            for i in np.flatnonzero(part.lower > lower):
                lower[i], lower_labels[i] = part.lower[i], label
        if part.upper is not None:
            for i in np.flatnonzero(part.upper < upper):
                upper[i], upper_labels[i] = part.upper[i], label
        if part.turnover is not None:
            turnover, turnover_label = part.turnover, label
    return CompiledMandate(
        tickers=funds.tickers,
        A=np.array([row[0] for row in rows]).reshape(len(rows), n),
        row_lower=np.array([row[1] for row in rows]),
        row_upper=np.array([row[2] for row in rows]),
        row_labels=tuple(row[3] for row in rows),
        lower=lower,
        upper=upper,
        lower_labels=tuple(lower_labels),
        upper_labels=tuple(upper_labels),
        turnover=turnover,
        turnover_label=turnover_label,
    )
