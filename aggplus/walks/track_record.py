"""What a walk through history comes to."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from aggplus.json_record import shadow_price_record
from aggplus.model import Model
from aggplus.performance import Statistics, covers_published_period, statistics_of
from aggplus.performance.published import ASOF, FIRST_MONTH
from aggplus.walks.page import track_html
from optimizer import ShadowPrice
from optimizer.scheduling import Decision


@dataclass(frozen=True, eq=False)
class Rebalance:
    """A solve whose portfolio was taken.

    Parameters
    ----------
    date : Timestamp
        Close of the solve.
    traded : Timestamp
        Close of the trade.
    decision : Decision
        Why it was solved, with every trigger's value against its threshold.
    before, after : dict of ticker to float
        Weights at the close of the trade.
    turnover : float
        One-way, a fraction.
    cost : float
        Of the trade, a fraction of the portfolio.
    target, ex_ante : float
        The risk target, and the figure of its kind that the portfolio has: annualised percent, or a beta.
    kind : str
        "volatility", "beta" or "tracking_error".
    scaled_by : float or None
        The correlation that the target was scaled by, where the rule scales.
    volatility, beta, correlation : float
        Ex ante, of the portfolio; volatility in annualised percent.
    benchmark_volatility : float
        sigma_b, annualised percent.
    expected_return : float
        Annualised percent, before costs.
    binding : bool
        Whether the target binds.
    gap_bp : float
        Of the certificate.
    backend : str
    notes : tuple of str
        What backends said before it, and soft clauses that gave way.
    shadow_prices : tuple of ShadowPrice
        Of the limits that bind, the risk target's among them.
    """

    date: pd.Timestamp
    traded: pd.Timestamp
    decision: Decision
    before: dict[str, float]
    after: dict[str, float]
    turnover: float
    cost: float
    target: float
    ex_ante: float
    kind: str
    scaled_by: float | None
    volatility: float
    beta: float
    correlation: float
    benchmark_volatility: float
    expected_return: float
    binding: bool
    gap_bp: float
    backend: str
    notes: tuple[str, ...]
    shadow_prices: tuple[ShadowPrice, ...]

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it was solved, in sentences."""
        return self.decision.reasons

    def to_dict(self) -> dict[str, Any]:
        """Plain values; days as text."""
        days = {"date": f"{self.date:%Y-%m-%d}", "traded": f"{self.traded:%Y-%m-%d}"}
        why = {"reasons": list(self.reasons), "readings": [reading.to_dict() for reading in self.decision.readings]}
        rest = {name: value for name, value in vars(self).items() if name not in (*days, "decision")}
        return days | why | rest | {"notes": list(self.notes), "shadow_prices": shadow_price_record(self.shadow_prices)}


@dataclass(frozen=True)
class Miss:
    """A solve that was called for and brought no portfolio: what was held stayed.

    Parameters
    ----------
    date : Timestamp
    status : str
        "infeasible", "failed", "refused" (the input could not be used), or "not traded" (the walk ends before
        the trade).
    reasons : tuple of str
        Why it was called for.
    findings : tuple of str
        Why there is none.
    """

    date: pd.Timestamp
    status: str
    reasons: tuple[str, ...]
    findings: tuple[str, ...]


@dataclass(frozen=True)
class PayOut:
    """A fund that closed while it was held, paid out at its last price: weight as a fraction, and the last close."""

    date: pd.Timestamp
    ticker: str
    weight: float
    last_close: pd.Timestamp


@dataclass(frozen=True, eq=False)
class TrackRecord:
    """A model's walk through history, net of costs.

    Parameters
    ----------
    model : Model
    market : str
    simulated : bool
        Whether the market is no real one.
    start : Timestamp
        Close of the first solve; the first return is the next session's.
    daily : DataFrame
        By date: `gross` and `net` returns, `benchmark` return, `cost` of trades and `turnover` (one-way), all
        fractions; number of `holdings`; `volatility` and `beta` that the last solve expected, volatility in annualised
        percent; `cash`, the weight not invested.
    rebalances : tuple of Rebalance
    misses : tuple of Miss
    payouts : tuple of PayOut
    warnings : tuple of str
        Assumptions and flaws that travel with the result.
    readings : DataFrame
        Of every decision, by date: each trigger's value, in its own unit; missing where nothing could be read.
    last_decision : Decision or None
        Of the last day on which one could be made; None where none ever was.
    """

    model: Model
    market: str
    simulated: bool
    start: pd.Timestamp
    daily: pd.DataFrame
    rebalances: tuple[Rebalance, ...]
    misses: tuple[Miss, ...]
    payouts: tuple[PayOut, ...]
    warnings: tuple[str, ...]
    readings: pd.DataFrame
    last_decision: Decision | None

    @property
    def net(self) -> pd.Series:
        """Daily net returns by date, named after the model's id."""
        return self.daily["net"].rename(self.model.id)

    @cached_property
    def statistics(self) -> Statistics:
        """The figures of the net returns. Turnover leaves the first purchase out, costs do not."""
        daily = self.daily
        return statistics_of(
            daily["net"], daily["benchmark"], turnover=daily["turnover"], holdings=daily["holdings"].astype(float)
        )

    @property
    def turnover_per_year(self) -> float | None:
        """One-way, a fraction; without the first purchase. None below a year."""
        return self.statistics.turnover_per_year

    @property
    def cost_per_year(self) -> float:
        """Of trades, first purchase included, a fraction of the portfolio."""
        return float(self.daily["cost"].sum() * 252.0 / len(self.daily))

    @property
    def mean_ex_ante_beta(self) -> float | None:
        """Of the last solve, day by day; None where no portfolio was ever held."""
        return _mean(self.daily["beta"])

    @property
    def mean_ex_ante_volatility(self) -> float | None:
        """The same of volatility, a fraction."""
        mean = _mean(self.daily["volatility"])
        return None if mean is None else mean / 100.0

    @cached_property
    def benchmark_statistics(self) -> Statistics:
        """The figures of the benchmark on the same days."""
        return statistics_of(self.daily["benchmark"], self.daily["benchmark"])

    @cached_property
    def published_period(self) -> tuple[Statistics, Statistics] | None:
        """The model's and the benchmark's figures of the days that figures are published of; None where some lack.

        None, too, of a simulated market: it was another world.
        """
        part = self.daily.loc[f"{FIRST_MONTH}" : f"{ASOF}"]
        if part.empty or self.simulated:
            return None
        figures = statistics_of(part["net"], part["benchmark"])
        if not covers_published_period(figures):
            return None
        return figures, statistics_of(part["benchmark"], part["benchmark"])

    @cached_property
    def holdings(self) -> pd.DataFrame:
        """Weights traded to, one row a rebalance by the day of the trade; 0 where a fund was not held."""
        rows = {rebalance.traded: rebalance.after for rebalance in self.rebalances}
        return pd.DataFrame.from_dict(rows, orient="index").fillna(0.0).sort_index(axis=1).rename_axis("date")

    @cached_property
    def trades(self) -> pd.DataFrame:
        """One row a fund traded: date, ticker, weight before and after, and the change."""
        rows = [
            (rebalance.traded, ticker, rebalance.before.get(ticker, 0.0), rebalance.after.get(ticker, 0.0))
            for rebalance in self.rebalances
            for ticker in sorted({*rebalance.before, *rebalance.after})
        ]
        table = pd.DataFrame(rows, columns=["date", "ticker", "before", "after"])
        return table.assign(change=table["after"] - table["before"])

    def to_dict(self) -> dict[str, Any]:
        """Everything but the daily figures as plain values."""
        return {
            "model": self.model.id,
            "name": self.model.name,
            "market": self.market,
            "benchmark": self.model.benchmark,
            "start": f"{self.start:%Y-%m-%d}",
            "end": f"{self.daily.index[-1]:%Y-%m-%d}",
            "statistics": self.statistics.to_dict(),
            "turnover_per_year": self.turnover_per_year,
            "cost_per_year": self.cost_per_year,
            "mean_ex_ante_beta": self.mean_ex_ante_beta,
            "mean_ex_ante_volatility": self.mean_ex_ante_volatility,
            "benchmark_statistics": self.benchmark_statistics.to_dict(),
            "rebalances": [rebalance.to_dict() for rebalance in self.rebalances],
            "misses": [
                {**asdict(miss), "date": f"{miss.date:%Y-%m-%d}", "reasons": list(miss.reasons)}
                | {"findings": list(miss.findings)}
                for miss in self.misses
            ],
            "payouts": [
                {**asdict(paid), "date": f"{paid.date:%Y-%m-%d}", "last_close": f"{paid.last_close:%Y-%m-%d}"}
                for paid in self.payouts
            ],
            "warnings": list(self.warnings),
        }

    def _repr_html_(self) -> str:
        return track_html(self)

    def __repr__(self) -> str:
        last = self.daily.index[-1]
        return (
            f"<TrackRecord {self.model.id} {self.start:%Y-%m-%d} to {last:%Y-%m-%d}: "
            f"{100.0 * self.statistics.cumulative:.1f} %, {len(self.rebalances)} rebalances>"
        )


def _mean(figures: pd.Series) -> float | None:
    known = figures.dropna()
    return None if known.empty else float(known.mean())
