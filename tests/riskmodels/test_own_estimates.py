"""A covariance brought along: refused by name where it cannot be used, repaired only on request and told so."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from riskmodels import (
    EstimationError,
    ExpectedReturnRules,
    OwnEstimates,
    given_risk_model,
    nearest_correlation,
    own_covariance,
)

Floats = NDArray[np.float64]

TICKERS = ("AGG", "BND", "HYG", "JNK")


def frame(sigma: Any, tickers: tuple[str, ...] = TICKERS) -> pd.DataFrame:
    return pd.DataFrame(np.array(sigma, dtype=float), index=list(tickers), columns=list(tickers))


def sound() -> pd.DataFrame:
    volatility = np.array([5.0, 5.1, 8.0, 8.2])
    correlation = np.array([[1.0, 0.99, 0.3, 0.3], [0.99, 1.0, 0.3, 0.3], [0.3, 0.3, 1.0, 0.98], [0.3, 0.3, 0.98, 1.0]])
    return frame(correlation * np.outer(volatility, volatility))


def changed(*entries: tuple[str, str, float]) -> pd.DataFrame:
    sigma = sound()
    for one, other, value in entries:
        sigma.loc[one, other] = value
    return sigma


def refusal(covariance: pd.DataFrame, **more: Any) -> str:
    with pytest.raises(EstimationError) as caught:
        own_covariance(OwnEstimates(covariance, **more), TICKERS)
    said = str(caught.value)
    assert "\n" not in said
    return said


def indefinite_correlation(seed: int, n: int, noise: float) -> Floats:
    """A correlation matrix with every pair estimated on its own days, so to say."""
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(n, 3))
    sigma = root @ root.T + np.diag(rng.uniform(0.01, 1.0, n))
    d = np.sqrt(np.diag(sigma))
    jitter = noise * rng.normal(size=(n, n))
    correlation = np.clip(sigma / np.outer(d, d) + 0.5 * (jitter + jitter.T), -1.0, 1.0)
    np.fill_diagonal(correlation, 1.0)
    return correlation


def alternating_projections(correlation: Floats, steps: int = 20_000) -> Floats:
    """Higham's own algorithm with Dykstra's correction: slow, and nothing in common with the dual."""
    y, correction = correlation.copy(), np.zeros_like(correlation)
    for _ in range(steps):
        r = y - correction
        values, vectors = np.linalg.eigh(r)
        x = (vectors * np.maximum(values, 0.0)) @ vectors.T
        correction = x - r
        before, y = y, x.copy()
        np.fill_diagonal(y, 1.0)
        if np.abs(y - before).max() < 1e-12:
            break
    return y


class TestNearestCorrelation:
    def test_the_example_of_the_paper(self) -> None:
        root = nearest_correlation(np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0], [0.0, 1.0, 1.0]]))
        expected = [[1.0, 0.7607, 0.1573], [0.7607, 1.0, 0.7607], [0.1573, 0.7607, 1.0]]
        np.testing.assert_allclose(root @ root.T, expected, atol=5e-5)

    @pytest.mark.parametrize(("n", "noise"), [(4, 0.5), (12, 0.3), (30, 0.1)])
    def test_is_that_of_alternating_projections(self, n: int, noise: float) -> None:
        correlation = indefinite_correlation(n, n, noise)
        assert np.linalg.eigvalsh(correlation)[0] < -0.01
        root = nearest_correlation(correlation)
        np.testing.assert_allclose(root @ root.T, alternating_projections(correlation), atol=2e-7)

    @given(seed=st.integers(0, 2**32 - 1), n=st.integers(2, 15), noise=st.floats(0.0, 2.0))
    @settings(deadline=None, max_examples=50)
    def test_meets_the_conditions_of_the_optimum(self, seed: int, n: int, noise: float) -> None:
        """X - C - diag(y) is positive semidefinite and orthogonal to X: by eigenvalues, without the dual."""
        correlation = indefinite_correlation(seed, n, noise)
        root = nearest_correlation(correlation)
        x = root @ root.T
        np.testing.assert_allclose(np.diag(x), 1.0, atol=1e-14)
        slack = x - correlation
        # Orthogonality of the rows gives the multipliers of the diagonal: (slack - diag(y)) X = 0 on the diagonal.
        slack -= np.diag((slack * x).sum(axis=1))
        assert np.linalg.eigvalsh(slack)[0] > -1e-5 * n
        np.testing.assert_allclose(slack @ x, 0.0, atol=1e-5 * n)


class TestRefusals:
    @pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
    def test_a_pair_that_is_not_finite(self, value: float) -> None:
        said = refusal(changed(("HYG", "JNK", value), ("JNK", "HYG", value)))
        assert said.startswith(f"the covariance of HYG with JNK is {value}")

    def test_a_fund_without_any_number(self) -> None:
        sigma = sound()
        sigma.loc["HYG"] = sigma["HYG"] = np.nan
        assert refusal(sigma).startswith("the covariance of HYG with AGG is nan")

    def test_a_variance_that_is_not_finite(self) -> None:
        assert refusal(changed(("BND", "BND", np.nan))).startswith("the variance of BND is nan")

    def test_a_negative_variance(self) -> None:
        assert "the variance of BND is -26.01" in refusal(changed(("BND", "BND", -26.01)), repair="nearest")

    def test_an_asymmetric_pair_with_both_values(self) -> None:
        said = refusal(changed(("AGG", "JNK", 12.0), ("JNK", "AGG", 13.5)), repair="nearest")
        assert "AGG with JNK is 12, and JNK with AGG is 13.5" in said

    def test_rounding_is_not_asymmetry(self) -> None:
        sigma = changed(("AGG", "JNK", 12.3 * (1.0 + 1e-12)))
        form, repair = own_covariance(OwnEstimates(sigma), TICKERS)
        assert repair is None
        np.testing.assert_allclose(form.matrix, sound(), rtol=1e-10)

    def test_an_indefinite_one_with_the_fund_behind_it(self) -> None:
        """HYG moves with AGG but against its twin BND."""
        pair = -0.9 * 5.1 * 8.0, 0.9 * 5.0 * 8.0
        sigma = changed(
            ("BND", "HYG", pair[0]), ("HYG", "BND", pair[0]), ("AGG", "HYG", pair[1]), ("HYG", "AGG", pair[1])
        )
        d = np.sqrt(np.diag(sigma))
        values, vectors = np.linalg.eigh(sigma.to_numpy() / np.outer(d, d))
        said = refusal(sigma)
        assert f"smallest eigenvalue of its correlations is {values[0]:.3g}" in said
        assert TICKERS[int(np.argmax(np.abs(vectors[:, 0])))] in said
        assert "repair='nearest'" in said

    def test_covariance_with_a_fund_that_has_no_variance(self) -> None:
        said = refusal(changed(("BND", "BND", 0.0)))
        assert "BND has no variance but a covariance of" in said

    @pytest.mark.parametrize("side", [0, 1])
    def test_a_fund_that_is_missing(self, side: int) -> None:
        assert "none for HYG, JNK;" in refusal(sound().drop(["HYG", "JNK"], axis=side))

    def test_a_fund_that_is_there_twice(self) -> None:
        assert "BND is there twice" in refusal(frame(sound(), ("AGG", "BND", "BND", "JNK")))

    def test_words_for_numbers(self) -> None:
        sigma = sound().astype(object)
        sigma.loc["HYG", "JNK"] = "n/a"
        assert "a covariance of HYG is 'n/a': expected numbers" in refusal(sigma)

    @pytest.mark.parametrize("unit", [1e-4, 1e-4 / 252.0])
    def test_fractions(self, unit: float) -> None:
        assert "annualised percent squared" in refusal(sound() * unit)

    def test_what_is_no_frame(self) -> None:
        with pytest.raises(EstimationError, match="is a ndarray: expected a DataFrame"):
            OwnEstimates(sound().to_numpy())
        with pytest.raises(EstimationError, match="expected_returns is a dict"):
            OwnEstimates(sound(), expected_returns={})
        with pytest.raises(EstimationError, match="repair = 'clip' does not exist"):
            OwnEstimates(sound(), repair="clip")


class TestSingular:
    def test_a_fund_without_variance(self) -> None:
        sigma = sound()
        sigma.loc["BND"] = sigma["BND"] = 0.0
        form, repair = own_covariance(OwnEstimates(sigma), TICKERS)
        assert repair is None
        np.testing.assert_allclose(form.matrix, sigma, atol=1e-12)
        assert form.volatility(np.array([0.0, 1.0, 0.0, 0.0])) == 0.0

    def test_funds_that_move_as_one(self) -> None:
        volatility = np.array([5.0, 2.5, 8.0, 4.0])
        correlation = np.array(
            [[1.0, 1.0, -1.0, 0.0], [1.0, 1.0, -1.0, 0.0], [-1.0, -1.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]]
        )
        sigma = frame(correlation * np.outer(volatility, volatility))
        form, repair = own_covariance(OwnEstimates(sigma), TICKERS)
        assert repair is None
        np.testing.assert_allclose(form.matrix, sigma, atol=1e-12)
        assert form.volatility(np.array([1.0, -2.0, 0.0, 0.0])) == pytest.approx(0.0, abs=1e-7)


class TestRepair:
    @given(seed=st.integers(0, 2**32 - 1), n=st.integers(2, 12), noise=st.floats(0.0, 1.5))
    @settings(deadline=None, max_examples=50)
    def test_sizes_are_those_between_the_two_matrices(self, seed: int, n: int, noise: float) -> None:
        rng = np.random.default_rng(seed)
        volatility = np.exp(rng.uniform(np.log(0.2), np.log(15.0), n))
        correlation = indefinite_correlation(seed, n, noise)
        tickers = tuple(f"F{i}" for i in range(n))
        given_sigma = correlation * np.outer(volatility, volatility)
        form, repair = own_covariance(OwnEstimates(frame(given_sigma, tickers), repair="nearest"), tickers)
        sigma = form.matrix
        assert np.linalg.eigvalsh(sigma)[0] >= -1e-10 * sigma.max()
        np.testing.assert_allclose(np.sqrt(np.diag(sigma)), volatility, rtol=1e-12)
        lowest = np.linalg.eigvalsh(correlation)[0]
        if repair is None:
            assert lowest > -1e-9 * n
            np.testing.assert_allclose(sigma, given_sigma, atol=1e-8 * sigma.max())
            return
        moved = np.abs(sigma / np.outer(volatility, volatility) - correlation)
        i, j = (tickers.index(ticker) for ticker in repair.pair)
        assert repair.smallest_eigenvalue == pytest.approx(lowest, abs=1e-12)
        assert repair.correlation_change == pytest.approx(moved.max(), abs=1e-9)
        assert moved[i, j] == pytest.approx(moved.max(), abs=1e-9)
        assert repair.volatility_change < 1e-12
        assert repair.distance == pytest.approx(
            np.linalg.norm(sigma - given_sigma) / np.linalg.norm(given_sigma), abs=1e-12
        )

    def test_says_what_it_did(self) -> None:
        correlation = np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0], [0.0, 1.0, 1.0]])
        own = OwnEstimates(frame(4.0 * correlation, TICKERS[:3]), repair="nearest")
        _, repair = own_covariance(own, TICKERS[:3])
        assert repair is not None
        # 1 - sqrt(2), and 1 - 0.7607 = 0.2393.
        assert "indefinite (smallest eigenvalue of its correlations -0.414)" in repair.sentence
        assert "up to 0.239 (" in repair.sentence
        assert "volatilities by up to 0 %" in repair.sentence

    def test_a_fund_without_variance_loses_its_covariances(self) -> None:
        sigma = changed(("BND", "BND", 0.0))
        form, repair = own_covariance(OwnEstimates(sigma, repair="nearest"), TICKERS)
        assert repair is not None
        np.testing.assert_array_equal(form.matrix[1], np.zeros(4))
        others = [0, 2, 3]
        np.testing.assert_allclose(form.matrix[np.ix_(others, others)], sound().to_numpy()[np.ix_(others, others)])

    def test_a_sound_one_is_left_alone(self) -> None:
        form, repair = own_covariance(OwnEstimates(sound(), repair="nearest"), TICKERS)
        assert repair is None
        np.testing.assert_allclose(form.matrix, sound(), rtol=1e-12)


class TestRiskModel:
    def test_figures_are_those_of_the_matrix(self) -> None:
        prices = pd.DataFrame(np.ones((1, 4)), index=[pd.Timestamp("2024-01-31")], columns=list(TICKERS))
        mu = pd.Series([1.0, 2.0, 3.0, 4.0], index=["JNK", "HYG", "BND", "AGG"])
        model = given_risk_model(prices, ["JNK", "BND"], "AGG", OwnEstimates(sound(), mu), ExpectedReturnRules())
        assert model.tickers == ("BND", "JNK")
        assert model.mu.tolist() == [3.0, 1.0]
        assert (model.mu_b, model.estimator, model.shrinkage) == (4.0, "given", None)
        assert model.sigma_b == pytest.approx(5.0, rel=1e-12)
        np.testing.assert_allclose(model.beta, [0.99 * 5.1 / 5.0, 0.3 * 8.2 / 5.0], rtol=1e-12)

    def test_a_benchmark_without_variance(self) -> None:
        sigma = sound()
        sigma.loc["AGG"] = sigma["AGG"] = 0.0
        prices = pd.DataFrame(index=[pd.Timestamp("2024-01-31")])
        with pytest.raises(EstimationError, match="benchmark AGG has no variance"):
            given_risk_model(prices, ["JNK"], "AGG", OwnEstimates(sigma, sound()["AGG"]), ExpectedReturnRules())

    @pytest.mark.parametrize("value", [np.nan, np.inf])
    def test_expected_returns_that_are_not_finite(self, value: float) -> None:
        mu = pd.Series([1.0, 2.0, value, 4.0], index=list(TICKERS))
        prices = pd.DataFrame(index=[pd.Timestamp("2024-01-31")])
        with pytest.raises(EstimationError, match=f"expected return of HYG is {value}"):
            given_risk_model(prices, ["HYG"], "AGG", OwnEstimates(sound(), mu), ExpectedReturnRules())
