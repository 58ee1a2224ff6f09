"""A combination of exponentially weighted experts by their recent forecasts: CM-IEWMA.

An expert with half-lives (H_v, H_c) is an iterated EWMA: volatilities d_t over H_v; returns divided by the volatility
forecast for their day and clipped at 4.2; their correlations R_t over H_c; Sigma_t = D_t R_t D_t. With L_t^(k) the
Cholesky factor of the precision that expert k forecast for day t from the days before, the weights

    maximise over w >= 0, sum w = 1:   sum over the last N days of  sum_i log L_t,ii - ||L_t' r_t||^2 / 2,
    L_t = sum_k w_k L_t^(k)

maximise the likelihood that the mixture would have given to the last N days: a concave problem in as many
variables as experts. The forecast is (L L')^-1 with the same weights on today's factors, positive definite by
construction.

More funds than `factors` are described by as many principal components of their standardised returns, with a full
covariance, and what is left to each fund, with a variance of its own; the experts then speak of both. A mixture of
Cholesky factors depends on the order of their rows: components come in order of size, up to `factors` funds in that
of the columns.

References
----------
Johansson, Ogut, Pelger, Schmelzer & Boyd, "A simple method for predicting covariance matrices of financial returns",
Foundations and Trends in Econometrics 12 (2023), sections 3, 4 and 9.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from scipy.linalg import solve_triangular
from scipy.optimize import LinearConstraint, minimize
from sklearn.utils.validation import validate_data

from riskmodels.errors import EstimationError
from riskmodels.factor_form import FactorForm, Floats
from riskmodels.fitted_covariance import CovarianceEstimator, refuse_motionless
from riskmodels.parameters import positive_number, whole_number
from riskmodels.principal_factors import principal_components

_CLIP = 4.2
"""Standard deviations; as in the paper."""

_RIDGE = 1e-6
"""Of identity in a correlation matrix, so that it can be inverted."""

_LEAST_RESIDUAL = 1e-6
"""Of a fund's variance, for one that the components explain to the last bit."""


class CombinedExperts(CovarianceEstimator):
    """CM-IEWMA of Johansson et al.

    Parameters
    ----------
    half_lives : tuple of (float, float)
        One expert each: half-life of volatilities and of correlations, days.
    recent_days : int
        N, days that the experts are judged by.
    factors : int
        Most principal components; up to so many funds are described as they are.

    Attributes
    ----------
    weights_ : ndarray, one an expert
        Weights of the experts, which add up to 1.
    covariance_, factor_form_, condition_number_
        As in `CovarianceEstimator`.
    shrinkage_ : None
    """

    def __init__(
        self,
        half_lives: tuple[tuple[float, float], ...] = ((10.0, 21.0), (21.0, 63.0), (63.0, 126.0)),
        recent_days: int = 10,
        factors: int = 20,
    ) -> None:
        self.half_lives = half_lives
        self.recent_days = recent_days
        self.factors = factors

    def fit(self, X: Any, y: None = None) -> Self:
        """Estimate from returns.

        Parameters
        ----------
        X : array-like, shape (days, n)
            Returns of one period each, the latest last.
        y : None
            Ignored.

        Raises
        ------
        EstimationError
            When there are not at least three days beyond `recent_days`, a parameter is not positive, or a column never
            moves.
        ValueError
            For values that are not finite.
        """
        pairs = [(positive_number("half_lives", v), positive_number("half_lives", c)) for v, c in self.half_lives]
        recent, most = whole_number("recent_days", self.recent_days, 1), whole_number("factors", self.factors, 1)
        returns = validate_data(self, X, dtype=np.float64, ensure_min_samples=2)
        days, n = returns.shape
        if days < recent + 3:
            raise EstimationError(
                f"{days} days of returns: experts judged by {recent} days take at least {recent + 3}; choose a longer "
                "window"
            )
        refuse_motionless(returns, self)
        centred = returns - returns.mean(axis=0)
        volatility = np.sqrt(np.mean(centred**2, axis=0))
        z = centred / volatility
        axes = np.eye(n) if n <= most else principal_components(z)[1][:, :most]
        common = z @ axes
        alone = z[:, :0] if n <= most else z - common @ axes.T
        experts = [_forecasts(common, alone, v, c, recent) for v, c in pairs]
        self.weights_ = _weights(experts, common[-recent:], alone[-recent:])
        root = np.einsum("k,kij->ij", self.weights_, np.array([expert.common[-1] for expert in experts]))
        factor = solve_triangular(root, np.eye(root.shape[0]), lower=True, trans="T")
        specific = np.zeros(n)
        if n > most:
            specific = 1.0 / (self.weights_ @ np.array([expert.alone[-1] for expert in experts]))
        self._keep(FactorForm(axes @ factor, specific).definite.scaled(volatility), None)
        return self


@dataclass(frozen=True, eq=False)
class _Forecasts:
    """Cholesky factors of precisions, for the last N days and the day after: common (N + 1, k, k), alone (N + 1, m)."""

    common: Floats
    alone: Floats


def _forecasts(common: Floats, alone: Floats, for_volatility: float, for_correlation: float, recent: int) -> _Forecasts:
    days, k = common.shape
    variances = _ewma_of_squares(common, for_volatility)
    # Forecasts for day t are averages up to t - 1; the first days have none worth the name.
    warm = max(2, min(days // 4, int(for_volatility), days - recent - 1))
    standardised = np.clip(common[warm:] / np.sqrt(variances[warm - 1 : -1]), -_CLIP, _CLIP)
    keep = 0.5 ** (1.0 / for_correlation)
    second, roots = np.zeros((k, k)), []
    for t in range(warm, days + 1):
        if t >= days - recent:
            roots.append(_precision_root(second, np.sqrt(variances[t - 1])))
        if t < days:
            row = standardised[t - warm]
            second = keep * second + np.outer(row, row)
    own = 1.0 / np.sqrt(_ewma_of_squares(alone, for_volatility)[-recent - 1 :])
    return _Forecasts(np.array(roots), own)


def _ewma_of_squares(rows: Floats, half_life: float) -> Floats:
    """Exponentially weighted means of squares up to and with each day, shape as the rows."""
    keep = 0.5 ** (1.0 / half_life)
    total, weight, out = np.zeros(rows.shape[1]), 0.0, np.empty_like(rows)
    for t, row in enumerate(rows):
        total, weight = keep * total + row**2, keep * weight + 1.0
        out[t] = total / weight
    # A fund that has not moved yet is as calm as can be told apart from nothing.
    return np.asarray(np.maximum(out, _LEAST_RESIDUAL))


def _precision_root(second: Floats, volatility: Floats) -> Floats:
    """L with L L' = (D R D)^-1."""
    unit = np.sqrt(np.maximum(np.diag(second), np.finfo(float).tiny))
    correlation = (1.0 - _RIDGE) * second / np.outer(unit, unit) + _RIDGE * np.eye(unit.size)
    np.fill_diagonal(correlation, 1.0)
    scaled = np.linalg.inv(correlation) / np.outer(volatility, volatility)
    return np.asarray(np.linalg.cholesky(0.5 * (scaled + scaled.T)))


def _weights(experts: list[_Forecasts], common: Floats, alone: Floats) -> Floats:
    """The weights under which the mixture makes the last days most likely."""
    count = len(experts)
    if count == 1:
        return np.ones(1)
    diagonals = np.array(
        [np.concatenate([np.diagonal(e.common[:-1], axis1=1, axis2=2).ravel(), e.alone[:-1].ravel()]) for e in experts]
    )
    errors = np.array(
        [
            np.concatenate([np.einsum("tij,ti->tj", e.common[:-1], common).ravel(), (e.alone[:-1] * alone).ravel()])
            for e in experts
        ]
    )
    quadratic = errors @ errors.T
    scale = diagonals.shape[1]

    def loss(w: Floats) -> float:
        return float((0.5 * w @ quadratic @ w - np.log(w @ diagonals).sum()) / scale)

    def slope(w: Floats) -> Floats:
        return np.asarray((quadratic @ w - diagonals @ (1.0 / (w @ diagonals))) / scale)

    found = minimize(
        loss,
        np.full(count, 1.0 / count),
        jac=slope,
        method="SLSQP",
        bounds=[(0.0, 1.0)] * count,
        constraints=LinearConstraint(np.ones((1, count)), 1.0, 1.0),
        options={"ftol": 1e-12, "maxiter": 200},
    )
    w = np.maximum(found.x, 0.0)
    return np.asarray(w / w.sum())
