"""`aggplus activeness`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aggplus.command_line.completion import model_names, tickers
from aggplus.command_line.examples import examples
from aggplus.command_line.exit_codes import BAD, DONE
from aggplus.command_line.options import JsonOption, MarketOption, QuietOption, chosen_market, market_files
from aggplus.command_line.outputs import require_inputs_kept, require_outputs, result_page, write_json, write_result
from aggplus.command_line.walking import refuse_same_id, walked

if TYPE_CHECKING:
    from aggplus.activeness import Activeness, Window

commands = typer.Typer()


@commands.command(
    "activeness",
    epilog=examples(
        "aggplus activeness BOND HYG TLT --market DIR --chart active.html",
        "aggplus activeness --sector core --model baseline --model aggressive --start 2015-12-31 --csv rolling.csv",
        "aggplus activeness HYG --months 36 --rolling rolling.png --json - | jq .funds",
    ),
)
def activeness_command(
    funds: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TICKER]...", help="Funds with prices.", autocompletion=tickers),
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(
            metavar="MODEL",
            help="A model to walk through history beside them; repeat it.",
            autocompletion=model_names,
        ),
    ] = None,
    sector: Annotated[
        list[str] | None,
        typer.Option(metavar="SECTOR", help='Every fund of a sector, or of "core", as a peer; repeat it.'),
    ] = None,
    benchmark: Annotated[str, typer.Option(metavar="TICKER", help="Fund that all are measured against.")] = "AGG",
    window_days: Annotated[
        int | None, typer.Option(metavar="N", help="Daily returns in a rolling window; 252 unless --months.")
    ] = None,
    months: Annotated[
        int | None, typer.Option(metavar="N", help="Monthly returns in a rolling window instead.")
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(
            metavar="DATE",
            help="Close before the first return; by default the market's first, with models as for a walk.",
        ),
    ] = None,
    end: Annotated[str | None, typer.Option(metavar="DATE", help="Last day; by default the last close.")] = None,
    market: MarketOption = None,
    chart: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Draw correlation against instability of beta: FILE.html, .png or .svg."),
    ] = None,
    rolling: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Draw correlation and beta through time: FILE.html, .png or .svg."),
    ] = None,
    csv_file: Annotated[
        Path | None,
        typer.Option("--csv", metavar="FILE", help="Write the rolling figures: date, name, correlation, beta."),
    ] = None,
    json_file: JsonOption = None,
    quiet: QuietOption = False,
) -> None:
    """How active funds and models are: low correlation to the benchmark and an unstable beta mark an active one."""
    from aggplus.activeness import activeness
    from aggplus.activeness.chart import activeness_plate, rolling_plate
    from aggplus.activeness.view import activeness_view
    from aggplus.charts.files import chart_file, require_chart_file
    from aggplus.model import load_model
    from universe import resolve_sectors

    if not (funds or model or sector):
        raise typer.BadParameter("nothing to measure: give tickers, --model or --sector")
    window = _window(window_days, months)
    require_outputs(chart, rolling, csv_file, json_file)
    require_inputs_kept([*(model or ()), *market_files(market)], chart, rolling, csv_file, json_file)
    for drawn in (chart, rolling):
        if drawn is not None:
            require_chart_file(drawn)
    sectors = resolve_sectors(sector or ())
    documents = [load_model(name) for name in model or ()]
    refuse_same_id(documents)
    known = chosen_market(market, quiet=quiet)
    tracks, refusals = walked(documents, known, start, end, quiet) if documents else ([], [])
    peers = known.catalog.index[known.catalog["sector"].isin(sectors)]
    named = [*(funds or ()), *(ticker for ticker in peers if ticker in known.prices.columns)]
    first = tracks[0].start if tracks else start
    found = activeness(known, named, {track.model.id: track.net for track in tracks}, benchmark, window, first, end)
    pictures = [(chart, chart_file(activeness_plate(found), chart))] if chart is not None else []
    if rolling is not None:
        pictures.append((rolling, chart_file(rolling_plate(found, _lines(found)), rolling)))
    write_json(json_file, found.to_dict())
    if csv_file is not None:
        write_result(csv_file, _rolling_csv(found))
    for file, content in pictures:
        write_result(file, content)
    page = result_page(quiet, chart, rolling, csv_file, json_file)
    for part in activeness_view(found):
        page.print(part)
    for refusal in refusals:
        print(f"aggplus: {refusal.model}: {refusal.why}", file=sys.stderr)
    raise typer.Exit(BAD if refusals else DONE)


def _window(days: int | None, months: int | None) -> Window:
    from aggplus.activeness import DEFAULT_WINDOW, Window

    if days is not None and months is not None:
        raise typer.BadParameter("--window-days and --months: give one of them")
    if months is not None:
        return Window(months, "months")
    return DEFAULT_WINDOW if days is None else Window(days)


def _lines(found: Activeness) -> list[str]:
    """Names whose lines can be told apart: models first, then the most active funds."""
    from aggplus.charts import MODEL_COLOURS

    kinds = found.table["kind"]
    return [*kinds.index[kinds == "model"], *kinds.index[kinds == "fund"]][: len(MODEL_COLOURS)]


def _rolling_csv(found: Activeness) -> bytes:
    import pandas as pd

    from aggplus.cell_text import no_formula

    table = found.rolling
    table["name"] = table["name"].map(no_formula)
    return table.assign(date=pd.DatetimeIndex(table["date"]).strftime("%Y-%m-%d")).to_csv(index=False).encode()
