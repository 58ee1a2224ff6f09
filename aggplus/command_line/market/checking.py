"""`aggplus market check`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from aggplus.command_line.examples import examples
from aggplus.command_line.exit_codes import DONE
from aggplus.command_line.market_folder import named_market
from aggplus.command_line.options import JsonOption, MarketOption, QuietOption, chosen_market, market_files
from aggplus.command_line.outputs import (
    require_inputs_kept,
    require_outputs,
    result_page,
    write_json,
    write_result,
)
from aggplus.command_line.progress import waiting

if TYPE_CHECKING:
    import pandas as pd

    from universe import Market
    from universe.checks import MarketCheck

commands = typer.Typer()


@commands.command(
    "check",
    epilog=examples(
        "aggplus market check --market DIR",
        "aggplus market check --market DIR --severity warning --since 2024-01-01 --json findings.json",
        "aggplus market check --market DIR --quarantine",
        "aggplus market check --market DIR --benchmark BND",
    ),
)
def check_command(
    market: MarketOption = None,
    severity: Annotated[
        Literal["error", "warning", "note"], typer.Option(help="The least severity that is reported.")
    ] = "note",
    since: Annotated[
        str | None, typer.Option(metavar="DATE", help="Only what lies on or after this day, YYYY-MM-DD.")
    ] = None,
    quarantine: Annotated[
        bool, typer.Option("--quarantine", help="Add errors and warnings of closes to quarantine.csv of the market.")
    ] = False,
    benchmark: Annotated[
        str, typer.Option(metavar="TICKER", help="Fund whose risk is targeted; told when it is too stale for that.")
    ] = "AGG",
    json_file: JsonOption = None,
    csv_file: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write the findings as CSV; - is standard output.")
    ] = None,
    quiet: QuietOption = False,
) -> None:
    """Look for what is wrong in the prices and the catalog of a market. Exit code 0 whatever is found.

    Nothing is mended. With --quarantine, funds are left out of models while their risk window touches a span of wrong
    closes, from the day on which that could be known; the file may be edited, and lines that are in it stay.
    """
    from aggplus.findings_view import findings_csv, findings_view
    from universe import MarketError, read_closes
    from universe.checks import MarketCheck, check_market, repeated_rows

    require_outputs(json_file, csv_file)
    require_inputs_kept(market_files(market), json_file, csv_file)
    first = _day(since)
    folder = named_market(market)
    if quarantine and folder is None:
        raise MarketError("--quarantine: the built-in market has no folder to keep it in; give --market")
    page = result_page(quiet, json_file, csv_file)

    def report(check: MarketCheck, name: str) -> None:
        write_json(json_file, {"market": name, **check.to_dict()})
        write_result(csv_file, findings_csv(check.findings))
        page.print(findings_view(check, name, page.width))

    try:
        known = chosen_market(market, quiet=quiet)
    except MarketError:
        # It is refused by the first such row; whoever mends the file wants to see them all.
        twice = [] if folder is None else repeated_rows(Path(folder).expanduser())
        if twice:
            report(MarketCheck(tuple(twice)).at_least(severity, first), str(folder))
        raise
    with waiting("checking the market", quiet=quiet):
        closes = None if folder is None else read_closes(Path(folder).expanduser())
        check = check_market(known, benchmark, closes).at_least(severity, first)
    held = known.quarantine
    if quarantine and folder is not None:
        held = _add_to_quarantine(check, known, Path(folder).expanduser())
    report(check.with_quarantine(held), known.name)
    raise typer.Exit(DONE)


def _day(text: str | None) -> pd.Timestamp | None:
    import pandas as pd

    from universe import MarketError
    from universe.dates import day_from_text

    if text is None:
        return None
    day = day_from_text(text.strip())
    if day is None:
        raise MarketError(f"--since: date {text!r} cannot be read; expected YYYY-MM-DD")
    return pd.Timestamp(day)


def _add_to_quarantine(check: MarketCheck, market: Market, folder: Path) -> pd.DataFrame:
    """The quarantine as it is written."""
    from aggplus.files import write_whole
    from universe.checks import to_quarantine
    from universe.quarantine import QUARANTINE_FILE, merged, no_quarantine, quarantine_bytes, read_quarantine

    file = folder / QUARANTINE_FILE
    # Read again: the checks take a while, and a person may have edited it meanwhile.
    kept = read_quarantine(file, market.catalog.index) if file.exists() else no_quarantine()
    table = merged(kept, to_quarantine(check.findings))
    write_whole(file, quarantine_bytes(table))
    return table
