"""`aggplus ledger show`, `verify` and `replay`, and how other commands record."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.markup import escape
from rich.table import Table

from aggplus.command_line.examples import examples
from aggplus.command_line.exit_codes import DISAGREES, DONE
from aggplus.command_line.options import JsonOption, MarketOption, QuietOption, chosen_market
from aggplus.command_line.outputs import require_apart, require_outputs, result_page, write_json
from aggplus.command_line.progress import waiting
from aggplus.desk_errors import LedgerError
from aggplus.files import require_writable

if TYPE_CHECKING:
    import pandas as pd

    from aggplus.ledger import Row
    from aggplus.portfolio import ModelPortfolio
    from universe import Market

LEDGER_VARIABLE = "AGGPLUS_LEDGER"
DEFAULT_LEDGER = "aggplus-ledger.sqlite"
"""In the current folder; only read where none is named, never made there unasked."""

_SHOWN = 20
_FINDINGS_SHOWN = 20

LedgerOption = Annotated[
    str | None,
    typer.Option(
        metavar="FILE_OR_URL", help="Record in this ledger: a file or postgresql://...; else $AGGPLUS_LEDGER."
    ),
]
_ReadOption = Annotated[
    str | None,
    typer.Option(
        "--ledger",
        metavar="FILE_OR_URL",
        help=f"A file or postgresql://...; else $AGGPLUS_LEDGER, else {DEFAULT_LEDGER} in this folder.",
    ),
]

commands = typer.Typer()
_ledger = typer.Typer(no_args_is_help=True, help="Show, verify and replay what was solved and decided.")
commands.add_typer(_ledger, name="ledger")


@_ledger.command(
    "show",
    epilog=examples(
        "aggplus ledger show --model ModelPort20 --start 2024-01-01", "aggplus ledger show 17 --ledger desk.sqlite"
    ),
)
def show_command(
    row: Annotated[int | None, typer.Argument(metavar="[ID]", help="One row, in full.")] = None,
    ledger: _ReadOption = None,
    kind: Annotated[Literal["solve", "decision"] | None, typer.Option(help="Only these.")] = None,
    model: Annotated[str | None, typer.Option(metavar="ID", help="Only this model's, by its id.")] = None,
    start: Annotated[str | None, typer.Option(metavar="DATE", help="As-of date from, YYYY-MM-DD.")] = None,
    end: Annotated[str | None, typer.Option(metavar="DATE", help="As-of date to, YYYY-MM-DD.")] = None,
    last: Annotated[int, typer.Option(min=1, metavar="N", help="Only so many, the latest.")] = _SHOWN,
    json_file: JsonOption = None,
    quiet: QuietOption = False,
) -> None:
    """Show the latest rows, or one row in full."""
    from aggplus.ledger import existing_ledger

    require_outputs(json_file)
    first, final = (None if day is None else _day(day) for day in (start, end))
    with existing_ledger(_chosen(ledger, json_file)) as opened:
        rows = opened.rows(kind, model, first, final, last) if row is None else [opened.row(row)]
        total, head = opened.head
        name = opened.name
    content = {"ledger": name, "length": total, "head": head, "rows": [found.to_dict() for found in rows]}
    write_json(json_file, content)
    page = result_page(quiet, json_file)
    page.print(_table(rows) if row is None else _in_full(rows[0]))
    page.print(escape(f"{len(rows)} of {total} rows of {name}; head {head}"))
    raise typer.Exit(DONE)


@_ledger.command("verify", epilog=examples("aggplus ledger verify --ledger desk.sqlite --head 3f9a62c1"))
def verify_command(
    ledger: _ReadOption = None,
    head: Annotated[
        str | None,
        typer.Option(metavar="HASH", help="A head printed earlier and kept elsewhere: must be in the chain still."),
    ] = None,
    json_file: JsonOption = None,
    quiet: QuietOption = False,
) -> None:
    """Work out every hash again and walk the chain: finds rows edited, missing, moved or put in. Exit code 4 then."""
    from aggplus.ledger import existing_ledger, verify

    require_outputs(json_file)
    with waiting("working out every hash", quiet=quiet), existing_ledger(_chosen(ledger, json_file)) as opened:
        findings = verify(opened, head)
        total, last = opened.head
        name = opened.name
    content = {"ledger": name, "length": total, "head": last, "findings": [vars(finding) for finding in findings]}
    write_json(json_file, content)
    page = result_page(quiet, json_file)
    for finding in findings[:_FINDINGS_SHOWN]:
        page.print(escape(finding.words), style="red")
    if len(findings) > _FINDINGS_SHOWN:
        page.print(f"and {len(findings) - _FINDINGS_SHOWN} more findings; --json writes all", style="red")
    verdict = f"{len(findings)} findings" if findings else "all as written"
    page.print(escape(f"{name}: {total} rows, {verdict}; head {last}"))
    raise typer.Exit(DISAGREES if findings else DONE)


@_ledger.command("replay", epilog=examples("aggplus ledger replay 17 --market DIR"))
def replay_command(
    row: Annotated[int, typer.Argument(metavar="ID", help="The row of a solve.")],
    ledger: _ReadOption = None,
    market: MarketOption = None,
    json_file: JsonOption = None,
    quiet: QuietOption = False,
) -> None:
    """Solve again what a row says was solved; weights must agree to 1e-9. Exit code 4 where they do not."""
    from aggplus.ledger import existing_ledger, replay

    require_outputs(json_file)
    with existing_ledger(_chosen(ledger, json_file)) as opened:
        opened.row(row)  # before a market is loaded for nothing
        known = chosen_market(market, quiet=quiet)
        with waiting("solving again", quiet=quiet):
            again = replay(opened, row, known)
    write_json(json_file, again.to_dict())
    page = result_page(quiet, json_file)
    for sentence in again.sentences:
        page.print(escape(sentence))
    raise typer.Exit(DONE if again.agrees else DISAGREES)


def recording_place(option: str | None, *results: Path | None) -> str | None:
    """The ledger that a command records in: of `--ledger`, else of the environment; None where neither names one.

    Parameters
    ----------
    option : str, optional
    *results : Path, optional
        Files that the command writes beside.

    Raises
    ------
    LedgerError, OutputError
        When it can be seen at once that nothing can be recorded there, or that a result would be written over it.
    """
    from aggplus.ledger.database import place_of

    named = option or os.environ.get(LEDGER_VARIABLE)
    if not named:
        return None
    file = place_of(named).file
    if file is not None:
        require_writable(file)
        require_apart(file, *results)
        if file.exists() and not os.access(file, os.W_OK):
            raise LedgerError(f"ledger {file}: is read-only; give yourself the right to write to it, or name another")
    return named


def recorded(
    place: str,
    portfolio: ModelPortfolio,
    market: Market,
    holdings: Mapping[str, float] | None,
    record: pd.Series | None,
) -> int:
    """Record one solve; the ledger is made where there is none.

    Parameters
    ----------
    place : str
    portfolio : ModelPortfolio
    market : Market
    holdings : mapping or None
    record : Series or None

    Returns
    -------
    int
        Id of the row.

    Raises
    ------
    LedgerError
        When it cannot be written.
    """
    from aggplus.ledger import open_ledger

    with open_ledger(place) as ledger:
        return ledger.append_solve(portfolio, market, holdings, record)


def _chosen(option: str | None, json_file: Path | None) -> str:
    """The ledger to read, which the result is not written over."""
    from aggplus.ledger.database import place_of

    place = option or os.environ.get(LEDGER_VARIABLE) or DEFAULT_LEDGER
    require_apart(place_of(place).file, json_file)
    return place


def _day(text: str) -> str:
    import pandas as pd

    day = pd.to_datetime(text, format="%Y-%m-%d", errors="coerce")
    if pd.isna(day):
        raise LedgerError(f"date {text!r} cannot be read; expected YYYY-MM-DD")
    return f"{day:%Y-%m-%d}"


def _table(rows: list[Row]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("id", "recorded (UTC)", "what", "model", "as of", "status", "backend", "holdings", "gap bp"):
        table.add_column(name, justify="right" if name in ("id", "holdings", "gap bp") else "left", no_wrap=True)
    table.add_column("reasons", overflow="fold")
    for row in rows:
        table.add_row(
            str(row.id),
            row.time[:19].replace("T", " "),
            row.kind,
            escape(row.model_id),
            row.asof,
            escape(row.status),
            row.backend or "",
            "" if row.weights is None else str(len(row.weights)),
            "" if row.gap_bp is None else f"{row.gap_bp:.1e}",
            escape("; ".join(map(str, row.reasons))),
        )
    return table


def _in_full(row: Row) -> Table:
    table = Table(show_header=False, box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in row.to_dict().items():
        words = "" if value is None else str(value)
        if name in ("weights", "holdings") and value is not None:
            words = ", ".join(f"{ticker} {100 * weight:.2f} %" for ticker, weight in sorted(value.items(), key=_size))
        table.add_row(name, escape(words))
    return table


def _size(holding: tuple[str, float]) -> float:
    return -holding[1]
