"""Forecasts of a market's past, month by month, beside what came: the material of a forecast report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from aggplus.batch import solve_many
from aggplus.desk import known_on
from aggplus.forecasts.trials import Kind, Trial, common_trials, realised_returns
from aggplus.model import Model
from aggplus.one_thread import one_thread
from aggplus.palette import screened
from aggplus.question import require_benchmark_trusted
from constraints import MandateError
from riskmodels import RiskModelRules, covariance_estimator, daily_returns
from universe import AsOf, Market, MarketError, close_on

DAYS_A_YEAR = 252

CRISIS = (pd.Timestamp("2020-02-24"), pd.Timestamp("2020-04-15"))
"""No estimate from the past foresaw these days; figures with and without them are told apart."""


@dataclass(frozen=True)
class Forecast:
    """A volatility that was forecast for a portfolio, and what came over the next month.

    Parameters
    ----------
    date : Timestamp
        The close on which it was made.
    estimator : str
        Name of the candidate.
    portfolio : str
    kind : {"benchmark", "sector", "random", "model"}
    forecast : float
        Volatility, annualised percent.
    realised : float
        Root mean square of the daily returns of the next month, annualised percent.
    days : int
        How many.
    month_return : float
        Return over the month, percent.
    calm_realised : float
        `realised` without the days of `CRISIS`; NaN where no other are left.
    calm_days : int
    beta : float
        To the benchmark, as it was forecast.
    realised_covariance : float
        Mean product of daily returns with the benchmark's over the next month, annualised percent squared.
    """

    date: pd.Timestamp
    estimator: str
    portfolio: str
    kind: Kind
    forecast: float
    realised: float
    days: int
    month_return: float
    calm_realised: float
    calm_days: int
    beta: float
    realised_covariance: float


@dataclass(frozen=True, eq=False)
class ForecastRecord:
    """All forecasts of a run.

    Parameters
    ----------
    table : DataFrame
        One row a `Forecast`.
    failures : tuple of str
        Model portfolios that could not be built, each with its day, estimator and reason.
    """

    table: pd.DataFrame
    failures: tuple[str, ...]


def month_ends(sessions: pd.DatetimeIndex, start: pd.Timestamp, end: pd.Timestamp) -> pd.DatetimeIndex:
    """Last sessions of the months whose end lies within a period.

    Parameters
    ----------
    sessions : DatetimeIndex
        Ascending.
    start, end : Timestamp
    """
    last = pd.Series(sessions, index=sessions).groupby(sessions.to_period("M")).max()
    return pd.DatetimeIndex(last[(last >= start) & (last <= end)])


def first_forecast(market: Market, candidates: Mapping[str, RiskModelRules]) -> pd.Timestamp:
    """The first session on which there is a window of returns for every candidate.

    Parameters
    ----------
    market : Market
    candidates : mapping of name to RiskModelRules

    Raises
    ------
    MarketError
        When there is none.
    """
    needed, sessions = max(rules.window_days for rules in candidates.values()) + 1, market.prices.index
    if len(sessions) < needed:
        raise MarketError(
            f"{market.name} has {len(sessions)} days of prices: the longest window of the estimates needs {needed}"
        )
    return pd.Timestamp(sessions[needed - 1])


def forecast_record(
    market: Market,
    models: Sequence[Model],
    candidates: Mapping[str, RiskModelRules],
    start: pd.Timestamp,
    end: pd.Timestamp,
    workers: int = 1,
    watch: Callable[[int, int], None] = lambda done, total: None,
) -> ForecastRecord:
    """Forecast at the end of every month, and look at the month after it.

    Parameters
    ----------
    market : Market
    models : sequence of Model
        Built on each candidate, all to one benchmark. The first one's universe is that of the other test portfolios.
    candidates : mapping of name to RiskModelRules
    start, end : Timestamp
        Forecasts are made at the month ends within; the last one's month has to be over by `end`.
    workers : int
        Processes.
    watch : callable
        Told how many months are done, and of how many.

    Raises
    ------
    MandateError
        When two models have one name, by which forecasts are told apart, or not all have the same benchmark.
    MarketError
        When the market has not two month ends within the period, or cannot be screened on one of them.
    """
    _require_comparable(models)
    ends = month_ends(pd.DatetimeIndex(market.prices.index), start, end)
    if len(ends) < 2:
        raise MarketError(
            f"{market.name} has {len(ends)} month ends from {start:%Y-%m-%d} to {end:%Y-%m-%d}: a forecast needs one "
            "and the next, choose a longer period"
        )
    months = list(pairwise(ends))
    # A mapping proxy cannot be sent to another process.
    plain = dict(candidates)
    running = Parallel(n_jobs=workers, return_as="generator")(
        delayed(_month)(market, tuple(models), plain, day, last) for day, last in months
    )
    done = []
    for month in running:
        done.append(month)
        watch(len(done), len(months))
    return ForecastRecord(
        table=pd.DataFrame([row for rows, _ in done for row in rows], columns=list(Forecast.__dataclass_fields__)),
        failures=tuple(words for _, failures in done for words in failures),
    )


def _require_comparable(models: Sequence[Model]) -> None:
    [(name, count)] = Counter(model.name for model in models).most_common(1)
    if count > 1:
        raise MandateError(f"{count} of the models have the name {name!r}: give every document a name of its own")
    first = models[0]
    for model in models:
        if model.benchmark != first.benchmark:
            raise MandateError(
                f"{first.name} has the benchmark {first.benchmark} and {model.name} has {model.benchmark}: betas are "
                "to one benchmark, report on them one by one"
            )


def _month(
    market: Market,
    models: tuple[Model, ...],
    candidates: Mapping[str, RiskModelRules],
    day: pd.Timestamp,
    last: pd.Timestamp,
) -> tuple[list[Forecast], list[str]]:
    with one_thread():
        rows = list(_common_forecasts(market, models[0], candidates, close_on(market, day), last))
        on_models, failures = _model_forecasts(market, models, candidates, day, last)
        return [*rows, *on_models], failures


def _common_forecasts(
    market: Market, first: Model, candidates: Mapping[str, RiskModelRules], day: AsOf, last: pd.Timestamp
) -> Iterator[Forecast]:
    known = known_on(market, day, first.benchmark)
    window = max(rules.window_days for rules in candidates.values())
    require_benchmark_trusted(known, day, first.benchmark, window)
    palette = screened(known, day, first.universe, window, min(rules.window_days for rules in candidates.values()))
    trials = common_trials(day.date, first.benchmark, palette.catalog["sector"])
    tickers = sorted({*palette.catalog.index, first.benchmark})
    history = daily_returns(known.prices[tickers], window)
    W = np.column_stack([trial.weights.reindex(tickers, fill_value=0.0).to_numpy() for trial in trials])
    came = [_month_of(market, trial, first.benchmark, day.date, last) for trial in trials]
    for name, rules in candidates.items():
        form = covariance_estimator(rules).fit(history.iloc[-rules.window_days :]).factor_form_
        exposures, own = form.loadings.T @ W, form.specific[:, None] * W
        # The benchmark is the first of the trials.
        variance = (exposures**2).sum(axis=0) + (own**2).sum(axis=0)
        beta = (exposures.T @ exposures[:, 0] + own.T @ own[:, 0]) / variance[0]
        volatility = 100.0 * np.sqrt(DAYS_A_YEAR * variance)
        for trial, month, v, b in zip(trials, came, volatility, beta, strict=True):
            yield month.forecast(day.date, name, trial, float(v), float(b))


def _model_forecasts(
    market: Market,
    models: Sequence[Model],
    candidates: Mapping[str, RiskModelRules],
    day: pd.Timestamp,
    last: pd.Timestamp,
) -> tuple[list[Forecast], list[str]]:
    rows, failures = [], []
    for name, rules in candidates.items():
        # One candidate at a time: a refusal then tells which.
        built = solve_many([model.model_copy(update={"risk_model": rules}) for model in models], market, [day])
        failures += [f"{refusal.asof} {refusal.model} by {name}: {refusal.why}" for refusal in built.refusals]
        for portfolio in built:
            model = portfolio.setting.model
            if portfolio.risk is None:
                failures.append(f"{day:%Y-%m-%d} {model.id} by {name}: {'; '.join(portfolio.findings)}")
                continue
            trial = Trial(model.name, "model", portfolio.weights)
            month, risk = _month_of(market, trial, model.benchmark, day, last), portfolio.risk
            rows.append(month.forecast(day, name, trial, risk.volatility, risk.beta))
    return rows, failures


@dataclass(frozen=True)
class _Month:
    """What came: the fields of `Forecast` that do not depend on the risk model."""

    realised: float
    days: int
    month_return: float
    calm_realised: float
    calm_days: int
    realised_covariance: float

    def forecast(self, day: pd.Timestamp, estimator: str, trial: Trial, volatility: float, beta: float) -> Forecast:
        return Forecast(
            date=day,
            estimator=estimator,
            portfolio=trial.portfolio,
            kind=trial.kind,
            forecast=volatility,
            beta=beta,
            **asdict(self),
        )


def _month_of(market: Market, trial: Trial, benchmark: str, day: pd.Timestamp, last: pd.Timestamp) -> _Month:
    prices = market.prices.loc[day:last]
    daily = realised_returns(prices, trial.weights)
    of_benchmark = realised_returns(prices, pd.Series({benchmark: 1.0}))
    calm = daily[~daily.index.to_series().between(*CRISIS)]
    return _Month(
        realised=_volatility(daily),
        days=len(daily),
        month_return=float(100.0 * (np.prod(1.0 + daily) - 1.0)),
        calm_realised=_volatility(calm),
        calm_days=len(calm),
        realised_covariance=float(1e4 * DAYS_A_YEAR * np.mean(daily.to_numpy() * of_benchmark.to_numpy())),
    )


def _volatility(daily: pd.Series) -> float:
    """Root mean square: over a month the mean says nothing, and taking it off would take risk off with it."""
    return float(100.0 * np.sqrt(DAYS_A_YEAR * np.mean(daily.to_numpy() ** 2))) if len(daily) else float("nan")
