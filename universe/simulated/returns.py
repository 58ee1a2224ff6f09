"""What each fund's bonds return on each day: carry, rates with convexity, spreads, currencies and noise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from universe.simulated.palette import Fund
from universe.simulated.styles import TREASURY_CURVE

Array = npt.NDArray[np.float64]

TENORS = ("treasury_3m", "treasury_2y", "treasury_5y", "treasury_10y", "treasury_30y")
# Duration of a par bond at each tenor, years.
TENOR_DURATIONS = np.array([0.25, 1.9, 4.6, 8.5, 17.5])
INDICES = ("equity", "foreign_currency", "emerging_currency")
# Share of each spread that defaults and downgrades take in the long run (our assumption). For break-even
# inflation all of it: what the real yield lacks, the inflation accrual pays.
SPREAD_LOST: Mapping[str, float] = {
    "mortgage_spread": 0.35,
    "corporate_spread": 0.35,
    "high_yield_spread": 0.40,
    "loan_spread": 0.45,
    "emerging_spread": 0.30,
    "breakeven_10y": 1.0,
}
DAYS_PER_YEAR = 252.0
# Prepayment: a mortgage's duration grows by this share per percent that yields stand above the rates the
# borrowers have, within these bounds. The convexity ratio follows from it: 1 - 100 x slope / duration.
PREPAYMENT_SLOPE = 0.28
PREPAYMENT_BOUNDS = (0.6, 1.3)
MORTGAGE_CONVEXITY = 1.0 - 100.0 * PREPAYMENT_SLOPE / 5.0
BORROWERS_MEMORY_DAYS = 500.0


def tenor_weights(duration: Array) -> Array:
    """Split bullets between the two key rates around their duration; shape (..., 5), rows sum to 1."""
    identity = np.eye(len(TENORS))
    return np.stack([np.interp(duration, TENOR_DURATIONS, row) for row in identity], axis=-1)


def mortgage_extension(treasury_10y: Array) -> Array:
    """Multiple of a mortgage's duration each day, T, from the T + 1 levels up to the day before."""
    decay = 0.5 ** (np.arange(2000) / BORROWERS_MEMORY_DAYS)
    history = np.concatenate([np.full(1999, treasury_10y[0]), treasury_10y])
    borrowed = np.convolve(history, decay / decay.sum(), mode="valid")
    multiple = 1.0 + PREPAYMENT_SLOPE * (treasury_10y - borrowed)
    return np.clip(multiple, *PREPAYMENT_BOUNDS)[:-1]


def _ladder_weights(fund: Fund) -> tuple[Array, Array]:
    """Key-rate durations (years, sum = duration) and the weights with which the curve's yields are earned."""
    rungs = np.array(fund.style.ladder) * fund.duration
    weights = tenor_weights(rungs)
    return np.asarray((rungs[:, None] * weights).mean(axis=0)), np.asarray(weights.mean(axis=0))


def _municipal_slope(duration: float) -> float:
    """Share of the ten-year municipal yield that a fund of this duration earns."""
    return min(0.62 + 0.055 * duration, 1.15)


@dataclass(frozen=True, slots=True)
class Exposures:
    """What N funds are exposed to, of K levels over T days.

    Attributes
    ----------
    names : tuple of K str
    durations, betas, yields : arrays, shape (K, N)
        Rate durations (years), other sensitivities, and the weights with which levels are earned as yield. For
        funds that mature, durations and betas are per year of remaining life.
    life : array, shape (T, N)
        Remaining life, years; 1 for funds that never mature.
    maturing : tuple of int
        Columns of the funds on the Treasury curve that mature.
    """

    names: tuple[str, ...]
    durations: Array
    betas: Array
    yields: Array
    life: Array
    maturing: tuple[int, ...]


def _remaining_life(funds: Sequence[Fund], days: pd.Index) -> Array:
    maturities = np.array([f"{fund.maturity_year or 2200}-12-15" for fund in funds], dtype="datetime64[D]").astype(
        np.float64
    )
    dates = days.to_numpy().astype("datetime64[D]").astype(np.float64)
    years = np.maximum((maturities[None, :] - dates[:, None]) / 365.25, 0.0)
    never = np.array([fund.maturity_year is None for fund in funds])
    return np.where(never, 1.0, years)


def exposures_of(funds: Sequence[Fund], levels: pd.DataFrame) -> Exposures:
    """Lay out the exposures of the funds to the columns of `levels` (T + 1 days)."""
    names = tuple(levels.columns)
    row = {name: position for position, name in enumerate(names)}
    durations, betas, yields = (np.zeros((len(names), len(funds))) for _ in range(3))
    for column, fund in enumerate(funds):
        style = fund.style
        if style.curve == TREASURY_CURVE:
            years, weights = _ladder_weights(fund)
            tenors = [row[tenor] for tenor in TENORS]
            durations[tenors, column], yields[tenors, column] = years, weights
        else:
            durations[row[style.curve], column] = fund.duration
            yields[row[style.curve], column] = _municipal_slope(fund.duration)
        if style.accrual:
            yields[:, column] = [style.accrual.get(name, 0.0) for name in names]
        for name, share in style.shares.items():
            betas[row[name], column] = -share * fund.spread_duration
            yields[row[name], column] += share * (1.0 - SPREAD_LOST[name])
        for name, beta in style.betas.items():
            betas[row[name], column] = beta
    return Exposures(
        names=names,
        durations=durations,
        betas=betas,
        yields=yields,
        life=_remaining_life(funds, levels.index[1:]),
        maturing=tuple(
            column
            for column, fund in enumerate(funds)
            if fund.maturity_year is not None and fund.style.curve == TREASURY_CURVE
        ),
    )


def _moves(levels: pd.DataFrame) -> Array:
    """Daily changes, T x K: of yields and spreads as fractions, of indices in logs."""
    columns = ((name, levels[name].to_numpy()) for name in levels.columns)
    return np.column_stack(
        [np.diff(np.log(column)) if name in INDICES else np.diff(column) / 100.0 for name, column in columns]
    )


def _rates_and_yields(funds: Sequence[Fund], levels: pd.DataFrame, exposures: Exposures) -> tuple[Array, Array]:
    """Return from yield changes (fractions) and yield earned (percent a year), both T x N."""
    moves, before = _moves(levels), levels.to_numpy()[:-1]
    rates = -(moves @ exposures.durations) * exposures.life
    earned = before @ exposures.yields
    # A bond that matures rolls down the curve: its key rates change from day to day.
    maturing = list(exposures.maturing)
    tenors = [exposures.names.index(tenor) for tenor in TENORS]
    years = exposures.life[:, maturing] * np.array([funds[column].duration for column in maturing])
    weights = tenor_weights(years)
    rates[:, maturing] = -years * np.einsum("tnk,tk->tn", weights, moves[:, tenors])
    earned[:, maturing] += np.einsum("tnk,tk->tn", weights, before[:, tenors])
    earned[:, maturing] -= before[:, tenors] @ exposures.yields[np.ix_(tenors, maturing)]
    return rates, earned


def fund_returns(funds: Sequence[Fund], levels: pd.DataFrame, rng: np.random.Generator) -> Array:
    """Simulate the daily total returns of the funds' bonds, net of fees, before any effect of trading.

    Parameters
    ----------
    funds : sequence of N Fund
    levels : DataFrame
        T + 1 days of levels, as `simulate_levels` draws them.
    rng : Generator
        Consumed.

    Returns
    -------
    array, shape (T, N)
        Simple daily returns as fractions: yesterday's yields and spreads less expected losses, less duration
        times yield changes, convexity, less spread duration times spread changes, currencies, skill, noise.
    """
    exposures = exposures_of(funds, levels)
    rates, earned = _rates_and_yields(funds, levels, exposures)
    mortgages = np.array([fund.style.shares.get("mortgage_spread", 0.0) for fund in funds])
    extension = mortgage_extension(levels["treasury_10y"].to_numpy())
    rates *= 1.0 + mortgages * (extension[:, None] - 1.0)
    sold_options = np.array([fund.style.options for fund in funds])
    convexity = np.where(sold_options, -1.0, 1.0 + (MORTGAGE_CONVEXITY - 1.0) * mortgages)

    constant = np.array([fund.style.pickup + fund.skill - fund.fee_bp / 100.0 for fund in funds])
    carry = (earned + constant) / (100.0 * DAYS_PER_YEAR)
    noise = _noise(funds, levels["fund_discount"].to_numpy()[1:], rng)
    others = (_moves(levels) @ exposures.betas) * exposures.life
    returns = carry + rates + 0.5 * convexity * rates**2 + others + noise
    return _leverage(returns, noise, funds, levels["treasury_3m"].to_numpy()[:-1])


def _noise(funds: Sequence[Fund], stress: Array, rng: np.random.Generator) -> Array:
    """Idiosyncratic returns, T x N: heavy-tailed, and larger while the market prices funds at a discount."""
    volatility = np.array([fund.style.noise_bp * 1e-4 for fund in funds])
    sensitivity = np.array([fund.style.discount for fund in funds])
    scale = volatility * (1.0 + np.maximum(stress, 0.0)[:, None] * sensitivity)
    noise: Array = scale * rng.laplace(scale=np.sqrt(0.5), size=scale.shape)
    return noise


def _leverage(returns: Array, noise: Array, funds: Sequence[Fund], bill_yield: Array) -> Array:
    """Put the multiples of leveraged and inverse funds, financed at the bill rate, in place of their columns."""
    followed: dict[str, int] = {}
    for column, fund in enumerate(funds):
        largest = followed.get(fund.style.label, column)
        followed[fund.style.label] = max(largest, column, key=lambda number: funds[number].aum_mm)
    leveraged = returns.copy()
    for column, fund in enumerate(funds):
        if fund.style.underlying:
            multiple = fund.style.multiple
            cost = ((multiple - 1.0) * bill_yield + fund.fee_bp / 100.0) / (100.0 * DAYS_PER_YEAR)
            leveraged[:, column] = multiple * returns[:, followed[fund.style.underlying]] - cost + noise[:, column]
    return leveraged
