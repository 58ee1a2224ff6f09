"""Results on real terminals of several widths, and through a pipe: real processes, a pseudo-terminal, raw bytes."""

import fcntl
import io
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from aggplus.terminal import Page

# One process runs them all, so that the engine is loaded once.
PROGRAM = """
import sys
from aggplus.command_line import main
for words in {commands!r}:
    sys.argv = ["aggplus", *words]
    print("#", *words, flush=True)
    try:
        main()
    except SystemExit as ended:
        print("#", ended.code, flush=True)
"""
BOX = re.compile("[\u2500-\u259f]")
# What a table gives in its columns of figures; texts that give way have fewer decimals.
FIGURE = re.compile(r"(?<![\w.])[-+]?\d[\d,]*\.\d\d+(?![\w.-])")
STEP = re.compile(r"(\n|\r|\x1b\[[0-9;?]*[A-Za-z])")
MOTION = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass
class Shown:
    """What commands print, by command; and all of it, raw."""

    pages: dict[str, list[str]]
    raw: str


Commands = list[list[str]]


@pytest.fixture(scope="module")
def commands(small_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Commands:
    folder = tmp_path_factory.mktemp("desk")
    accounts = folder / "accounts"
    accounts.mkdir()
    for name in ("one", "two"):
        (accounts / f"{name}.csv").write_text("ticker,shares\nAGG,1200\nCASH,1250000.25\n")
    market = ["--market", str(small_folder)]
    ledger = str(folder / "desk.sqlite")
    return [
        ["solve", "baseline", *market, "--ledger", ledger],
        ["frontier", "baseline", *market],
        ["walk-forward", "baseline", "conservative", *market, "--start", "2024-01-02", "--decisions"],
        ["check", "baseline", *market],
        ["batch", "baseline", "conservative", *market, "--asof", "2024-01-31"],
        ["trades", "baseline", "--accounts", str(accounts), "--last-close", *market],
        ["market", "show", *market],
        ["market", "show", "AGG", "HI17", *market],
        ["model", "diff", "baseline", "aggressive"],
        ["ledger", "show", "--ledger", ledger],
    ]


def on_a_terminal(program: str, width: int, **environment: str) -> str:
    plain = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "LINES", "NO_COLOR")}
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, width, 0, 0))
    with subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**plain, "TERM": "xterm-256color", **environment},
    ):
        os.close(theirs)
        said = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # the other end is closed
                break
            if not part:
                break
            said += part
    os.close(ours)
    return said.decode().replace("\r\n", "\n")


def pages(raw: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    current = ""
    for line in left_standing(raw):
        if line.startswith("# ") and not line.removeprefix("# ").isdecimal():
            current = " ".join(line.split()[1:4])
            found[current] = []
        elif current and not line.startswith("# "):
            found[current].append(line.rstrip())
    return found


def left_standing(raw: str) -> list[str]:
    """The lines that are on the screen in the end: a bar goes back up and rubs out what it wrote."""
    lines = [""]
    for part in STEP.split(raw):
        if part == "\n":
            lines.append("")
        elif part == "\x1b[1A":
            lines.pop()
        elif part in ("\r", "\x1b[2K"):
            lines[-1] = ""
        elif not MOTION.fullmatch(part):
            lines[-1] += part
    return lines


@pytest.fixture(scope="module")
def piped(commands: Commands) -> Shown:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(commands=commands)],
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "40"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == "", "no bar where nobody sees it"
    return Shown(pages(done.stdout), done.stdout)


@pytest.fixture(scope="module", params=[60, 80, 200])
def terminal(request: pytest.FixtureRequest, commands: Commands, piped: Shown) -> tuple[int, Shown]:
    raw = on_a_terminal(PROGRAM.format(commands=commands), request.param)
    return request.param, Shown(pages(raw), raw)


def test_a_pipe_gets_plain_text(piped: Shown, commands: Commands) -> None:
    assert len(piped.pages) == len(commands)
    assert "\x1b" not in piped.raw
    assert not BOX.search(piped.raw)
    assert all(cell_len(line) <= 120 for page in piped.pages.values() for line in page)


def test_no_figure_is_cut_on_any_terminal(piped: Shown, terminal: tuple[int, Shown]) -> None:
    width, shown = terminal
    for command, page in piped.pages.items():
        expected, found = (
            Counter(FIGURE.findall("\n".join(page))),
            Counter(FIGURE.findall("\n".join(shown.pages[command]))),
        )
        if command.startswith("ledger"):
            assert len(found) == len(expected)  # another row has been recorded since
        else:
            assert found == expected, (command, width)


def test_lines_fit_where_tables_can_fold(terminal: tuple[int, Shown]) -> None:
    width, shown = terminal
    # Figures of so many columns do not fold: on the narrowest terminal their lines run over the edge.
    wide = {60: tuple(key for key in shown.pages if "diff" not in key), 80: ("ledger",), 200: ()}[width]
    for command, page in shown.pages.items():
        if not command.startswith(wide):
            assert all(cell_len(line) <= width for line in page), (command, width)


def test_progress_is_seen_on_a_terminal_and_leaves_nothing(terminal: tuple[int, Shown]) -> None:
    _, shown = terminal
    assert "reading the market" in shown.raw
    assert not any("reading the market" in line for page in shown.pages.values() for line in page)


def test_quiet_says_nothing_on_a_terminal(small_folder: Path) -> None:
    words = [["solve", "baseline", "--market", str(small_folder), "--quiet"]]
    said = on_a_terminal(PROGRAM.format(commands=words), 80)
    assert said.splitlines() == [f"# {' '.join(words[0])}", "# 0"]


def test_no_color_is_respected(small_folder: Path) -> None:
    words = [["market", "show", "--market", str(small_folder)], ["model", "show", "baseline"]]
    assert re.search(r"\x1b\[[0-9;]*3[1-6]m", on_a_terminal(PROGRAM.format(commands=words), 80))
    said = on_a_terminal(PROGRAM.format(commands=words), 80, NO_COLOR="1")
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]", said)


def test_a_terminal_that_knows_ascii_only(commands: Commands) -> None:
    program = PROGRAM.format(commands=[["--help"], ["model", "diff", "baseline", "aggressive"]])
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=True,
    )
    assert done.stdout.isascii()
    assert b"?" not in done.stdout


def test_control_characters_of_names_do_not_reach_the_terminal() -> None:
    """A name that clears the screen or retitles the window is shown as plain text; rich's own colours stay."""
    written = io.StringIO()
    page = Page(file=written, force_terminal=True, width=80)
    table = Table("name")
    table.add_row(Text("\x1b[2Jevil\x07\x9b"))
    page.print(table, Text("\x1b]0;title\x07", style="bold red"), "one\ntwo")
    said = written.getvalue()
    assert "[2Jevil" in said
    assert "]0;title" in said
    assert "\x1b[1;31m" in said
    assert "one\ntwo" in said
    assert not set("\x07\x9b") & set(said)
    assert said.replace("\x1b[1m", "").replace("\x1b[1;31m", "").replace("\x1b[0m", "").count("\x1b") == 0
