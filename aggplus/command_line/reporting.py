"""`aggplus report`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from aggplus.command_line.examples import examples
from aggplus.command_line.exit_codes import DONE
from aggplus.command_line.ledger import LEDGER_VARIABLE
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
from aggplus.command_line.outputs import (
    json_bytes,
    require_apart,
    require_inputs_kept,
    require_outputs,
    result_page,
    write_result,
)
from aggplus.command_line.progress import counting, waiting
from aggplus.command_line.walking import refuse_same_id
from aggplus.shipped import SHIPPED

commands = typer.Typer()


@commands.command(
    "report",
    epilog=examples(
        "aggplus report --month 2024-01 --out january.html",
        "aggplus report --month 2024-01 --out january.html --pdf january.pdf baseline aggressive --market DIR",
        "aggplus report --month 2024-01 --out january.html --xlsx january.xlsx --json january.json",
    ),
)
def report_command(
    month: Annotated[str, typer.Option(metavar="MONTH", help="YYYY-MM.")],
    out: Annotated[Path, typer.Option(metavar="FILE", help="Write the report as one HTML file that needs no network.")],
    models: ModelsArgument = None,
    market: MarketOption = None,
    start: StartOption = None,
    pdf: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it as a PDF as well.")] = None,
    xlsx: XlsxOption = None,
    json_file: JsonOption = None,
    ledger: Annotated[
        str | None,
        typer.Option(metavar="FILE_OR_URL", help="Name what this ledger holds of it; else $AGGPLUS_LEDGER."),
    ] = None,
    quiet: QuietOption = False,
) -> None:
    """Write the monthly report of models: results, what changed and why, risk, drawdowns, method and data."""
    from aggplus.charts import require_charts
    from aggplus.ledger.database import place_of
    from aggplus.model import load_model
    from aggplus.report import (
        gallery_of,
        html_page,
        ledger_note,
        month_of,
        monthly_report,
        paper_page,
        pdf_of,
        require_paper,
    )
    from aggplus.workbook import require_workbook, walk_workbook

    require_outputs(out, pdf, xlsx, json_file)
    require_inputs_kept([*(models or ()), *market_files(market)], out, pdf, xlsx, json_file)
    month_of(month)
    require_charts()
    if pdf is not None:
        require_paper()
    if xlsx is not None:
        require_workbook()
    documents = [load_model(name) for name in models or SHIPPED]
    refuse_same_id(documents)
    place = ledger or os.environ.get(LEDGER_VARIABLE)
    noted = None
    if place:
        require_apart(place_of(place).file, out, pdf, xlsx, json_file)
        noted = ledger_note(place, documents, month)
    known = chosen_market(market, quiet=quiet)
    with counting("sessions", quiet=quiet) as watch:
        report = monthly_report(documents, known, month, start, noted, watch)
    with waiting("drawing", quiet=quiet):
        gallery = gallery_of(report)
        results = [(out, html_page(report, gallery).encode())]
        if pdf is not None:
            results.append((pdf, pdf_of(paper_page(report, gallery))))
    if xlsx is not None:
        results.append((xlsx, walk_workbook(report.tracks, known.catalog)))
    if json_file is not None:
        results.append((json_file, json_bytes(report.to_dict())))
    for file, content in results:
        write_result(file, content)
    page = result_page(quiet, out, pdf, xlsx, json_file)
    for file, content in results:
        page.print(escape(f"{file}: {report.title}, {len(content) / 1e6:.2f} MB"), soft_wrap=True)
    raise typer.Exit(DONE)
