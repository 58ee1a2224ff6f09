"""The risk that a target speaks of: volatility, or tracking error against the benchmark.

Both are one norm.  With Sigma = B B' + diag(s)^2 over the funds,

    R(w)^2 = || B'w - p ||^2 + || s o w - q ||^2 + h^2

where p, q, h are zero for volatility and the benchmark's own loadings, specific part among the funds, and specific
part outside them for tracking error. R is convex, so it lies above each of its tangents.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from riskmodels import FactorForm, RiskModel
from riskmodels.factor_form import Floats


@dataclass(frozen=True, eq=False)
class RiskMeasure:
    """R(w), in annualised percent.

    Parameters
    ----------
    form : FactorForm
        Sigma of the n funds, with k factors.
    factor_target : ndarray, shape (k,)
        p.
    specific_target : ndarray, shape (n,)
        q.
    unhedgeable : float
        h >= 0, risk that no holding changes.
    """

    form: FactorForm
    factor_target: Floats
    specific_target: Floats
    unhedgeable: float

    def value(self, w: Floats) -> float:
        """R(w)."""
        factor, specific = self._parts(w)
        return float(np.sqrt(factor @ factor + specific @ specific + self.unhedgeable**2))

    def half_square_gradient(self, w: Floats) -> Floats:
        """Gradient of R^2 / 2, shape (n,)."""
        factor, specific = self._parts(w)
        return np.asarray(self.form.loadings @ factor + self.form.specific * specific)

    def gradient(self, w: Floats) -> Floats:
        """Gradient of R, shape (n,); zero at R = 0, where it is a subgradient."""
        value = self.value(w)
        return self.half_square_gradient(w) / value if value > 0.0 else np.zeros(w.size)

    def _parts(self, w: Floats) -> tuple[Floats, Floats]:
        return self.form.loadings.T @ w - self.factor_target, self.form.specific * w - self.specific_target


def volatility_measure(model: RiskModel) -> RiskMeasure:
    """Volatility of the portfolio."""
    n, k = model.form.loadings.shape
    return RiskMeasure(model.form, np.zeros(k), np.zeros(n), 0.0)


def tracking_measure(model: RiskModel) -> RiskMeasure:
    """Volatility of the portfolio less the benchmark."""
    n = len(model.tickers)
    loadings, specific = model.joint.loadings[model.benchmark_at], float(model.joint.specific[model.benchmark_at])
    inside = np.zeros(n)
    if model.benchmark_at < n:
        inside[model.benchmark_at] = specific
        return RiskMeasure(model.form, loadings, inside, 0.0)
    return RiskMeasure(model.form, loadings, inside, specific)
