"""`aggplus check`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aggplus.command_line.completion import model_names
from aggplus.command_line.examples import examples
from aggplus.command_line.exit_codes import BAD, DONE, NEEDS_SOLVE
from aggplus.command_line.ledger import LedgerOption, recording_place
from aggplus.command_line.options import (
    AsOfOption,
    JsonOption,
    MarketOption,
    QuietOption,
    RecordOption,
    chosen_holdings,
    chosen_market,
    chosen_record,
    market_files,
)
from aggplus.command_line.outputs import require_inputs_kept, require_outputs, result_page, write_json
from aggplus.command_line.progress import waiting
from aggplus.command_line.walking import refuse_same_id
from aggplus.shipped import SHIPPED

if TYPE_CHECKING:
    import pandas as pd

    from aggplus.model import Model
    from aggplus.model_portfolios import Refusal
    from aggplus.walks import Check, LastSolve
    from universe import Market

commands = typer.Typer()


@commands.command(
    "check",
    epilog=examples(
        "aggplus check baseline --holdings held.csv --solved 2024-01-12",
        "aggplus check clients/ --ledger desk.sqlite --quiet || test $? = 10 && ./solve-and-trade",
    ),
)
def check_command(
    models: Annotated[
        list[str],
        typer.Argument(
            metavar="MODEL|FOLDER...",
            help=f"{', '.join(SHIPPED)}, model documents, or folders of documents (*.toml).",
            autocompletion=model_names,
        ),
    ],
    market: MarketOption = None,
    asof: AsOfOption = None,
    holdings: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="CSV of what the last trade bought: ticker, weight (fraction); one model only."
        ),
    ] = None,
    solved: Annotated[
        str | None, typer.Option(metavar="DATE", help="Day of the solve that it comes from, YYYY-MM-DD.")
    ] = None,
    record: RecordOption = None,
    ledger: LedgerOption = None,
    json_file: JsonOption = None,
    quiet: QuietOption = False,
) -> None:
    """Tell for each model whether it needs a new solve today, and why. Exit code 10 when any does.

    What was last solved is read from the ledger, or given by --holdings and --solved; else there is no portfolio yet.
    With a ledger, every decision is recorded in it.
    """
    from aggplus.ledger import existing_ledger
    from aggplus.model import Model
    from aggplus.model_portfolios import Refusal
    from aggplus.walks import CheckRequest, check_together
    from aggplus.walks.recorded import last_solve_in
    from constraints import MandateError
    from universe import close_on

    require_outputs(json_file)
    require_inputs_kept([*models, holdings, record, *market_files(market)], json_file)
    place = recording_place(ledger, json_file)
    documents = _documents(models)
    own = _own(documents, holdings, solved, record)
    known = chosen_market(market, quiet=quiet)
    day = close_on(known, asof).date
    readable = [document.model for document in documents if isinstance(document.model, Model)]
    if readable:
        refuse_same_id(readable)
    if own.last is None and place is not None:
        with existing_ledger(place) as opened:
            requests = [CheckRequest(model, last_solve_in(opened, model.id, day), own.record) for model in readable]
    else:
        requests = [CheckRequest(model, own.last, own.record) for model in readable]
    with waiting("checking", quiet=quiet):
        checked = iter(check_together(requests, known, day))
    found = [next(checked) if isinstance(one.model, Model) else one.model for one in documents]
    if len(found) == 1 and isinstance(found[0], Refusal):
        raise MandateError(found[0].why)
    _report(found, known, place, json_file, quiet)
    raise typer.Exit(_code(found))


@dataclass(frozen=True)
class _Document:
    """A document, or why it cannot be read."""

    model: Model | Refusal


@dataclass(frozen=True, eq=False)
class _Own:
    """What the user gives of a single model."""

    last: LastSolve | None
    record: pd.Series | None


def _documents(names: Sequence[str]) -> list[_Document]:
    """The documents of all arguments; among several, one that cannot be read is told beside the others."""
    from aggplus.model import load_model
    from constraints import MandateError

    files: list[str] = []
    for name in names:
        if name not in SHIPPED and os.path.isdir(name):
            inside = sorted(str(path) for path in Path(name).glob("*.toml"))
            if not inside:
                raise MandateError(f"{name}: no model document in this folder; expected files *.toml")
            files += inside
        else:
            files.append(name)
    return [_document(file) for file in files] if len(files) > 1 else [_Document(load_model(files[0]))]


def _document(file: str) -> _Document:
    from aggplus.errors import BAD_INPUT
    from aggplus.model import load_model
    from aggplus.model_portfolios import Refusal

    try:
        return _Document(load_model(file))
    except BAD_INPUT as error:
        return _Document(Refusal(file, "", str(error)))


def _own(documents: Sequence[_Document], holdings: Path | None, solved: str | None, record: Path | None) -> _Own:
    from aggplus.walks import LastSolve
    from constraints import MandateError

    weights = chosen_holdings(holdings)
    if len(documents) > 1 and (weights is not None or record is not None or solved is not None):
        raise MandateError(
            f"--holdings, --solved and --record are of one model, and {len(documents)} are checked: use --ledger, or "
            "check them one by one"
        )
    if (weights is None) != (solved is None):
        given, lacking = ("--solved", "--holdings") if weights is None else ("--holdings", "--solved")
        raise MandateError(f"{given} without {lacking}: give what the last trade bought and the day it was solved on")
    last = None if weights is None or solved is None else LastSolve(solved, weights)
    return _Own(last, chosen_record(record))


def _report(
    found: Sequence[Check | Refusal], market: Market, place: str | None, json_file: Path | None, quiet: bool
) -> None:
    from aggplus.ledger import decision_entry, open_ledger
    from aggplus.model_portfolios import Refusal
    from aggplus.walks import Check
    from aggplus.walks.view import checks_view, readings_view

    checks = [one for one in found if isinstance(one, Check)]
    if place is not None and checks:
        # First of all: no result goes out that is not recorded.
        with open_ledger(place) as ledger:
            fingerprint = ledger.fingerprint(market)
            ledger.append([decision_entry(one.model, one.decision.to_dict(), market, fingerprint) for one in checks])
    content = {
        "market": market.name,
        "needs_solve": any(one.needs_solve for one in checks),
        "models": [one.to_dict() for one in checks],
        "refused": {one.model: one.why for one in found if isinstance(one, Refusal)},
    }
    write_json(json_file, content)
    page = result_page(quiet, json_file)
    page.print(checks_view(found))
    if len(checks) == len(found) == 1:
        page.print(readings_view(checks[0]))
    for one in found:
        if isinstance(one, Refusal):
            print(f"aggplus: {one.model}: {' '.join(one.why.splitlines())}", file=sys.stderr)


def _code(found: Sequence[Check | Refusal]) -> int:
    """Who waits for a solve is not kept waiting by a document that cannot be read."""
    from aggplus.model_portfolios import Refusal
    from aggplus.walks import Check

    if any(isinstance(one, Check) and one.needs_solve for one in found):
        return NEEDS_SOLVE
    return BAD if any(isinstance(one, Refusal) for one in found) else DONE
