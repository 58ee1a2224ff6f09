"""What every covariance here is: a scikit-learn estimator that keeps its factor form and is positive definite.

`fit(X)` takes returns, shape (days, n), and leaves `covariance_`, `factor_form_` (the same numbers as low rank plus
diagonal), `shrinkage_` and `condition_number_`. Any covariance estimator of scikit-learn may stand inside as `base`.

scikit-learn's Ledoit-Wolf and OAS shrink the sample covariance S of T centred observations towards a multiple of
the identity,  (1 - a) S + a m I  with  m = tr(S) / n.  With X the centred observations, S = X'X / T, so this is
low rank plus diagonal as it stands:

    B = sqrt((1 - a) / T) X'   (n x T),     s = sqrt(a m) 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, clone
from sklearn.covariance import LedoitWolf
from sklearn.utils.validation import check_is_fitted

from riskmodels.errors import EstimationError
from riskmodels.factor_form import FactorForm, Floats, factorise_definite
from riskmodels.returns import motionless

_NAMED = 5


class CovarianceEstimator(BaseEstimator):
    """A fitted covariance: what all estimators of it have in common.

    Attributes
    ----------
    covariance_ : ndarray, shape (n, n)
        In the square of the unit of X, a period of X.
    factor_form_ : FactorForm
        The same numbers as loadings and specific volatilities.
    shrinkage_ : float or None
        Intensity of the linear shrinkage, where there is one.
    """

    factor_form_: FactorForm
    shrinkage_: float | None

    @property
    def covariance_(self) -> Floats:
        """Sigma, formed when it is asked for: most callers go on with the factor form."""
        check_is_fitted(self)
        return self.factor_form_.matrix

    @property
    def condition_number_(self) -> float:
        """Largest over smallest eigenvalue of `covariance_`, computed when it is asked for."""
        check_is_fitted(self)
        return self.factor_form_.condition_number

    @property
    def keeps_volatilities(self) -> bool:
        """Whether a column's volatility depends on its own returns alone, whatever columns stand beside it."""
        return False

    def volatility_of(self, returns: Floats) -> Floats:
        """The volatility that this estimator gives each column of returns; it is not fitted itself.

        Estimators that keep volatilities do it without the correlations, and column by column.

        Parameters
        ----------
        returns : ndarray, shape (days, n)
        """
        return np.sqrt(np.diag(clone(self).fit(returns).covariance_))

    def _keep(self, form: FactorForm, shrinkage: float | None) -> None:
        self.factor_form_ = form
        self.shrinkage_ = shrinkage


def fitted_form(base: BaseEstimator | None, observations: Floats) -> tuple[FactorForm, float | None]:
    """Fit a clone of a covariance estimator, and bring what it says to factor form.

    Parameters
    ----------
    base : scikit-learn covariance estimator or None
        None stands for Ledoit-Wolf.
    observations : ndarray, shape (days, n)
        Centred.

    Returns
    -------
    FactorForm
        Positive definite; low rank where linear shrinkage, or the estimator itself, makes it so.
    float or None
        Intensity, where `base` chooses one.
    """
    # store_precision=False: the inverse costs more than the estimate and nobody reads it.
    unfitted = LedoitWolf(assume_centered=True, store_precision=False) if base is None else clone(base)
    fitted = unfitted.fit(observations)
    return _form(fitted, observations), _intensity(fitted)


def _form(fitted: Any, centred: Floats) -> FactorForm:
    if isinstance(fitted, CovarianceEstimator):
        return fitted.factor_form_
    days, n = centred.shape
    intensity = _intensity(fitted)
    if intensity is None:
        return factorise_definite(np.asarray(fitted.covariance_))
    mean_variance = float(np.einsum("ti,ti->", centred, centred)) / (days * n)
    form = FactorForm(
        loadings=np.sqrt((1.0 - intensity) / days) * centred.T,
        specific=np.full(n, np.sqrt(intensity * mean_variance)),
    )
    # Other estimators call an intensity towards another target `shrinkage_` too.
    same = np.allclose(form.matrix, fitted.covariance_, rtol=1e-9, atol=1e-9 * mean_variance)
    return form.definite if same else factorise_definite(np.asarray(fitted.covariance_))


def _intensity(fitted: Any) -> float | None:
    # scikit-learn's may come out at -1e-18 where there is nothing to shrink.
    given = getattr(fitted, "shrinkage_", None)
    return None if given is None else min(1.0, max(0.0, float(given)))


def refuse_motionless(returns: Floats, estimator: BaseEstimator) -> None:
    """Refuse columns that never move: they have no correlation with anything.

    Parameters
    ----------
    returns : ndarray, shape (days, n)
    estimator : scikit-learn estimator
        Whose `feature_names_in_` name the columns.

    Raises
    ------
    EstimationError
        Naming the first of them.
    """
    still = np.flatnonzero(motionless(returns))
    if still.size:
        raise EstimationError(
            f"{still.size} of {returns.shape[1]} columns have no variance over these {returns.shape[0]} days "
            f"({named(still, estimator)}): a correlation needs movement; leave them out"
        )


def named(columns: Sequence[int] | NDArray[np.intp], estimator: BaseEstimator) -> str:
    """The first few of some columns, by name where the estimator was fitted on names.

    Parameters
    ----------
    columns : sequence of int
    estimator : scikit-learn estimator
    """
    names = getattr(estimator, "feature_names_in_", None)
    return ", ".join(str(i if names is None else names[i]) for i in columns[:_NAMED])


def with_names(values: Floats, estimator: BaseEstimator) -> Floats | pd.DataFrame:
    """Columns with the names that an estimator was fitted on, for the estimator inside it.

    Parameters
    ----------
    values : ndarray, shape (rows, n)
    estimator : scikit-learn estimator
    """
    names = getattr(estimator, "feature_names_in_", None)
    return values if names is None else pd.DataFrame(values, columns=list(names))
