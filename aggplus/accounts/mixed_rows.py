"""A mixed-integer program as it grows: columns by kind, and sparse rows."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array

Floats = NDArray[np.float64]


class MixedRows:
    """Columns with bounds, and rows lower <= a'x <= upper."""

    def __init__(self) -> None:
        self._kinds: list[str] = []
        self._bounds: list[tuple[float, float]] = []
        self._whole: list[bool] = []
        self._costs: list[float] = []
        self._rows: list[tuple[Mapping[int, float], float, float]] = []

    def column(self, kind: str, lower: float, upper: float, cost: float = 0.0, whole: bool = False) -> int:
        """Add a column and give its place.

        Parameters
        ----------
        kind : str
        lower, upper : float
        cost : float
            Counts in the objective of its kind.
        whole : bool
        """
        self._kinds.append(kind)
        self._bounds.append((lower, upper))
        self._whole.append(whole)
        self._costs.append(cost)
        return len(self._kinds) - 1

    def constant(self, kind: str, cost: float) -> None:
        """Add a constant to the objective of a kind.

        Parameters
        ----------
        kind : str
        cost : float
        """
        self.column(f"constant {kind}", 1.0, 1.0, cost=cost)

    def add(self, coefficients: Mapping[int, float], lower: float, upper: float) -> None:
        """Add a row.

        Parameters
        ----------
        coefficients : mapping of column to float
        lower, upper : float
        """
        self._rows.append((coefficients, lower, upper))

    def softly(self, coefficients: Mapping[int, float], lower: float, upper: float, scale: float) -> None:
        """Add a row that gives way at a cost of the kind "breach".

        Parameters
        ----------
        coefficients : mapping of column to float
        lower, upper : float
        scale : float
            Cost of a unit.
        """
        row = dict(coefficients)
        if np.isfinite(upper):
            row[self.column("breach", 0.0, np.inf, cost=scale)] = -1.0
        if np.isfinite(lower):
            row[self.column("breach", 0.0, np.inf, cost=scale)] = 1.0
        self.add(row, lower, upper)

    def columns(self, kind: str) -> NDArray[np.bool_]:
        """Which columns are of a kind, shape (columns,)."""
        return np.array([known == kind for known in self._kinds])

    def cost(self, kind: str) -> Floats:
        """The objective of a kind, shape (columns,)."""
        return np.where(self.columns(kind) | self.columns(f"constant {kind}"), self._costs, 0.0)

    @property
    def lower(self) -> Floats:
        """Lower bounds, shape (columns,)."""
        return np.array([bounds[0] for bounds in self._bounds])

    @property
    def upper(self) -> Floats:
        """Upper bounds, shape (columns,)."""
        return np.array([bounds[1] for bounds in self._bounds])

    @property
    def whole(self) -> NDArray[np.int64]:
        """1 where a column takes whole numbers only, shape (columns,)."""
        return np.array(self._whole, dtype=np.int64)

    def rows(self) -> tuple[coo_array, Floats, Floats]:
        """The rows, of shape (rows, columns), with their limits."""
        entries = [(r, c, a) for r, (row, _, _) in enumerate(self._rows) for c, a in row.items()]
        at, column, values = zip(*entries, strict=True)
        shape = (len(self._rows), len(self._kinds))
        A = coo_array((np.array(values), (np.array(at), np.array(column))), shape=shape)
        return A, np.array([row[1] for row in self._rows]), np.array([row[2] for row in self._rows])
