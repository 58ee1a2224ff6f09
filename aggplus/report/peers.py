"""How active the models of a report are, among the funds of the sectors that they have held."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from aggplus.activeness import Activeness, activeness
from aggplus.performance import PerformanceError
from aggplus.report.month import ReportMonth
from aggplus.walks import TrackRecord
from universe import Market


@dataclass(frozen=True, eq=False)
class Peers:
    """Models among funds.

    Parameters
    ----------
    found : Activeness
    models : dict of model id to str
        The name of each in `found`, those with its benchmark only.
    funds : int
        Of the sectors, with a score.
    """

    found: Activeness
    models: dict[str, str]
    funds: int

    def figure(self, model: str, name: str) -> float | None:
        """A figure of a model; None where its record is too short.

        Parameters
        ----------
        model : str
            Its id.
        name : {"score", "correlation", "beta"}
            A column of the table of `Activeness`.
        """
        value = float(self.found.table[name].astype(float)[self.models[model]])
        return None if math.isnan(value) else value

    def share_less_active(self, model: str) -> float | None:
        """The share of the funds with a lower score; None where there is none to compare.

        Parameters
        ----------
        model : str
            Its id.
        """
        table, own = self.found.table, self.figure(model, "score")
        funds = table.loc[table["kind"] == "fund", "score"].dropna()
        return None if own is None or funds.empty else float((funds < own).mean())


def peers_of(
    tracks: Sequence[TrackRecord],
    labels: Sequence[str],
    market: Market,
    sectors: Sequence[str],
    month: ReportMonth,
) -> Peers | str:
    """Measure models and funds over the days of the walk; a sentence where that cannot be done.

    Parameters
    ----------
    tracks : sequence of TrackRecord
    labels : sequence of str
        Of the models, in print.
    market : Market
    sectors : sequence of str
        Keys.
    month : ReportMonth
    """
    benchmark = tracks[0].model.benchmark
    names = {
        track.model.id: f"{label} (model)" if label in market.prices.columns else label
        for track, label in zip(tracks, labels, strict=True)
        if track.model.benchmark == benchmark
    }
    priced = market.catalog.loc[market.catalog.index.isin(market.prices.columns), "sector"]
    funds = [str(ticker) for ticker in priced.index[priced.isin(sectors)]]
    returns = {names[track.model.id]: track.net for track in tracks if track.model.id in names}
    try:
        found = activeness(market, funds, returns, benchmark, start=tracks[0].start, end=month.last)
    except PerformanceError as error:
        return f"The record is too short to tell how active the models are: {error}."
    scored = found.table.loc[found.table["kind"] == "fund", "score"].notna()
    return Peers(found, names, int(scored.sum()))
