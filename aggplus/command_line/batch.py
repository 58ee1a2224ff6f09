"""`aggplus batch`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from aggplus.batch_run import (
    BatchResult,
    BatchStopped,
    Finished,
    ResultsFolder,
    SolveOn,
    Task,
    WalkThrough,
    crew_of,
    run_batch,
)
from aggplus.batch_run.view import batch_view
from aggplus.command_line.exit_codes import BAD, DONE, EXIT, FAULT, INTERRUPTED
from aggplus.command_line.options import AsOfOption, JsonOption, MarketOption, chosen_market, market_files
from aggplus.command_line.outputs import json_bytes, require_inputs_kept, require_outputs
from aggplus.console import console
from aggplus.files import write_whole
from aggplus.variants import gather_models
from universe import Market

commands = typer.Typer()

_A_DAY = 86400.0


@commands.command(
    "batch",
    epilog="Examples:  aggplus batch examples/variants.toml --asof 2024-01-31  |  "
    "aggplus batch examples/variants.toml --start 2016-01-04 --end 2024-01-31 --workers 2 --out out/variants",
)
def batch_command(
    models: Annotated[
        list[str],
        typer.Argument(metavar="GRID|FOLDER|MODEL...", help="Grid documents, folders of models, or single models."),
    ],
    market: MarketOption = None,
    asof: AsOfOption = None,
    start: Annotated[str | None, typer.Option(help="Walk through history from this day, YYYY-MM-DD.")] = None,
    end: Annotated[str | None, typer.Option(help="Last day of the walk; by default the last close.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
    cluster: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="A Dask scheduler, tcp://..., whose workers do it instead.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder that keeps results as they are done; a re-run goes on from it.")
    ] = None,
    json_file: JsonOption = None,
) -> None:
    """Solve every variant on a day (--asof), or walk all of them through history (--start, --end).

    Exit code 0 when at least one variant has a result; reasons of the others are printed.
    """
    if start is None and end is not None:
        raise typer.BadParameter("--end needs --start: a walk goes from one day to another")
    if start is not None and asof is not None:
        raise typer.BadParameter("--asof solves on a day and --start walks through history; give one of them")
    require_outputs(json_file)
    require_inputs_kept([*models, *market_files(market)], json_file)
    gathered = gather_models(models)
    known = chosen_market(market)
    task = _task(known, asof, start, end)
    folder = None if out is None else ResultsFolder.at(out)
    terminal = Console(stderr=True, highlight=False)
    try:
        with crew_of(workers, cluster) as crew, _progress(terminal) as progress:
            bar = progress.add_task("variants", total=len(gathered.models))
            result = run_batch(
                gathered.models,
                known,
                task,
                crew,
                folder,
                lambda done, of: progress.update(bar, completed=done, total=of),
                lambda sentence: terminal.print(escape(sentence), style="yellow", soft_wrap=True),
            )
    except BatchStopped as stopped:
        where = (
            "nothing is kept without --out" if out is None else f"kept in {out}; the same command goes on from there"
        )
        typer.echo(f"aggplus: stopped: {stopped.done} of {stopped.of} variants are done, {where}", err=True)
        raise typer.Exit(INTERRUPTED) from None
    if json_file is not None:
        write_whole(json_file, json_bytes(result.to_dict()))
    page = console()
    page.print(batch_view(result))
    for refusal in gathered.refusals:
        page.print(escape(f"Left out: {refusal.why}"), style="yellow")
    if out is not None:
        page.print(escape(f"\nWritten to {out}: table.csv" + (", returns.csv" if result.returns is not None else "")))
    if not result.finished:
        why = " ".join(result.refusals[0].why.splitlines())
        typer.echo(f"aggplus: no variant of {len(result.outcomes)} has a result; the first: {why}", err=True)
    raise typer.Exit(_exit_code(result))


def _task(market: Market, asof: str | None, start: str | None, end: str | None) -> Task:
    return SolveOn.of(market, asof) if start is None else WalkThrough.between(market, start, end)


def _progress(terminal: Console) -> Progress:
    """A bar with the time left; only on a terminal."""
    return Progress(
        TextColumn("{task.completed:.0f} of {task.total:.0f} {task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(elapsed_when_finished=True),
        console=terminal,
        transient=True,
        disable=not terminal.is_terminal,
        # Chunks take minutes: a speed of the last half minute would often be unknown.
        speed_estimate_period=_A_DAY,
    )


def _exit_code(result: BatchResult) -> int:
    """A fault of ours shows always; what the input is to blame for, only when no variant has a result."""
    if result.faults:
        return FAULT
    codes = [_code(outcome) if isinstance(outcome, Finished) else BAD for outcome in result.outcomes]
    return DONE if DONE in codes else max(codes)


def _code(outcome: Finished) -> int:
    """Of a portfolio by its status; a walk that has come to its end is done."""
    return EXIT.get(str(outcome.record.get("status")), DONE)
