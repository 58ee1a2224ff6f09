"""From the value of a fund's bonds to its closing price: late trading, discounts, bounce and whole cents."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from universe.simulated.palette import Fund

Array = npt.NDArray[np.float64]

# Of what a fund does not show on the day itself, the shares shown on the next day and the one after.
LATE_RESPONSE = (0.65, 0.35)
# Share of days on which the fund's last price stands, for the most and the least traded funds.
NO_TRADE_SHARES = (0.0, 0.22)


def respond_late(returns: Array, prompt: Array) -> Array:
    """Spread the returns (T x N) of each fund over three days, of which `prompt` (N) on the first."""
    late = (1.0 - prompt) * returns
    response = returns - late
    for lag, share in enumerate(LATE_RESPONSE, start=1):
        response[lag:] += share * late[:-lag]
    return response


def stand_still(prices: Array, traded: npt.NDArray[np.bool_]) -> Array:
    """Repeat the last traded price (T x N) where a fund did not trade; the first row counts as traded."""
    row = np.where(traded, np.arange(len(prices))[:, None], 0)
    last = np.maximum.accumulate(row, axis=0)
    return np.take_along_axis(prices, last, axis=0)


def closing_prices(
    returns: Array, funds: Sequence[Fund], levels: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """Turn returns of the funds' bonds into total-return closing prices.

    Parameters
    ----------
    returns : array, shape (T, N)
        As `fund_returns` gives them.
    funds : sequence of N Fund
    levels : DataFrame
        T + 1 days of levels; `fund_discount` is used.
    rng : Generator
        Consumed.

    Returns
    -------
    DataFrame, shape (T, N)
        USD in whole cents, distributions reinvested; NaN outside a fund's life.
    """
    sessions = levels.index[1:]
    thinness = np.array([fund.thinness for fund in funds])
    least_prompt = np.array([fund.style.prompt for fund in funds])
    prompt = 1.0 - (1.0 - least_prompt) * (0.35 + 0.65 * thinness)
    values = np.cumprod(1.0 + respond_late(returns, prompt), axis=0)

    sensitivity = np.array([fund.style.discount for fund in funds]) * (0.6 + 0.6 * thinness)
    discount = levels["fund_discount"].to_numpy()[1:, None] / 100.0 * sensitivity
    bounce_volatility = np.array([fund.style.noise_bp for fund in funds]) * 1e-4 * (1.0 + 2.0 * thinness)
    bounce = bounce_volatility * rng.standard_normal(values.shape)
    values *= 1.0 + bounce - discount

    starts = sessions.searchsorted(pd.DatetimeIndex([fund.start for fund in funds]))
    ends = sessions.searchsorted(pd.DatetimeIndex([fund.end or sessions[-1] for fund in funds]))
    columns = np.arange(len(funds))
    price = np.array([fund.price for fund in funds])
    prices = np.maximum(np.round(price * values / values[starts, columns], 2), 0.01)

    busiest, quietest = NO_TRADE_SHARES
    traded = rng.random(values.shape) >= busiest + (quietest - busiest) * thinness**2
    traded[starts, columns] = True
    closes = stand_still(prices, traded)
    day = np.arange(len(sessions))[:, None]
    closes[(day < starts) | (day > ends)] = np.nan
    return pd.DataFrame(closes, index=sessions.rename("date"), columns=[fund.ticker for fund in funds])
