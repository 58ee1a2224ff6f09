"""Completion as a shell asks for it: through a real bash, and by the words that zsh and fish are answered in."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aggplus.command_line.completion import model_names
from aggplus.model import SHIPPED

Complete = Callable[..., list[str]]

# One process for all: bash answers line by line.
SCRIPT = """
eval "$(_AGGPLUS_COMPLETE=source_bash aggplus)"
complete -p aggplus >&2
COMP_WORDS=("$@")
COMP_CWORD=$(( $# - 1 ))
_aggplus_completion aggplus
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture
def complete(tmp_path: Path) -> Complete:
    """What bash offers for the last of some words, typed in an empty folder."""
    bash = shutil.which("bash")
    assert bash is not None
    program = tmp_path / "bin" / "aggplus"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m aggplus "$@"\n')
    program.chmod(0o755)
    here = tmp_path / "here"
    here.mkdir()

    def offered(*words: str, **environment: str) -> list[str]:
        plain = {key: value for key, value in os.environ.items() if key != "AGGPLUS_MARKET"}
        path = f"{program.parent}{os.pathsep}{plain['PATH']}"
        done = subprocess.run(
            [bash, "--norc", "-c", SCRIPT, "bash", "aggplus", *words],
            cwd=here,
            env={**plain, "PATH": path, **environment},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stderr.strip() == "complete -o default -F _aggplus_completion aggplus"
        return done.stdout.split("\n")[:-1]

    return offered


def asked(shell: str, words: str, **environment: str) -> str:
    """What the program answers zsh or fish."""
    asking = {"_AGGPLUS_COMPLETE": f"complete_{shell}", "_TYPER_COMPLETE_ARGS": words}
    done = subprocess.run(
        [sys.executable, "-m", "aggplus"],
        env={**os.environ, **asking, "_TYPER_COMPLETE_FISH_ACTION": "get-args", **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_commands_and_options(complete: Complete) -> None:
    assert complete("so") == ["solve"]
    assert complete("ledger", "") == ["show", "verify", "replay"]
    assert complete("solve", "--back") == ["--backend"]
    assert complete("solve", "--backend", "") == ["auto", "parametric", "osqp", "conic"]


def test_models(complete: Complete, tmp_path: Path) -> None:
    here = tmp_path / "here"
    (here / "clients").mkdir()
    for name in ("clients/one.toml", "clients/two words.toml", "bonds.toml", "notes.txt", ".hidden.toml"):
        (here / name).write_text("")
    assert complete("solve", "") == [*SHIPPED, "bonds.toml", "clients/"]
    assert complete("solve", "b") == ["baseline", "bonds.toml"]
    assert complete("model", "diff", "baseline", "clients/") == ["clients/one.toml", "clients/two\\ words.toml"]
    assert complete("walk-forward", "baseline", "agg") == ["aggressive"]


def test_tickers_of_the_market(complete: Complete, small_folder: Path) -> None:
    assert complete("market", "show", "TI") == [""]
    assert complete("market", "show", "TI", AGGPLUS_MARKET=str(small_folder)) == ["TI12", "TI13", "TI14"]
    assert complete("market", "show", "--market", str(small_folder), "AGG") == ["AGG"]
    assert complete("trades", "baseline", "--market", str(small_folder), "--do-not-sell", "A") == ["AGG"]
    assert complete("market", "show", "A", AGGPLUS_MARKET="/nowhere") == [""]


def test_estimates_with_blanks_stay_one_word(complete: Complete) -> None:
    assert complete("risk", "report", "--estimator", "const") == ["constant\\ correlation"]


def test_zsh_and_fish_are_told_the_names_of_funds(small_folder: Path) -> None:
    market = {"AGGPLUS_MARKET": str(small_folder)}
    assert asked("zsh", "aggplus market show AG", **market) == """_arguments '*: :(("AGG":"Fund AGG"))'"""
    assert asked("fish", "aggplus market show AG", **market) == "AGG\tFund AGG"
    assert asked("zsh", "aggplus risk report --estimator OA") == """_arguments '*: :(("OAS"))'"""


@pytest.mark.parametrize("name", ["\\$(touch x)", "`touch x`", "'; touch x; '", '"$(touch x)"', "[bold]x[/bold]"])
def test_names_from_files_do_not_run(small_market: Any, tmp_path: Path, name: str) -> None:
    small_market.catalog[0]["name"] = f"Fund {name}"
    market = {"AGGPLUS_MARKET": str(small_market.write(tmp_path / "market"))}
    said = asked("zsh", "aggplus market show AG", **market)
    assert said.startswith("""_arguments '*: :(("AGG":"Fund """)
    assert not set(said.removeprefix("_arguments '*: :((").removesuffix("))'")) & set("$`\\;'[]()")


def test_files_with_harmful_names_are_not_offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("fine.toml", "a$(x).toml", "b`x`.toml", "c*.toml", "d;e.toml"):
        Path(name).write_text("")
    assert model_names("") == [*SHIPPED, "fine.toml"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_scripts(shell: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "aggplus"],
        env={**os.environ, "_AGGPLUS_COMPLETE": f"source_{shell}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"_AGGPLUS_COMPLETE=complete_{shell}" in done.stdout
