"""`aggplus risk report`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated

import typer

from aggplus.command_line.completion import estimate_names, model_names
from aggplus.command_line.examples import examples
from aggplus.command_line.exit_codes import DONE
from aggplus.command_line.options import (
    JsonOption,
    MarketOption,
    QuietOption,
    WorkersOption,
    chosen_market,
    market_files,
)
from aggplus.command_line.outputs import require_inputs_kept, require_outputs, result_page, write_json, write_result
from aggplus.command_line.progress import counting
from aggplus.shipped import SHIPPED

if TYPE_CHECKING:
    from riskmodels import RiskModelRules

commands = typer.Typer(no_args_is_help=True, help="Look at risk models: how good their forecasts were.")

_OWN = "the model's own"


@commands.command(
    "report",
    epilog=examples(
        "aggplus risk report --market DIR --start 2015-12-31 --chart forecasts.html",
        "aggplus risk report client.toml --estimator sample --json out.json",
    ),
)
def report_command(
    models: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[MODEL]...",
            help=f"Models that are built on each estimate; by default {', '.join(SHIPPED)}.",
            autocompletion=model_names,
        ),
    ] = None,
    market: MarketOption = None,
    start: Annotated[
        str | None, typer.Option(metavar="DATE", help="First day of forecast; by default as early as can be.")
    ] = None,
    end: Annotated[
        str | None, typer.Option(metavar="DATE", help="Last day looked at; by default the last close.")
    ] = None,
    estimator: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Only this one, by the name in the report; may be given several times.",
            autocompletion=estimate_names,
        ),
    ] = None,
    workers: WorkersOption = 1,
    json_file: JsonOption = None,
    csv_file: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write every forecast, one a row.")
    ] = None,
    chart: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Draw forecast and realised volatility: FILE.html, .png or .svg."),
    ] = None,
    quiet: QuietOption = False,
) -> None:
    """Judge risk models by their forecasts of the past: bias statistic and QLIKE, month by month, out of sample.

    They are tried on the benchmark, sectors, random portfolios and what the models would have held.
    """
    from aggplus.charts.files import chart_file, require_chart_file
    from aggplus.forecasts import ForecastReport, forecast_record
    from aggplus.forecasts.chart import forecast_plate
    from aggplus.forecasts.record import first_forecast
    from aggplus.forecasts.view import report_view
    from aggplus.model import load_model
    from universe import close_on

    require_outputs(json_file, csv_file, chart)
    require_inputs_kept([*(models or ()), *market_files(market)], json_file, csv_file, chart)
    if chart is not None:
        require_chart_file(chart)
    documents = [load_model(name) for name in models or SHIPPED]
    own, candidates = _candidates(documents[0].risk_model, estimator)
    known = chosen_market(market, quiet=quiet)
    last = close_on(known, end).date
    first = first_forecast(known, candidates) if start is None else close_on(known, start).date
    with counting("months", quiet=quiet) as watch:
        record = forecast_record(known, documents, candidates, first, last, workers, watch)
    report = ForecastReport(known.name, documents[0].benchmark, record, own)
    picture = b"" if chart is None else chart_file(forecast_plate(report), chart)
    write_json(json_file, report.to_dict())
    if csv_file is not None:
        write_result(csv_file, record.table.to_csv(index=False).encode())
    if chart is not None:
        write_result(chart, picture)
    page = result_page(quiet, json_file, csv_file, chart)
    for part in report_view(report):
        page.print(part)
    raise typer.Exit(DONE)


def _candidates(rules: RiskModelRules, names: list[str] | None) -> tuple[str, Mapping[str, RiskModelRules]]:
    """The name of the model's own estimate, and the candidates asked for; its own is always among them."""
    from aggplus.forecasts import CANDIDATES
    from universe.wording import did_you_mean

    own = next((name for name, candidate in CANDIDATES.items() if candidate == rules), _OWN)
    known = CANDIDATES if own in CANDIDATES else {**CANDIDATES, own: rules}
    for name in names or ():
        if name not in known:
            raise typer.BadParameter(
                f"--estimator {name!r} is not one of {', '.join(known)}{did_you_mean(name, list(known))}"
            )
    wanted = set(names or known) | {own}
    return own, MappingProxyType({name: candidate for name, candidate in known.items() if name in wanted})
