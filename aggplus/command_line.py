"""The command line: `aggplus demo`, `aggplus solve`, `aggplus explain` and `aggplus frontier`."""

from __future__ import annotations

import io
import json
import math
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn

import pandas as pd
import typer
from rich.markup import escape

from aggplus.account_files import read_holdings, read_returns
from aggplus.console import console, show
from aggplus.desk import solve
from aggplus.errors import BAD_INPUT, OutputError
from aggplus.explanation import explain
from aggplus.export import npz_bytes
from aggplus.files import require_writable, write_whole
from aggplus.frontier_chart import chart_bytes, require_chart
from aggplus.frontier_record import SHOWN, csv_bytes
from aggplus.frontier_view import frontier_view, holdings_view
from aggplus.model import SHIPPED, load_model
from aggplus.model_frontier import frontier
from aggplus.portfolio import ModelPortfolio
from universe import Market, load_market, simulated_market

DONE, FAULT, BAD, INFEASIBLE = 0, 1, 2, 3
"""Exit codes."""

_EXIT = {"solved": DONE, "failed": FAULT, "infeasible": INFEASIBLE}
_MARKET_VARIABLE = "AGGPLUS_MARKET"

app = typer.Typer(
    name="aggplus",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Bond-ETF model portfolios that carry the risk of the AGG and aim for more return.",
    epilog="Exit codes: 0 done, 1 a fault of ours, 2 bad input, 3 no feasible portfolio.",
)

BackendName = Literal["auto", "parametric", "osqp", "conic"]

ModelArgument = Annotated[str, typer.Argument(help=f"{', '.join(SHIPPED)}, or a model document in TOML.")]
MarketOption = Annotated[
    Path | None, typer.Option(help="Folder of a market; else $AGGPLUS_MARKET, else the built-in simulated market.")
]
AsOfOption = Annotated[str | None, typer.Option(help="Day, YYYY-MM-DD; by default the last close.")]
HoldingsOption = Annotated[Path | None, typer.Option(help="CSV of what is held now: ticker, weight (fraction).")]
RecordOption = Annotated[
    Path | None, typer.Option(help="CSV of the model's own daily net returns: date, return; for risk_scaling.")
]
JsonOption = Annotated[Path | None, typer.Option("--json", help="Write the result as JSON.")]


@app.command(
    "solve",
    epilog="Examples:  aggplus solve baseline --asof 2024-01-31  |  "
    "aggplus solve client.toml --market DIR --json out.json --export problem.npz",
)
def solve_command(
    model: ModelArgument,
    market: MarketOption = None,
    asof: AsOfOption = None,
    holdings: HoldingsOption = None,
    record: RecordOption = None,
    backend: Annotated[BackendName, typer.Option(help="Force a backend.")] = "auto",
    json_file: JsonOption = None,
    export: Annotated[Path | None, typer.Option(help="Write the problem's exact numbers as .npz.")] = None,
) -> None:
    """Build one model portfolio: holdings, sectors, risk against target, what gave way, and why funds were left out."""
    _require_outputs(json_file, export)
    document = load_model(model)
    portfolio = solve(document, _market(market), asof, _holdings(holdings), _record(record), backend)
    if json_file is not None:
        write_whole(json_file, json_bytes(portfolio.to_dict()))
    if export is not None:
        write_whole(export, npz_bytes(portfolio))
    show(portfolio, console())
    raise typer.Exit(_EXIT[portfolio.status])


@app.command("explain", epilog="Example:  aggplus explain client.toml --market DIR --asof 2024-01-31 --json why.json")
def explain_command(
    model: ModelArgument,
    market: MarketOption = None,
    asof: AsOfOption = None,
    holdings: HoldingsOption = None,
    record: RecordOption = None,
    json_file: JsonOption = None,
) -> None:
    """Tell why a model has no portfolio: clauses that cannot hold together, and the cheapest changes that solve.

    Where soft clauses give way, tell which.
    """
    _require_outputs(json_file)
    document = load_model(model)
    explanation = explain(document, _market(market), asof, _holdings(holdings), _record(record))
    if json_file is not None:
        write_whole(json_file, json_bytes(explanation.to_dict()))
    page = console()
    for sentence in explanation.sentences:
        page.print(escape(sentence))
    for warning in explanation.portfolio.setting.warnings:
        page.print(escape(f"Note: {warning}"), style="yellow")
    raise typer.Exit(_EXIT[explanation.portfolio.status])


def _fraction(words: str) -> float:
    """A risk as a fraction, from "5.2%" or "0.052"."""
    try:
        figure = float(words.removesuffix("%")) / (100.0 if words.endswith("%") else 1.0)
    except ValueError:
        figure = math.nan
    if not 0.0 <= figure <= 1.0:
        raise typer.BadParameter(f"{words!r} is no risk a year; write 5.2% or 0.052")
    return figure


@app.command(
    "frontier", epilog="Example:  aggplus frontier baseline --asof 2024-01-31 --chart frontier.html --target 5.2%"
)
def frontier_command(
    model: ModelArgument,
    market: MarketOption = None,
    asof: AsOfOption = None,
    holdings: HoldingsOption = None,
    record: RecordOption = None,
    json_file: JsonOption = None,
    csv_file: Annotated[Path | None, typer.Option("--csv", help="Write figures and weights of all corners.")] = None,
    chart: Annotated[Path | None, typer.Option(help="Draw it, as FILE.png or FILE.html.")] = None,
    target: Annotated[
        float | None,
        typer.Option(parser=_fraction, metavar="RISK", help="Also show the portfolio at this risk, 5.2% or 0.052."),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Show every corner.")] = False,
) -> None:
    """Draw the efficient frontier of a model's limits, without its risk target: all corner portfolios, exactly."""
    _require_outputs(json_file, csv_file, chart)
    if chart is not None:
        require_chart(chart)
    found = frontier(load_model(model), _market(market), asof, _holdings(holdings), _record(record))
    solved = found.status == "solved"
    asked = found.at_risk(target) if target is not None and solved else None
    content = found.to_dict() | (
        {} if asked is None else {"at_target": {"risk": 100.0 * (target or 0.0), "weights": asked.to_dict()}}
    )
    drawn = chart_bytes(found, chart) if chart is not None and solved else b""
    if json_file is not None:
        write_whole(json_file, json_bytes(content))
    if csv_file is not None and solved:
        write_whole(csv_file, csv_bytes(found))
    if chart is not None and solved:
        write_whole(chart, drawn)
    page = console()
    page.print(frontier_view(found, len(found.corners) if every else SHOWN))
    if asked is not None and target is not None:
        page.print(holdings_view(asked, found.measure, target))
    raise typer.Exit(_EXIT[found.status])


@app.command("demo", epilog="Example:  aggplus demo --out out")
def demo_command(
    out: Annotated[Path, typer.Option(help="Folder for the results; made when missing.")] = Path("out"),
) -> None:
    """Build the three shipped model portfolios on the built-in simulated market and write them to a folder."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{out}: cannot be made a folder ({error.strerror})") from None
    market = simulated_market()
    screen, worst = console(), DONE
    for name in SHIPPED:
        portfolio = solve(load_model(name), market)
        show(portfolio, screen)
        write_portfolio(portfolio, out)
        worst = max(worst, _EXIT[portfolio.status])
    screen.print(escape(f"\nWritten to {out}{os.sep}: for each model .json, -holdings.csv, -excluded.csv and .npz"))
    raise typer.Exit(worst)


def write_portfolio(portfolio: ModelPortfolio, folder: Path) -> None:
    """Write one portfolio as JSON, holdings and exclusions as CSV, and its problem as .npz.

    Parameters
    ----------
    portfolio : ModelPortfolio
    folder : Path
        Exists; files are named after the model's id.

    Raises
    ------
    OutputError
        When a file cannot be written.
    """
    stem = portfolio.setting.model.id
    write_whole(folder / f"{stem}.json", json_bytes(portfolio.to_dict()))
    write_whole(folder / f"{stem}-holdings.csv", portfolio.holdings.to_csv().encode())
    write_whole(folder / f"{stem}-excluded.csv", portfolio.setting.excluded.to_csv(index_label="ticker").encode())
    write_whole(folder / f"{stem}.npz", npz_bytes(portfolio))


def json_bytes(record: Mapping[str, Any]) -> bytes:
    """A record as the content of a JSON file.

    Parameters
    ----------
    record : mapping
        Plain Python values.
    """
    return (json.dumps(record, indent=2, allow_nan=False) + "\n").encode()


def main() -> None:
    """Run the command line; bad input ends in one line on standard error and exit code 2."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Where an accent or an ellipsis cannot be shown, a question mark will do.
        sys.stdout.reconfigure(errors="replace")
    try:
        code = app(standalone_mode=False)
    except typer.TyperException as error:
        _refuse(_usage(error))
    except BAD_INPUT as error:
        _refuse(str(error))
    raise SystemExit(code)


def _refuse(words: str) -> NoReturn:
    # Names and cells of a user's files may hold line breaks.
    if words:
        print(f"aggplus: {' '.join(words.splitlines())}", file=sys.stderr)
    raise SystemExit(BAD) from None


def _usage(error: typer.TyperException) -> str:
    """What is wrong with the command's words; empty where the help has been printed already."""
    words = error.format_message().replace("Value error, ", "").rstrip(".")
    context = getattr(error, "ctx", None)
    return words and f"{words}; see {context.command_path if context else 'aggplus'} --help"


def _holdings(file: Path | None) -> dict[str, float] | None:
    return None if file is None else read_holdings(file)


def _record(file: Path | None) -> pd.Series | None:
    return None if file is None else read_returns(file)


def _market(folder: Path | None) -> Market:
    named = os.environ.get(_MARKET_VARIABLE) if folder is None else str(folder)
    return load_market(named) if named else simulated_market()


def _require_outputs(*files: Path | None) -> None:
    """Refuse result files that cannot be written before any work is done, so that it is all of them or none."""
    asked = [file for file in files if file is not None]
    for file in asked:
        require_writable(file)
    if len({os.path.realpath(file) for file in asked}) < len(asked):
        raise OutputError(f"{asked[0]}: asked for twice; give every result a file of its own")
