"""`aggplus frontier`."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import typer

from aggplus.command_line.examples import examples
from aggplus.command_line.exit_codes import EXIT
from aggplus.command_line.options import (
    AsOfOption,
    HoldingsOption,
    JsonOption,
    MarketOption,
    ModelArgument,
    QuietOption,
    RecordOption,
    chosen_holdings,
    chosen_market,
    chosen_record,
    market_files,
)
from aggplus.command_line.outputs import require_inputs_kept, require_outputs, result_page, write_json, write_result
from aggplus.command_line.progress import waiting

commands = typer.Typer()


def _fraction(words: str) -> float:
    """A risk as a fraction, from "5.2%" or "0.052"."""
    try:
        figure = float(words.removesuffix("%")) / (100.0 if words.endswith("%") else 1.0)
    except ValueError:
        figure = math.nan
    if not 0.0 <= figure <= 1.0:
        raise typer.BadParameter(f"{words!r} is no risk a year; write 5.2% or 0.052")
    return figure


@commands.command(
    "frontier",
    epilog=examples(
        "aggplus frontier baseline --asof 2024-01-31 --target 5.2%",
        "aggplus frontier client.toml --market DIR --chart frontier.html --csv corners.csv",
    ),
)
def frontier_command(
    model: ModelArgument,
    market: MarketOption = None,
    asof: AsOfOption = None,
    holdings: HoldingsOption = None,
    record: RecordOption = None,
    json_file: JsonOption = None,
    csv_file: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write figures and weights of all corners.")
    ] = None,
    chart: Annotated[Path | None, typer.Option(metavar="FILE", help="Draw it, as FILE.html, .png or .svg.")] = None,
    target: Annotated[
        float | None,
        typer.Option(parser=_fraction, metavar="RISK", help="Also show the portfolio at this risk, 5.2% or 0.052."),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Show every corner.")] = False,
    quiet: QuietOption = False,
) -> None:
    """Draw the efficient frontier of a model's limits, without its risk target: all corner portfolios, exactly."""
    from aggplus.charts.files import chart_file, require_chart_file
    from aggplus.frontier_chart import frontier_plate
    from aggplus.frontier_record import SHOWN, csv_bytes
    from aggplus.frontier_view import frontier_view, holdings_view
    from aggplus.model import load_model
    from aggplus.model_frontier import frontier

    require_outputs(json_file, csv_file, chart)
    require_inputs_kept([model, holdings, record, *market_files(market)], json_file, csv_file, chart)
    if chart is not None:
        require_chart_file(chart)
    document = load_model(model)
    known = chosen_market(market, quiet=quiet)
    held, own = chosen_holdings(holdings), chosen_record(record)
    with waiting("walking along the frontier", quiet=quiet):
        found = frontier(document, known, asof, held, own)
        solved = found.status == "solved"
        asked = found.at_risk(target) if target is not None and solved else None
        drawn = chart_file(frontier_plate(found), chart) if chart is not None and solved else b""
    content = found.to_dict() | (
        {} if asked is None else {"at_target": {"risk": 100.0 * (target or 0.0), "weights": asked.to_dict()}}
    )
    write_json(json_file, content)
    if csv_file is not None and solved:
        write_result(csv_file, csv_bytes(found))
    if chart is not None and solved:
        write_result(chart, drawn)
    page = result_page(quiet, json_file, csv_file, chart)
    page.print(frontier_view(found, len(found.corners) if every else SHOWN))
    if asked is not None and target is not None:
        page.print(holdings_view(asked, found.measure, target))
    raise typer.Exit(EXIT[found.status])
