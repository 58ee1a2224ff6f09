"""A result never takes the place of what the command reads."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aggplus.command_line.outputs import require_inputs_kept
from aggplus.errors import OutputError
from aggplus.model import load_model

COMMANDS = {
    "solve": ("--json", "--xlsx"),
    "explain": ("--json",),
    "frontier": ("--json", "--csv"),
    "walk-forward": ("--json", "--returns", "--xlsx"),
    "check": ("--json",),
    "batch": ("--json",),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_model_document_stays(run: Callable[..., Any], tmp_path: Path, command: str) -> None:
    document = tmp_path / "client.toml"
    text = 'extends = "baseline"\nid = "client"\nname = "Client"\n'
    for option in COMMANDS[command]:
        document.write_text(text)
        ran = run(command, document, option, document)
        assert ran.code == 2
        assert "is read by this command" in ran.err
        assert document.read_text() == text
    assert load_model(document).id == "client"


def test_links_are_seen_through_and_other_files_are_free(tmp_path: Path) -> None:
    held = tmp_path / "held.csv"
    held.write_text("ticker,weight\n")
    (tmp_path / "link.csv").symlink_to(held)
    with pytest.raises(OutputError, match=r"link\.csv: is read by this command"):
        require_inputs_kept(["baseline", held], tmp_path / "link.csv")
    require_inputs_kept(["baseline", None, held], tmp_path / "other.csv", None)
    shutil.copy(held, tmp_path / "other.csv")
    require_inputs_kept([held], tmp_path / "other.csv")
