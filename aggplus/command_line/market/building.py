"""`aggplus market build` and `aggplus market update`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from aggplus.command_line.examples import examples
from aggplus.command_line.exit_codes import DONE
from aggplus.command_line.options import JsonOption, QuietOption
from aggplus.command_line.outputs import require_inputs_kept, require_outputs, result_page, write_json
from aggplus.command_line.progress import counting

if TYPE_CHECKING:
    import datetime as dt

    from universe.sources import ColumnMap
    from universe.stored.building import Outcome

SourceName = Literal["yahoo", "folder", "files"]

commands = typer.Typer()

EndOption = Annotated[
    str | None, typer.Option(metavar="DATE", help="Last day, YYYY-MM-DD; by default the last close there is.")
]


@commands.command(
    "build",
    epilog=examples(
        "aggplus market build --source yahoo --tickers funds.txt --out market",
        "aggplus market build --source files --from prices.csv --map 'adj_close=Adj Close' --out market",
        "aggplus market build --source folder --from old --overrides known.csv --out market",
    ),
)
def build_command(
    source: Annotated[
        SourceName, typer.Option(help="yahoo (extra yahoo), folder (another market) or files (CSV, Parquet).")
    ],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder of the new market; must not be there yet.")],
    origin: Annotated[
        list[Path] | None,
        typer.Option("--from", metavar="PATH", help="The folder, or a file or folder of files; several times."),
    ] = None,
    tickers: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Funds to look for: one a line, or a CSV with a column ticker.")
    ] = None,
    start: Annotated[
        str | None, typer.Option(metavar="DATE", help="First day, YYYY-MM-DD; by default as early as there are.")
    ] = None,
    end: EndOption = None,
    column: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="COLUMN", help="What a column is called, OURS=THEIRS: 'adj_close=Adj Close'."),
    ] = None,
    column_file: Annotated[
        Path | None, typer.Option("--map-file", metavar="FILE", help='The same as TOML: adj_close = "...".')
    ] = None,
    catalog: Annotated[
        str | None, typer.Option(metavar="FILE|NAME", help="A listing to classify: a CSV, or financedatabase.")
    ] = None,
    overrides: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Values of the catalog that win: CSV ticker,column,value, or TOML."),
    ] = None,
    json_file: JsonOption = None,
    quiet: QuietOption = False,
) -> None:
    """Make a market folder from Yahoo, from files or from another market.

    Funds that cannot be had are told and left out; exit code 2 only when none can be had.
    """
    from universe.sources import Recipe
    from universe.sources.listing import FINANCEDATABASE
    from universe.sources.ticker_file import read_tickers
    from universe.stored.building import build_market
    from universe.stored.generations import require_new

    require_outputs(json_file)
    require_inputs_kept([*(origin or ()), tickers, column_file, catalog, overrides], json_file)
    require_new(out)
    recipe = Recipe(
        source=source,
        paths=tuple(path.expanduser().absolute() for path in origin or ()),
        tickers=None if tickers is None else read_tickers(tickers),
        start=_day("--start", start),
        columns=_columns(column, column_file),
        catalog=catalog if catalog in (None, FINANCEDATABASE) else str(Path(catalog).expanduser().absolute()),
        overrides=None if overrides is None else overrides.expanduser().absolute(),
    )
    with counting("funds", quiet=quiet) as watch:
        outcome = build_market(recipe, out, _day("--end", end), watch)
    _tell(outcome, json_file, quiet=quiet)


@commands.command("update", epilog=examples("aggplus market update market --json changes.json"))
def update_command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A market made by `aggplus market build`.")],
    end: EndOption = None,
    json_file: JsonOption = None,
    quiet: QuietOption = False,
) -> None:
    """Bring a market up to date from what it was made from.

    The last three weeks are fetched again. A fund whose past the source tells otherwise is fetched whole, and what
    changed is told and kept in DIR/changes.jsonl. Stopped at any moment, DIR holds the old market or the new one.
    """
    from universe.stored.building import update_market

    require_outputs(json_file)
    if json_file is not None and str(json_file) != "-" and folder.resolve() in json_file.resolve().parents:
        raise typer.BadParameter(f"--json {json_file} lies in the market; give a place outside it")
    with counting("funds", quiet=quiet) as watch:
        outcome = update_market(folder, _day("--end", end), watch)
    _tell(outcome, json_file, quiet=quiet)


def _tell(outcome: Outcome, json_file: Path | None, *, quiet: bool) -> None:
    from aggplus.market_building_view import outcome_view

    result_page(quiet, json_file).print(outcome_view(outcome), soft_wrap=True)
    write_json(json_file, outcome.to_dict())
    raise typer.Exit(DONE)


def _columns(words: list[str] | None, file: Path | None) -> ColumnMap:
    from universe.sources import ColumnMap

    if words and file is not None:
        raise typer.BadParameter("--map and --map-file are two ways to say the same; give one of them")
    return ColumnMap.from_toml(file) if file is not None else ColumnMap.from_words(words or ())


def _day(option: str, text: str | None) -> dt.date | None:
    from universe.dates import day_from_text

    day = None if text is None else day_from_text(text.strip())
    if text is not None and day is None:
        raise typer.BadParameter(f"{option} {text!r} cannot be read; expected YYYY-MM-DD")
    return day
