"""`aggplus batch`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from aggplus.command_line.completion import model_names
from aggplus.command_line.examples import examples
from aggplus.command_line.exit_codes import BAD, DONE, EXIT, FAULT, INTERRUPTED
from aggplus.command_line.options import (
    AsOfOption,
    JsonOption,
    MarketOption,
    QuietOption,
    WorkersOption,
    chosen_market,
    market_files,
)
from aggplus.command_line.outputs import require_inputs_kept, require_outputs, result_page, write_json
from aggplus.command_line.progress import counting

if TYPE_CHECKING:
    from aggplus.batch_run import BatchResult, Finished

commands = typer.Typer()


@commands.command(
    "batch",
    epilog=examples(
        "aggplus batch examples/variants.toml --asof 2024-01-31",
        "aggplus batch examples/variants.toml --start 2016-01-04 --end 2024-01-31 --workers 2 --out out/variants",
    ),
)
def batch_command(
    models: Annotated[
        list[str],
        typer.Argument(
            metavar="GRID|FOLDER|MODEL...",
            help="Grid documents, folders of models, or single models.",
            autocompletion=model_names,
        ),
    ],
    market: MarketOption = None,
    asof: AsOfOption = None,
    start: Annotated[
        str | None, typer.Option(metavar="DATE", help="Walk through history from this day, YYYY-MM-DD.")
    ] = None,
    end: Annotated[
        str | None, typer.Option(metavar="DATE", help="Last day of the walk; by default the last close.")
    ] = None,
    workers: WorkersOption = 1,
    cluster: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="A Dask scheduler, tcp://..., whose workers do it instead.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder that keeps results as they are done; a re-run goes on from it."),
    ] = None,
    json_file: JsonOption = None,
    quiet: QuietOption = False,
) -> None:
    """Solve every variant on a day (--asof), or walk all of them through history (--start, --end).

    Exit code 0 when at least one variant has a result; reasons of the others are printed.
    """
    from aggplus.batch_run import BatchStopped, ResultsFolder, SolveOn, WalkThrough, crew_of, run_batch
    from aggplus.batch_run.view import batch_view
    from aggplus.variants import gather_models

    if start is None and end is not None:
        raise typer.BadParameter("--end needs --start: a walk goes from one day to another")
    if start is not None and asof is not None:
        raise typer.BadParameter("--asof solves on a day and --start walks through history; give one of them")
    require_outputs(json_file)
    require_inputs_kept([*models, *market_files(market)], json_file)
    gathered = gather_models(models)
    known = chosen_market(market, quiet=quiet)
    task = SolveOn.of(known, asof) if start is None else WalkThrough.between(known, start, end)
    folder = None if out is None else ResultsFolder.at(out)
    terminal = Console(stderr=True, highlight=False, quiet=quiet)
    try:
        with crew_of(workers, cluster) as crew, counting("variants", quiet=quiet) as watch:
            result = run_batch(
                gathered.models,
                known,
                task,
                crew,
                folder,
                watch,
                lambda sentence: terminal.print(escape(sentence), style="yellow", soft_wrap=True),
            )
    except BatchStopped as stopped:
        where = (
            "nothing is kept without --out" if out is None else f"kept in {out}; the same command goes on from there"
        )
        typer.echo(f"aggplus: stopped: {stopped.done} of {stopped.of} variants are done, {where}", err=True)
        raise typer.Exit(INTERRUPTED) from None
    write_json(json_file, result.to_dict())
    page = result_page(quiet, json_file)
    page.print(batch_view(result))
    for refusal in gathered.refusals:
        page.print(escape(f"Left out: {refusal.why}"), style="yellow")
    if out is not None:
        files = "table.csv" + (", returns.csv" if result.returns is not None else "")
        page.print(escape(f"\nWritten to {out}: {files}"), soft_wrap=True)
    if not result.finished:
        why = " ".join(result.refusals[0].why.splitlines())
        typer.echo(f"aggplus: no variant of {len(result.outcomes)} has a result; the first: {why}", err=True)
    raise typer.Exit(_exit_code(result))


def _exit_code(result: BatchResult) -> int:
    """A fault of ours shows always; what the input is to blame for, only when no variant has a result."""
    from aggplus.batch_run import Finished

    if result.faults:
        return FAULT
    codes = [_code(outcome) if isinstance(outcome, Finished) else BAD for outcome in result.outcomes]
    return DONE if DONE in codes else max(codes)


def _code(outcome: Finished) -> int:
    """Of a portfolio by its status; a walk that has come to its end is done."""
    return EXIT.get(str(outcome.record.get("status")), DONE)
