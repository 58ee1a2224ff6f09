"""Every code block of every page runs, in the order of the page and in one folder a page."""

from __future__ import annotations

import csv
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest
import typer

from aggplus import load_model
from aggplus.command_line.program import app
from aggplus.variants import read_grid

RUN = ("python", "sh", "toml", "json", "csv")
SHOWN = ("text",)
"""Drawings and what a command prints: no code."""

REASONS = {
    "needs a database server",
    "needs a cluster",
    "needs the network",
    "sets up an environment",
    "takes minutes",
}
"""For what a block may stay unrun: `<!-- not run: REASON -->` above it. Whoever adds one adds it here, to be seen."""

SHELL = set("|&;<>$`(")
CODE = re.compile(r"(?:\$ |>>> |aggplus [a-z]|make [a-z]|pip [a-z]|python |import |from \w+ import )")


class Block(Protocol):
    page: str
    line: int
    language: str
    text: str
    not_run: str | None
    place: str


@dataclass(frozen=True)
class Command:
    """A line of a shell, what it may end with, and its words."""

    line: str
    codes: frozenset[int]

    @property
    def words(self) -> list[str]:
        return shlex.split(self.line, comments=True)


def test_blocks_are_of_known_languages_and_left_out_for_known_reasons(blocks: list[Block]) -> None:
    for block in blocks:
        assert block.language in (*RUN, *SHOWN), f"{block.place}: {block.language!r} is none of {RUN + SHOWN}"
        if block.not_run is not None:
            assert block.language in RUN, f"{block.place}: is not run anyway"
            assert block.not_run in REASONS, f"{block.place}: {block.not_run!r}; add it to REASONS if there is no way"
        if block.language in SHOWN:
            code = [line for line in block.text.splitlines() if CODE.match(line)]
            assert not code, f"{block.place}: code in a block that is only shown: {code}"


def test_no_code_hides_outside_of_blocks(page: Path, blocks: list[Block]) -> None:
    """Indented lines are formulas; what can be run stands between fences, and a marker stands above one."""
    text = page.read_text(encoding="utf-8")
    outside = "\n".join(text.splitlines())
    for block in blocks:
        outside = outside.replace(block.text, "", 1)
    hidden = re.findall(rf"^ {{4,}}({CODE.pattern}.*)", outside, flags=re.MULTILINE)
    assert not hidden
    assert "<pre" not in outside
    assert "<code" not in outside
    assert outside.count("<!-- not run:") == len([block for block in blocks if block.not_run is not None])


def test_blocks_run(blocks: list[Block], desk: Path, run: Callable[..., Any], root: Path) -> None:
    names: dict[str, Any] = {"__name__": "__main__"}
    for block in blocks:
        if block.not_run is not None or block.language in SHOWN:
            continue
        if block.language == "python":
            # Line feeds before it, so that a traceback names the line of the page.
            exec(compile("\n" * block.line + block.text, block.page, "exec"), names)
        elif block.language == "sh":
            for command in commands_in(block.text):
                ran(command, run, root, block.place)
        elif block.language == "toml":
            understood(block, desk)
        elif block.language == "json":
            json.loads(block.text)
        else:
            lengths = {len(row) for row in csv.reader(block.text.splitlines(), strict=True)}
            assert len(lengths) == 1, block.place


def test_commands_in_the_text_have_their_options(page: Path, blocks: list[Block]) -> None:
    """`aggplus solve --market DIR` in a sentence is not run; its command and its options exist."""
    text = page.read_text(encoding="utf-8")
    inline = re.findall(r"`(aggplus [^`\n]+)`", text)
    lines = [c.line for b in blocks if b.language == "sh" for c in commands_in(b.text) if c.line.startswith("aggplus")]
    for line in [*inline, *lines]:
        require_options(line, page.name)


def require_options(line: str, where: str) -> None:
    command: Any = typer.main.get_command(app)
    path, known = "aggplus", set(re.findall(r"--[\w-]+", " ".join(_options(command))))
    for word in line.split("#")[0].split()[1:]:
        inner = getattr(command, "commands", {})
        if inner and word in inner:
            command, path = inner[word], f"{path} {word}"
            known |= set(_options(command))
        elif inner and re.fullmatch(r"[a-z][a-z-]*", word):
            pytest.fail(f"{where}: {path} has no command {word!r}: {line}")
        elif word.startswith("-") and word != "-":  # by itself it is standard output
            option = re.match(r"--?[\w-]+", word)
            assert option is not None, f"{where}: {line}"
            assert option[0] in known | {"--help"}, f"{where}: {path} has no option {option[0]}: {line}"


def _options(command: Any) -> Iterator[str]:
    for parameter in command.params:
        yield from (*parameter.opts, *parameter.secondary_opts)


def commands_in(text: str) -> Iterator[Command]:
    """The commands of a block; a comment "exit code 10" allows for it."""
    for line in text.replace("\\\n", " ").splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            codes = re.findall(r"exit code (\d+)", line.partition(" #")[2])
            yield Command(line.partition(" #")[0].strip(), frozenset({0, *map(int, codes)}))


def ran(command: Command, run: Callable[..., Any], root: Path, place: str) -> None:
    """Run a line: `aggplus` in this process, in a shell where the line needs one; `make` and `pip` are looked up."""
    first, *others = command.words
    where = f"{place}: {command.line}"
    if first == "aggplus" and not SHELL & set(command.line):
        ended = run(*others)
        assert ended.code in command.codes, f"{where}\nexit code {ended.code}\n{ended.out}\n{ended.err}"
    elif first == "aggplus":
        script = f'aggplus() {{ "{sys.executable}" -m aggplus "$@"; }}\nset -o pipefail\n{command.line}'
        done = subprocess.run(
            ["bash", "-c", script], capture_output=True, text=True, check=False, env=_with_packages(root)
        )
        assert done.returncode in command.codes, f"{where}\nexit code {done.returncode}\n{done.stdout}\n{done.stderr}"
    elif first == "make":
        targets = re.findall(r"^([a-z-]+):", (root / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
        assert set(others) <= set(targets), where
    elif command.words[:2] == ["pip", "install"]:
        project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        for wanted in others[1:]:
            extras = re.fullmatch(r"(?:aggplus|\.)(?:\[([\w,]+)\])?", wanted)
            assert extras is not None, where
            assert set(filter(None, (extras[1] or "").split(","))) <= set(project["optional-dependencies"]), where
    else:
        pytest.fail(f"{where}: a page shows aggplus, make and pip; mark the block with a reason if it must show more")


def _with_packages(root: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(root), os.environ.get("PYTHONPATH", "")])}


def understood(block: Block, desk: Path) -> None:
    """A block of TOML is a model, part of one, or a grid; with a first line "# name.toml" it lies on the desk."""
    document = tomllib.loads(block.text)
    named = re.match(r"# ([\w./-]+\.toml)\s", block.text)
    path = desk / (named[1] if named else f"block-{block.line}.toml")
    path.parent.mkdir(parents=True, exist_ok=True)
    text = block.text
    if "axis" not in document:
        lead = {key: f'{key} = "x"\n' for key in ("id", "name") if key not in document}
        lead |= {} if "benchmark" in document or "extends" in document else {"extends": 'extends = "baseline"\n'}
        text = "".join(lead.values()) + text
    path.write_text(text, encoding="utf-8")
    if "axis" in document:
        assert read_grid(path).models(), block.place
    else:
        load_model(path)
