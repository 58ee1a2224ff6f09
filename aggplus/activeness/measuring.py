"""From a market and walked models to how active they are."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

import numpy as np
import pandas as pd

from aggplus.activeness.activeness import Activeness
from aggplus.activeness.returns import Side, side_by_side
from aggplus.activeness.rolling import Rolling, noise_variance, rolling
from aggplus.activeness.score import Scores, scores
from aggplus.activeness.window import DEFAULT_WINDOW, Window
from aggplus.performance import PerformanceError
from universe import Market, MarketError, close_on
from universe.wording import did_you_mean, listed

THIN = 0.15
"""Share of closes that repeat the one before, from which on a fund's correlation is told to be understated."""

_WINDOWS = 3
"""Windows without a common return below which an instability rests on little."""

Day = str | dt.date | pd.Timestamp


def activeness(
    market: Market,
    tickers: Iterable[str] = (),
    models: Mapping[str, pd.Series] = MappingProxyType({}),
    benchmark: str = "AGG",
    window: Window = DEFAULT_WINDOW,
    start: Day | None = None,
    end: Day | None = None,
) -> Activeness:
    """Rolling correlation and beta of funds and models to the benchmark, and a score of how active each is.

    The formula and its sources are with `aggplus.activeness.score.scores` and in docs/activeness.md.

    Parameters
    ----------
    market : Market
    tickers : iterable of str
        Funds with prices; the benchmark is always there.
    models : mapping of name to Series
        Daily net returns as fractions by date, as `TrackRecord.net`.
    benchmark : str
    window : Window
        Of the rolling figures.
    start, end : date, optional
        The close before the first return, and the last; by default the market's first and last.

    Raises
    ------
    MarketError
        When a fund has no prices, or a day lies outside the market.
    PerformanceError
        When a model has a fund's name or returns that cannot be used, or the benchmark has too few returns.
    """
    funds = [ticker for ticker in dict.fromkeys(tickers) if ticker != benchmark]
    _require_names(market, [benchmark, *funds], models)
    first = pd.Timestamp(market.prices.index[0]) if start is None else close_on(market, start).date
    last = close_on(market, end).date
    if last <= first:
        raise MarketError(f"from {first:%Y-%m-%d} to {last:%Y-%m-%d} there is no return: choose an end after the start")
    side = side_by_side(market.prices.loc[first:last, [benchmark, *funds]], models, window)
    values, against = side.returns.to_numpy(), side.returns[benchmark].to_numpy()
    if benchmark in side.misprints:
        raise PerformanceError(f"the benchmark {benchmark} {side.misprints[benchmark]}; correct the price")
    if len(against) < window.length:
        raise PerformanceError(
            f"from {first:%Y-%m-%d} to {last:%Y-%m-%d} there are {len(against)} returns and a window takes "
            f"{window}: choose an earlier start or a shorter window"
        )
    figures = rolling(values, against, window)
    found = scores(figures, noise_variance(values, against, window), window)
    return _assembled(market, benchmark, window, (first, last), tuple(models), side, figures, found)


def _require_names(market: Market, funds: Sequence[str], models: Mapping[str, pd.Series]) -> None:
    for ticker in funds:
        if ticker not in market.prices.columns:
            hint = did_you_mean(ticker, market.prices.columns)
            raise MarketError(f"{ticker} is not a fund of {market.name} with prices{hint}")
    twice = [name for name, count in Counter([*funds, *models]).items() if count > 1]
    if twice:
        raise PerformanceError(f"{listed(twice)}: names both a fund and a model; give the model another id")


def _assembled(
    market: Market,
    benchmark: str,
    window: Window,
    period: tuple[pd.Timestamp, pd.Timestamp],
    models: Sequence[str],
    side: Side,
    figures: Rolling,
    found: Scores,
) -> Activeness:
    names = pd.Index([str(name) for name in side.returns.columns])
    days = pd.DatetimeIndex(side.returns.index[window.length - 1 :]).rename("date")
    correlation = pd.DataFrame(figures.correlation, index=days, columns=names)
    beta = pd.DataFrame(figures.beta, index=days, columns=names)
    known = side.returns.notna()
    counts = known.sum()
    left_out = {
        name: side.misprints.get(name) or _too_few(int(counts[name]), window)
        for name in names
        if name in side.misprints or not found.windows[names.get_loc(name)]
    }
    if benchmark in left_out:
        raise PerformanceError(f"the benchmark {benchmark} {left_out[benchmark]}")
    funds = market.catalog.reindex([name for name in names if name not in models])
    table = pd.DataFrame(
        {
            "kind": ["model" if name in models else "benchmark" if name == benchmark else "fund" for name in names],
            "name": [str(funds["name"].get(name, name)) for name in names],
            "sector": [str(funds["sector"].get(name, "")) for name in names],
            "first": known.idxmax().to_numpy(),
            "last": known[::-1].idxmax().to_numpy(),
            "returns": counts.to_numpy(),
            "windows": found.windows.astype(int),
            "correlation": found.correlation,
            "latest_correlation": _latest(correlation),
            "beta": found.beta,
            "latest_beta": _latest(beta),
            "beta_deviation": found.beta_deviation,
            "beta_noise": found.beta_noise,
            "instability": found.instability,
            "score": found.score,
            "unchanged": side.unchanged.to_numpy(),
        },
        index=names.rename("ticker"),
    )
    table["note"] = [
        _note(unchanged, returns, windows, window)
        for unchanged, returns, windows in zip(table["unchanged"], table["returns"], table["windows"], strict=True)
    ]
    kept = [name for name in names if name not in left_out]
    # By score, the unscored last; by name where scores are equal.
    table = table.loc[sorted(kept)].sort_values("score", ascending=False, kind="stable", na_position="last")
    return Activeness(
        benchmark=benchmark,
        market=market.name,
        simulated=market.simulated,
        window=window,
        start=period[0],
        end=period[1],
        correlation=correlation[kept],
        beta=beta[kept],
        table=table,
        left_out=left_out,
        notes=_notes(market, table),
    )


def _too_few(returns: int, window: Window) -> str:
    if returns >= window.least:
        return f"has no window of {window} in which it moves and {window.least} returns are there"
    return f"has {returns} returns, and a window of {window} takes {window.least}"


def _latest(figures: pd.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The last figure that each has: a fund that closed has one, too."""
    return figures.ffill().iloc[-1].to_numpy(dtype=float)


def _note(unchanged: float, returns: int, windows: int, window: Window) -> str:
    words = []
    if windows <= window.length:
        words.append(
            f"short history: {returns} returns; an instability of beta takes two windows of {window} without "
            "a common return"
        )
    elif returns < _WINDOWS * window.length:
        words.append(f"short history: {returns} returns are less than {_WINDOWS} windows")
    if unchanged >= THIN:
        words.append(f"thin: {100.0 * unchanged:.0f} % of its closes repeat the one before: correlation is understated")
    return "; ".join(words)


def _notes(market: Market, table: pd.DataFrame) -> tuple[str, ...]:
    told = [f"{market.name}: the prices are invented"] if market.simulated else []
    told += [f"{ticker}: {note}" for ticker, note in table["note"].items() if note]
    return tuple(told)
