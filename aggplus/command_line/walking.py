"""`aggplus walk-forward`."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aggplus.command_line.examples import examples
from aggplus.command_line.exit_codes import BAD, DONE
from aggplus.command_line.options import (
    JsonOption,
    MarketOption,
    ModelsArgument,
    QuietOption,
    StartOption,
    XlsxOption,
    chosen_market,
    market_files,
)
from aggplus.command_line.outputs import require_inputs_kept, require_outputs, result_page, write_json, write_result
from aggplus.command_line.progress import counting
from aggplus.shipped import SHIPPED

if TYPE_CHECKING:
    from aggplus.model import Model
    from aggplus.model_portfolios import Refusal
    from aggplus.walks import TrackRecord
    from universe import Market

commands = typer.Typer()


@commands.command(
    "walk-forward",
    epilog=examples(
        "aggplus walk-forward baseline --start 2020-12-31 --decisions",
        "aggplus walk-forward baseline aggressive conservative --market DIR --end 2024-01-31 --returns returns.csv",
        "aggplus walk-forward baseline conservative --market DIR --xlsx walks.xlsx",
    ),
)
def walk_command(
    models: ModelsArgument = None,
    market: MarketOption = None,
    start: StartOption = None,
    end: Annotated[str | None, typer.Option(metavar="DATE", help="Last day; by default the last close.")] = None,
    json_file: JsonOption = None,
    returns: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write daily net returns as CSV, one column a model.")
    ] = None,
    xlsx: XlsxOption = None,
    decisions: Annotated[bool, typer.Option("--decisions", help="Show every rebalance and why.")] = False,
    quiet: QuietOption = False,
) -> None:
    """Walk models through history, point in time: what they would have earned net of costs, traded, and why."""
    import pandas as pd

    from aggplus.model import load_model
    from aggplus.walks.view import decisions_view, walk_view
    from aggplus.workbook import require_workbook, walk_workbook

    require_outputs(json_file, returns, xlsx)
    require_inputs_kept([*(models or ()), *market_files(market)], json_file, returns, xlsx)
    if xlsx is not None:
        require_workbook()
    documents = [load_model(name) for name in models or SHIPPED]
    refuse_same_id(documents)
    known = chosen_market(market, quiet=quiet)
    tracks, refusals = walked(documents, known, start, end, quiet)
    write_json(json_file, _record(known, tracks, refusals))
    if returns is not None:
        write_result(returns, pd.concat([track.net for track in tracks], axis=1).to_csv(index_label="date").encode())
    if xlsx is not None:
        refused = {refusal.model: refusal.why for refusal in refusals}
        write_result(xlsx, walk_workbook(tracks, known.catalog, refused))
    page = result_page(quiet, json_file, returns, xlsx)
    page.print(walk_view(tracks))
    for track in tracks if decisions else ():
        page.print(decisions_view(track))
    for refusal in refusals:
        print(f"aggplus: {refusal.model}: {refusal.why}", file=sys.stderr)
    raise typer.Exit(BAD if refusals else DONE)


def refuse_same_id(models: Sequence[Model]) -> None:
    """Refuse models that could not be told apart in the results.

    Parameters
    ----------
    models : sequence of Model

    Raises
    ------
    MandateError
        When two bear the same id.
    """
    from constraints import MandateError

    for most, count in Counter(model.id for model in models).most_common(1):
        if count > 1:
            raise MandateError(f"{count} of the models have the id {most!r}: give every document an id of its own")


def walked(
    models: Sequence[Model], market: Market, start: str | None, end: str | None, quiet: bool
) -> tuple[list[TrackRecord], list[Refusal]]:
    """Walk models through history, with a bar: the walks, and the models that have none.

    Parameters
    ----------
    models : sequence of Model
    market : Market
    start : str or None
        None for the usual one.
    end : str or None
        None for the last close.
    quiet : bool
        No bar.

    Raises
    ------
    MarketError
        When a day lies outside the market, or no model can be walked.
    """
    from aggplus.model_portfolios import Refusal
    from aggplus.walks import TrackRecord, walk_together
    from aggplus.walks.period import default_start
    from universe import MarketError

    first = default_start(models, market) if start is None else start
    with counting("sessions", quiet=quiet) as watch:
        results = walk_together(models, market, first, end, watch)
    tracks = [result for result in results if isinstance(result, TrackRecord)]
    refusals = [result for result in results if isinstance(result, Refusal)]
    if not tracks:
        raise MarketError(refusals[0].why)
    return tracks, refusals


def _record(market: Market, tracks: Sequence[TrackRecord], refusals: Sequence[Refusal]) -> dict[str, Any]:
    from aggplus.walks.figures import published_table

    beside = published_table(tracks)
    published = None
    if beside is not None:
        known = beside.astype(object).where(beside.notna(), None)
        published = {
            name: {source: dict(known.loc[(name, source)]) for source in ("ours", "published")}
            for name in dict.fromkeys(beside.index.get_level_values("model"))
        }
    return {
        "market": market.name,
        "start": f"{tracks[0].start:%Y-%m-%d}",
        "end": f"{tracks[0].daily.index[-1]:%Y-%m-%d}",
        "models": {track.model.id: track.to_dict() for track in tracks},
        "published": published,
        "refused": {refusal.model: refusal.why for refusal in refusals},
        "units": {
            "statistics, turnover, cost, weights, mean_ex_ante_volatility": "fraction; what is a year is annualised",
            "rebalances: target, ex_ante, volatility, expected_return, benchmark_volatility": "percent a year; a beta",
        },
    }
