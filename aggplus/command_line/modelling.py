"""`aggplus model new`, `show`, `diff` and `schema`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.syntax import Syntax

from aggplus.command_line.completion import model_names
from aggplus.command_line.examples import examples
from aggplus.command_line.exit_codes import DONE
from aggplus.command_line.options import JsonOption, ModelArgument, QuietOption
from aggplus.command_line.outputs import (
    json_bytes,
    require_inputs_kept,
    require_outputs,
    result_page,
    write_json,
    write_result,
)
from aggplus.desk_errors import OutputError

commands = typer.Typer(no_args_is_help=True, help="Write, read and compare model documents.")

_STANDARD_OUTPUT = Path("-")


@commands.command(
    "new",
    epilog=examples(
        'aggplus model new "Client 7"', "aggplus model new income --extends house.toml --out clients/income.toml"
    ),
)
def new_command(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name in print; the id and the file are made of it.")],
    extends: Annotated[
        str,
        typer.Option(
            metavar="MODEL",
            help="What it changes: a shipped model, or a document in TOML.",
            autocompletion=model_names,
        ),
    ] = "baseline",
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Where to; by default ID.toml, here.")] = None,
    json_file: JsonOption = None,
    quiet: QuietOption = False,
) -> None:
    """Write a model document to begin with: valid as it stands, with a comment on what it can say.

    A file that is there already is never written over.
    """
    from aggplus.documents import starting_document
    from aggplus.documents.starting import id_of

    usual = Path(f"{id_of(name)}.toml")
    file = usual if out is None else out
    require_outputs(file, json_file)
    if file != _STANDARD_OUTPUT and file.exists():
        raise OutputError(f"{file}: is there already and is not written over; name another file with --out")
    require_inputs_kept([extends], json_file)
    document = starting_document(name, extends, usual if file == _STANDARD_OUTPUT else file)
    write_result(file, document.text.encode())
    model = document.model
    write_json(json_file, {"file": str(file), "id": model.id, "name": model.name, "extends": extends})
    page = result_page(quiet, file, json_file)
    page.print(escape(f"Written to {file}; next: aggplus solve {file}"), soft_wrap=True)
    raise typer.Exit(DONE)


@commands.command(
    "show",
    epilog=examples("aggplus model show aggressive", "aggplus model show client.toml --json client.json"),
)
def show_command(model: ModelArgument, json_file: JsonOption = None, quiet: QuietOption = False) -> None:
    """Show the whole document of a model, with what it extends and all defaults, and where each value comes from.

    The output is TOML itself.
    """
    from aggplus.documents import sourced_model, toml_text

    require_outputs(json_file)
    require_inputs_kept([model], json_file)
    found = sourced_model(model)
    write_json(json_file, found.to_dict())
    text = toml_text(found.document, found.origins)
    # Lines are not folded: what is printed can be loaded again.
    shown = Syntax(text, "toml", theme="ansi_dark", background_color="default").highlight(text.rstrip("\n"))
    result_page(quiet, json_file).print(shown, soft_wrap=True)
    raise typer.Exit(DONE)


@commands.command(
    "diff",
    epilog=examples("aggplus model diff baseline aggressive", "aggplus model diff old.toml new.toml --json diff.json"),
)
def diff_command(
    a: Annotated[
        str,
        typer.Argument(metavar="A", help="A shipped model, or a document in TOML.", autocompletion=model_names),
    ],
    b: Annotated[str, typer.Argument(metavar="B", help="The other one.", autocompletion=model_names)],
    json_file: JsonOption = None,
    quiet: QuietOption = False,
) -> None:
    """Show in which settings two models differ, defaults counted in. Exit code 0, whether they do or not."""
    from aggplus.documents import differences
    from aggplus.documents.view import differences_view
    from aggplus.model import load_model

    require_outputs(json_file)
    require_inputs_kept([a, b], json_file)
    found = differences(load_model(a), load_model(b))
    write_json(json_file, {"a": a, "b": b, "differences": [vars(difference) for difference in found]})
    # A sentence stays in one piece, however long the names of files in it; a table folds.
    result_page(quiet, json_file).print(differences_view(found, a, b), soft_wrap=not found)
    raise typer.Exit(DONE)


@commands.command(
    "schema",
    epilog=examples("aggplus model schema", "aggplus model schema --out aggplus.schema.json"),
)
def schema_command(
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "--json", metavar="FILE", help="Write it to a file; else, and with -, to standard output."
        ),
    ] = None,
    quiet: QuietOption = False,
) -> None:
    """Write the JSON Schema of model documents, with which an editor completes and checks them as they are written.

    For VS Code's Even Better TOML and other editors with Taplo, put `#:schema ./aggplus.schema.json` on a document's
    first line.
    """
    from aggplus.documents import json_schema

    require_outputs(out)
    if out is not None or not quiet:
        write_result(out or _STANDARD_OUTPUT, json_bytes(json_schema()))
    if out is not None:
        result_page(quiet, out).print(escape(f"Written to {out}"), soft_wrap=True)
    raise typer.Exit(DONE)
