"""Every command, found in the tree that the parser has: what its help says, and that its examples are understood."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from aggplus.command_line import app
from aggplus.command_line.completion import ESTIMATES
from aggplus.forecasts import CANDIDATES

ROOT: Any = get_command(app)

# What takes seconds to load and no help or completion needs.
HEAVY = ("clarabel", "cvxpy", "joblib", "numba", "numpy", "osqp", "pandas", "pyarrow", "scipy", "sklearn", "sqlalchemy")

# What takes seconds more, and only estimates, solves and keeps.
ENGINE = ("clarabel", "cvxpy", "joblib", "numba", "osqp", "scipy", "sklearn", "sqlalchemy")
READING = (
    (("market", "show"), 0),
    (("market", "show", "AGG"), 0),
    (("model", "show", "baseline"), 0),
    (("model", "diff", "baseline", "aggressive"), 0),
    (("model", "schema"), 0),
    (("model", "new", "Client 7"), 0),
    (("model", "show", "nix.toml"), 2),
)


@dataclass(frozen=True)
class Leaf:
    """A command that does something, and the words that lead to it."""

    words: tuple[str, ...]
    command: Any

    @property
    def examples(self) -> list[str]:
        return [line.strip() for line in (self.command.epilog or "").splitlines() if line.startswith("  ")]

    @property
    def options(self) -> list[Any]:
        return [parameter for parameter in self.command.params if parameter.param_type_name == "option"]


def leaves(command: Any = ROOT, words: tuple[str, ...] = ()) -> Iterator[Leaf]:
    inside = getattr(command, "commands", None)
    if inside is None:
        yield Leaf(words, command)
    for name, below in (inside or {}).items():
        yield from leaves(below, (*words, name))


LEAVES = list(leaves())
every = pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: "-".join(leaf.words))


def test_all_commands_are_found() -> None:
    names = {" ".join(leaf.words) for leaf in LEAVES}
    assert {"solve", "explain", "frontier", "trades", "walk-forward", "check", "batch", "demo"} <= names
    assert {"ledger show", "ledger verify", "ledger replay", "risk report", "market show"} <= names


@every
def test_has_json_and_quiet(leaf: Leaf) -> None:
    known = {name: option for option in leaf.options for name in option.opts}
    assert known["--json"].metavar == "FILE"
    assert known["--quiet"] is known["-q"]
    assert known["--quiet"].is_flag


@every
def test_is_described(leaf: Leaf) -> None:
    first = (leaf.command.help or "").strip().splitlines()[0]
    assert first[0].isupper()
    assert first.endswith((".", ":"))
    for parameter in leaf.command.params:
        if parameter.name != "help":
            assert parameter.help, f"{parameter.opts} has no help"
            assert parameter.help[0].isupper() or parameter.help.split(",")[0].islower(), parameter.help


@every
def test_says_what_a_value_is(leaf: Leaf) -> None:
    """A text or a path says whether it is a day, a file or a folder; numbers and choices may speak for themselves."""
    for parameter in leaf.command.params:
        annotation = parameter.type_descriptor.annotation
        if parameter.metavar is None:
            assert annotation not in (str, Path), f"{parameter.opts} is a text or a path: give it a metavar"
        else:
            assert re.fullmatch(r"\[?[A-Z_]+(\|[A-Z_]+)*\]?(\.\.\.)?", parameter.metavar), parameter.metavar


@every
def test_examples_are_understood(leaf: Leaf) -> None:
    assert leaf.command.epilog.splitlines()[0] == "Examples:"
    assert leaf.examples
    for example in leaf.examples:
        # What another program is given to do is not ours to parse.
        program, *words = shlex.split(re.split(r"\s(?:\|\||\||&&|>)\s", example)[0])
        assert program == "aggplus", example
        assert tuple(words[: len(leaf.words)]) == leaf.words, example
        with leaf.command.make_context(" ".join(leaf.words), words[len(leaf.words) :]):
            pass


@every
def test_examples_keep_their_lines(leaf: Leaf, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    ran = run(*leaf.words, "--help")
    assert (ran.code, ran.err) == (0, "")
    shown = [line.strip() for line in ran.out.splitlines()]
    assert "Examples:" in shown
    assert set(leaf.examples) <= set(shown)


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from typer.main import get_command; from aggplus.command_line import app; get_command(app)\n"
        f"print(*sorted(set({HEAVY!r}) & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [], "import them within the command's function"


@pytest.mark.parametrize(("words", "code"), READING, ids=str)
def test_what_only_reads_or_refuses_loads_no_engine(words: tuple[str, ...], code: int, tmp_path: Path) -> None:
    program = (
        "import atexit, sys; from aggplus.command_line import main\n"
        f"atexit.register(lambda: print('loaded', *sorted(set({ENGINE!r}) & set(sys.modules)), file=sys.stderr))\n"
        "main()"
    )
    environment = {name: value for name, value in os.environ.items() if name != "AGGPLUS_MARKET"}
    done = subprocess.run(
        [sys.executable, "-c", program, *words], capture_output=True, text=True, env=environment, cwd=tmp_path
    )
    assert done.returncode == code, done.stderr
    assert done.stderr.splitlines()[-1].split() == ["loaded"], "documents and markets are read without them"


def test_names_of_estimates_are_those_of_the_report() -> None:
    assert tuple(CANDIDATES) == ESTIMATES
