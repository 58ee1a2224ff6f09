"""Draw an instance: a simulated palette of bond funds, and mandates for it.

Funds load on ten factors, as bond ETFs do: a level of rates and a credit spread make up most of the variance, eight
smaller factors the rest, and some funds are near-clones of others. Each date has a risk model estimated from the last
252 simulated days. Variant v is the same however many variants there are, and date d however many dates.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.peers.instance import PERCENT, SECTORS, Covariance, Day, Floats, Setup, Variant
from benchmarks.peers.reach import CalmPortfolios, highest_return
from riskmodels import FactorForm, ShrunkCorrelation

FACTORS, WINDOW, STEP, TRADING_DAYS = 10, 252, 21, 252

_CLONES = 0.15
"""Share of funds that follow another fund."""

_LOWEST, _HIGHEST = 0.16, 11.7
"""Volatilities, percent a year."""


@dataclass(frozen=True, eq=False)
class Palette:
    """What does not change with the date.

    Parameters
    ----------
    returns : ndarray, shape (days, n)
        Simulated daily returns, fractions.
    benchmark : ndarray, shape (days,)
    carry : ndarray, shape (n,)
        Part of the expected return that does not follow the returns, percent a year.
    sector : ndarray of int, shape (n,)
    years : ndarray, shape (n,)
        Durations.
    """

    returns: Floats
    benchmark: Floats
    carry: Floats
    sector: NDArray[np.int64]
    years: Floats


@dataclass(frozen=True, eq=False)
class Taste:
    """A variant, before a date turns it into numbers.

    Parameters
    ----------
    inside : ndarray, shape (n,)
        A portfolio that its limits are drawn around, so that they hold together.
    caps : ndarray, shape (n,)
        Largest weights; zero for barred funds.
    room : ndarray, shape (14, 2)
        Distance of both limits of each sector, of beta and of duration from the portfolio inside; zero for an equality.
    place : float
        Where the risk target lies between the least risk and that of the highest return, 0.03 to 0.7.
    """

    inside: Floats
    caps: Floats
    room: Floats
    place: float


def days(setup: Setup) -> Iterator[Day]:
    """The dates of an instance, each made when asked for.

    Parameters
    ----------
    setup : Setup
    """
    palette = simulate(setup)
    tastes = [draw_taste(setup, v) for v in range(setup.variants)]
    for date in range(setup.dates):
        yield make_day(setup.covariance, palette, tastes, date)


def simulate(setup: Setup) -> Palette:
    """Draw the funds and their daily returns.

    Parameters
    ----------
    setup : Setup
    """
    n = setup.funds
    rng = np.random.default_rng(setup.seed)
    sector = np.sort(rng.integers(0, SECTORS, n))
    volatility = _LOWEST + (_HIGHEST - _LOWEST) * rng.beta(1.3, 1.5, n)
    volatility[np.argsort(volatility)[[0, -1]]] = _LOWEST, _HIGHEST
    # Sectors run from Treasuries (rates alone) to high yield (credit alone); the angle between is theirs.
    angle = 0.5 * np.pi * sector / (SECTORS - 1) + 0.12 * rng.normal(size=n)
    direction = 0.14 * rng.normal(size=(n, FACTORS))
    direction[:, 0], direction[:, 1] = 0.6 + np.cos(angle), np.sin(angle)
    direction /= np.linalg.norm(direction, axis=1)[:, None]
    common = 0.995 - 0.05 * rng.beta(1.0, 2.0, n)
    clones = rng.choice(n, round(_CLONES * n), replace=False)
    models = rng.choice(np.setdiff1d(np.arange(n), clones), clones.size)
    direction[clones] = direction[models] + 0.003 * rng.normal(size=(clones.size, FACTORS))
    direction[clones] /= np.linalg.norm(direction[clones], axis=1)[:, None]
    common[clones], sector[clones] = 0.999, sector[models]
    carry = 1.0 + 0.35 * volatility + 0.5 * np.sqrt(volatility) * rng.normal(size=n)
    years = np.clip(1.1 * volatility * np.cos(angle) ** 2 + rng.uniform(0.1, 1.0, n), 0.1, 25.0)
    # Row after row, so that a longer history begins like a shorter one, to the last bit (BLAS would not keep to that).
    shocks = rng.normal(size=(WINDOW + STEP * (setup.dates - 1), FACTORS + n))
    daily = volatility / PERCENT / np.sqrt(TRADING_DAYS)
    shared, own = np.einsum("tf,nf->tn", shocks[:, :FACTORS], direction), shocks[:, FACTORS:]
    returns = daily * (np.sqrt(common) * shared + np.sqrt(1.0 - common) * own)
    return Palette(returns, 0.05 / np.sqrt(TRADING_DAYS) * shocks[:, 0], carry, sector, years)


def draw_taste(setup: Setup, variant: int) -> Taste:
    """Draw a variant: 20 to 40 % of funds barred, caps of 5 to 15 %, limits around a portfolio that meets them.

    Parameters
    ----------
    setup : Setup
    variant : int
    """
    rng = np.random.default_rng([setup.seed, variant])
    n = setup.funds
    caps = rng.uniform(0.05, 0.15, n)
    caps[rng.permutation(n)[: round(rng.uniform(0.2, 0.4) * n)]] = 0.0
    inside = rng.dirichlet(np.full(n, 30.0 / n)) * (caps > 0.0)
    for _ in range(50):
        inside = np.minimum(inside / inside.sum(), caps)
    inside += (1.0 - inside.sum()) * (caps - inside) / (caps - inside).sum()
    room = np.vstack([rng.uniform(0.05, 0.35, (SECTORS, 2)), rng.uniform(0.1, 0.6, 2), rng.uniform(0.5, 3.0, 2)])
    if variant % 4 == 0:
        room[SECTORS] = 0.0
    return Taste(inside, caps, room, rng.uniform(0.03, 0.7))


def make_day(covariance: Covariance, palette: Palette, tastes: list[Taste], date: int) -> Day:
    """Estimate the risk model of a date and turn its variants into numbers.

    Parameters
    ----------
    covariance : {"shrunk", "ten factors"}
    palette : Palette
    tastes : list of Taste
    date : int
    """
    window = slice(STEP * date, STEP * date + WINDOW)
    returns, benchmark = palette.returns[window], palette.benchmark[window]
    form = estimate(returns, covariance)
    mu = palette.carry + 0.25 * PERCENT * TRADING_DAYS * returns.mean(axis=0)
    beta = (returns - returns.mean(axis=0)).T @ (benchmark - benchmark.mean()) / (WINDOW * benchmark.var())
    sectors = (palette.sector == np.arange(SECTORS)[:, None]).astype(float)
    A = np.vstack([np.ones(mu.size), sectors, beta, palette.years])
    calm = CalmPortfolios(estimate(returns, "ten factors"), A)
    bare = Day(form.loadings, form.specific, mu, A, ())
    variants = tuple(_variant(bare, taste, calm) for taste in tastes)
    return Day(form.loadings, form.specific, mu, A, variants)


def estimate(returns: Floats, covariance: Covariance) -> FactorForm:
    """The risk model of a date, in annualised percent.

    Parameters
    ----------
    returns : ndarray, shape (days, n)
    covariance : {"shrunk", "ten factors"}
    """
    annual = PERCENT * np.sqrt(TRADING_DAYS)
    if covariance == "shrunk":
        return ShrunkCorrelation().fit(returns).factor_form_.scaled(annual)
    volatility = returns.std(axis=0)
    standardised = (returns - returns.mean(axis=0)) / volatility
    _, size, axes = np.linalg.svd(standardised, full_matrices=False)
    loadings = axes[:FACTORS].T * size[:FACTORS] / np.sqrt(len(returns))
    specific = np.sqrt(np.clip(1.0 - (loadings**2).sum(axis=1), 1e-6, None))
    return FactorForm(loadings, specific).scaled(annual * volatility)


def _variant(day: Day, taste: Taste, calm: CalmPortfolios) -> Variant:
    values = day.A[1:] @ taste.inside
    low, high = values - taste.room[:, 0], values + taste.room[:, 1]
    low[:SECTORS] = np.maximum(low[:SECTORS], 0.0)
    row_lower, row_upper = np.append(1.0, low), np.append(1.0, high)
    least = day.volatility(calm.find(row_lower, row_upper, taste.caps))
    most = day.volatility(highest_return(day.mu, day.A, row_lower, row_upper, taste.caps))
    return Variant(row_lower, row_upper, taste.caps, least + taste.place * (most - least))
