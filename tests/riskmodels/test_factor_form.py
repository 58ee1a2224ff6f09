import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from riskmodels import EstimationError, FactorForm, factorise

Floats = NDArray[np.float64]


def a_form(seed: int, n: int = 7, k: int = 4) -> FactorForm:
    rng = np.random.default_rng(seed)
    scale = np.geomspace(0.01, 15.0, n)
    return FactorForm(loadings=rng.normal(size=(n, k)) * scale[:, None], specific=rng.uniform(0.0, 1.0, n) * scale)


def dense(form: FactorForm) -> Floats:
    """Sigma entry by entry."""
    n, k = form.loadings.shape
    return np.array(
        [
            [
                sum(form.loadings[i, f] * form.loadings[j, f] for f in range(k))
                + (form.specific[i] ** 2 if i == j else 0.0)
                for j in range(n)
            ]
            for i in range(n)
        ]
    )


def test_matrix_is_symmetric_to_the_bit_and_as_defined() -> None:
    form = a_form(1)
    np.testing.assert_array_equal(form.matrix, form.matrix.T)
    np.testing.assert_allclose(form.matrix, dense(form), rtol=1e-12, atol=1e-14)


@given(seed=st.integers(0, 2**32 - 1), w=st.lists(st.floats(-1.0, 1.0, allow_subnormal=False), min_size=7, max_size=7))
@settings(deadline=None)
def test_volatility_and_product_are_those_of_the_matrix(seed: int, w: list[float]) -> None:
    form, weights = a_form(seed), np.array(w)
    sigma = dense(form)
    variance = float(weights @ sigma @ weights)
    scale = float(np.abs(weights) @ np.sqrt(np.diag(sigma)))
    assert form.volatility(weights) == pytest.approx(np.sqrt(max(variance, 0.0)), abs=1e-7 * scale)
    assert form.volatility(weights) ** 2 == pytest.approx(variance, abs=1e-12 * scale**2)
    np.testing.assert_allclose(form.times(weights), sigma @ weights, rtol=0, atol=1e-12 * (1.0 + np.abs(sigma).max()))


def test_scaling_and_choosing_are_those_of_the_matrix() -> None:
    form = a_form(2)
    by = np.linspace(0.5, 3.0, 7)
    np.testing.assert_allclose(form.scaled(by).matrix, form.matrix * np.outer(by, by), rtol=1e-12)
    np.testing.assert_allclose(form.scaled(2.0).matrix, 4.0 * form.matrix, rtol=1e-12)
    positions = np.array([5, 0, 3])
    np.testing.assert_array_equal(form.take(positions).matrix, form.matrix[np.ix_(positions, positions)])


@given(seed=st.integers(0, 2**32 - 1), rank=st.integers(0, 6))
@settings(deadline=None)
def test_factorise_gives_the_matrix_back(seed: int, rank: int) -> None:
    root = np.random.default_rng(seed).normal(size=(6, rank))
    sigma = root @ root.T
    form = factorise(sigma)
    np.testing.assert_allclose(form.matrix, sigma, rtol=0, atol=1e-12 * (1.0 + np.abs(sigma).max()))
    assert not form.specific.any()
    assert (form.loadings.shape[1] == 0) == (rank == 0)


@pytest.mark.parametrize(
    ("sigma", "words"),
    [
        ([[1.0, 2.0], [2.0, 1.0]], "not positive semidefinite: its smallest eigenvalue is -1"),
        ([[-1.0, 0.0], [0.0, -1.0]], "not positive semidefinite"),
        ([[1.0, 0.0], [0.0, -1e-8]], "not positive semidefinite"),
        ([[1.0, 0.5], [0.4, 1.0]], "not symmetric"),
        ([[1.0, np.nan], [np.nan, 1.0]], "not finite"),
        ([[np.inf, 0.0], [0.0, 1.0]], "not finite"),
    ],
)
def test_factorise_repairs_nothing(sigma: list[list[float]], words: str) -> None:
    with pytest.raises(EstimationError, match=words) as caught:
        factorise(np.array(sigma))
    assert "\n" not in str(caught.value)
