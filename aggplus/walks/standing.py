"""Where a model stands between two solves, and what a decision sees of it on a day."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from aggplus.walks.closes import Closes, Path
from optimizer import Correlation, RiskTarget
from optimizer.scheduling import Breach, Departure, PeriodsEnded, RebalanceRules, RebalanceState, needs, session_ends


@dataclass(frozen=True, eq=False)
class Standing:
    """What is remembered of the last solve whose portfolio was taken.

    Parameters
    ----------
    solved : int
        Session of the solve.
    path : Path
        What has been held since the trade, which may have been a day later.
    disarmed : frozenset of str
        Triggers that must calm down first.
    sigma_b : float or None
        As estimated on the day of the solve; None where the surroundings have it.
    scaled_by : Correlation or None
        That the target of the solve was scaled by, where the rule scales.
    """

    solved: int
    path: Path
    disarmed: frozenset[str]
    sigma_b: float | None
    scaled_by: Correlation | None

    def holdings(self, session: int) -> dict[str, float]:
        """Weights at a close, fractions; funds that have closed are cash.

        Parameters
        ----------
        session : int
        """
        weights = self.path.weights(max(session, self.path.start)).tolist()
        return {ticker: weight for ticker, weight in zip(self.path.tickers, weights, strict=True) if weight > 0.0}


@dataclass(frozen=True, eq=False)
class Surroundings:
    """What every model with one benchmark and one estimate of its volatility sees, session by session.

    Parameters
    ----------
    first : int
        Session of the first entry.
    days : tuple of Timestamp
    benchmark : str
    close : list of float
        Of the benchmark; the last one where a day has none.
    sigma_b : list of float, or None
        Annualised percent; None where it takes the whole estimate of a day.
    periods : tuple of PeriodsEnded
    """

    first: int
    days: tuple[pd.Timestamp, ...]
    benchmark: str
    close: list[float]
    sigma_b: list[float] | None
    periods: tuple[PeriodsEnded, ...]


@dataclass(frozen=True, eq=False)
class Reading:
    """What takes the estimate of a day to be known of holdings; each is None where no trigger asks for it.

    Parameters
    ----------
    sigma_b : float or None
    risk : float or None
    target : RiskTarget or None
    breaches : tuple of Breach or None
    left : tuple of Departure or None
    """

    sigma_b: float | None = None
    risk: float | None = None
    target: RiskTarget | None = None
    breaches: tuple[Breach, ...] | None = None
    left: tuple[Departure, ...] | None = None


NOTHING_READ = Reading()

_BY_ESTIMATE = frozenset({"risk", "target", "breaches", "left"})


def surroundings_of(closes: Closes, benchmark: str, sigma_b: list[float] | None, first: int, last: int) -> Surroundings:
    """Put together what models with one benchmark share.

    Parameters
    ----------
    closes : Closes
    benchmark : str
    sigma_b : list of float, or None
        Of the sessions from `first` to `last`.
    first, last : int
        Sessions, both included.
    """
    days = closes.sessions[first : last + 1]
    return Surroundings(
        first=first,
        days=tuple(days),
        benchmark=benchmark,
        close=closes.last_known[first : last + 1, closes.column[benchmark]].tolist(),
        sigma_b=sigma_b,
        periods=session_ends(days).periods,
    )


def state_on(
    around: Surroundings, rules: RebalanceRules, standing: Standing | None, session: int, read: Reading = NOTHING_READ
) -> RebalanceState:
    """What a decision looks at, at the close of a session.

    Parameters
    ----------
    around : Surroundings
    rules : RebalanceRules
    standing : Standing or None
        None before the first portfolio.
    session : int
    read : Reading
    """
    at = session - around.first
    if standing is None:
        return RebalanceState(day=around.days[at], sessions_since_solve=None, benchmark=around.benchmark)
    then = standing.solved - around.first
    path = standing.path
    return RebalanceState(
        day=around.days[at],
        sessions_since_solve=at - then,
        benchmark=around.benchmark,
        periods=around.periods[at],
        periods_at_solve=around.periods[then],
        sigma_b=read.sigma_b if around.sigma_b is None else around.sigma_b[at],
        sigma_b_at_solve=standing.sigma_b if around.sigma_b is None else around.sigma_b[then],
        benchmark_return=around.close[at] / around.close[then] - 1.0,
        # A trade that waits for tomorrow has not drifted.
        weight_drift=float(path.drift[max(0, session - path.start)]) if _asks_for_drift(rules) else None,
        risk=read.risk,
        target=read.target,
        breaches=read.breaches,
        left=read.left,
        disarmed=standing.disarmed,
    )


def _asks_for_drift(rules: RebalanceRules) -> bool:
    return rules.triggers.weight_drift is not None


def takes_the_estimate(rules: RebalanceRules, alone: bool) -> bool:
    """Whether a decision takes the estimate and the screens of the day.

    Parameters
    ----------
    rules : RebalanceRules
    alone : bool
        Whether sigma_b is known without them.
    """
    asked: frozenset[str] = _BY_ESTIMATE if alone else _BY_ESTIMATE | {"sigma_b"}
    return not needs(rules).isdisjoint(asked)
