"""What happens to a ledger when processes are killed, meet, run out of disk, or may only read."""

import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aggplus.ledger import existing_ledger, open_ledger, verify

ROUNDS = 50


def ids(answers: list[str]) -> list[int]:
    return [int(line.split()[1]) for line in answers if line.startswith("id ")]


def test_kill_9_loses_nothing_that_was_acknowledged(place: str, writer: Any) -> None:
    delays = random.Random(5)
    acknowledged = 0
    for attempt in range(ROUNDS):
        (pid,) = writer.start("append", place, number=1_000_000)
        if attempt % 2:
            # Every other one is killed among its appends, the rest perhaps while it opens or makes the ledger.
            writer.early.append(writer.line())
        time.sleep(delays.uniform(0.002, 0.06))
        os.kill(pid, signal.SIGKILL)
        said = ids(writer.answers())
        with open_ledger(place) as ledger:
            assert verify(ledger) == ()
            rows = len(ledger)
            assert len(ledger.rows()) == rows
        # All that was acknowledged is there, and at most the one in hand beside it.
        acknowledged = max([acknowledged, *said])
        assert acknowledged <= rows <= acknowledged + 1
        acknowledged = rows
    assert acknowledged > ROUNDS


def test_two_processes_write_one_ledger_at_once(place: str, writer: Any) -> None:
    each = 60
    writer.start("append", place, processes=2, number=each)
    said = ids(writer.answers())
    assert sorted(said) == list(range(1, 2 * each + 1))
    with existing_ledger(place) as ledger:
        assert verify(ledger) == ()
        assert len(ledger) == 2 * each


def refused(answers: list[str]) -> tuple[int, str, int, int]:
    """The last acknowledged row, the refusal, and what could be read thereafter: rows and findings."""
    assert not [line for line in answers if line.startswith("failed")], answers
    (words,) = (line.removeprefix("refused ") for line in answers if line.startswith("refused "))
    (seen,) = (line.split() for line in answers if line.startswith("rows "))
    return max(ids(answers), default=0), words, int(seen[1]), int(seen[3])


def test_a_limit_on_the_size_of_files_ends_in_one_line_and_keeps_what_was_there(tmp_path: Path, writer: Any) -> None:
    writer.start("limited", str(tmp_path / "ledger.sqlite"), number=300_000)
    last, words, rows, findings = refused(writer.answers())
    assert (rows, findings) == (last, 0)
    assert last > 50
    assert "nothing of this append is recorded, earlier records are intact" in words


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(disk)], capture_output=True)
    if made.returncode:
        pytest.skip("no disk can be mounted here (that takes root)")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_ends_in_one_line_and_keeps_what_was_there(tiny_disk: Path, writer: Any) -> None:
    writer.start("until_refused", str(tiny_disk / "ledger.sqlite"))
    last, words, rows, findings = refused(writer.answers())
    assert (rows, findings) == (last, 0)
    assert last > 50
    assert "the disk is full; nothing of this append is recorded" in words


@pytest.mark.parametrize("closed", ["the file", "the file and its folder"])
def test_a_read_only_ledger_is_read_and_not_written(open_folder: Path, writer: Any, closed: str) -> None:
    file = open_folder / "ledger.sqlite"
    writer.start("append", str(file), number=3)
    assert ids(writer.answers()) == [1, 2, 3]
    file.chmod(0o444)
    open_folder.chmod(0o777 if closed == "the file" else 0o555)
    before = file.read_bytes()
    writer.start("as_nobody", str(file))
    _, words, rows, findings = refused(writer.answers())
    open_folder.chmod(0o755)
    assert "is read-only; nothing of this append is recorded, earlier records are intact" in words
    assert (rows, findings) == (3, 0)
    assert file.read_bytes() == before


def test_the_rights_that_the_documentation_grants_suffice(postgres_server: str, writer: Any) -> None:
    import psycopg

    root = f"host={postgres_server} user=aggplus dbname=postgres"
    with psycopg.connect(root, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA granted")
        connection.execute("CREATE ROLE desk LOGIN")
        place = f"postgresql://aggplus@/postgres?host={postgres_server}&options=-csearch_path%3Dgranted"
        open_ledger(place).close()
        connection.execute("SET search_path = granted")
        connection.execute("GRANT USAGE ON SCHEMA granted TO desk")
        connection.execute("GRANT SELECT, INSERT ON ledger_rows, ledger_documents TO desk")
        connection.execute("GRANT SELECT, UPDATE ON ledger_head TO desk")
    desk = place.replace("aggplus@", "desk@")
    writer.start("append", desk, number=3)
    assert ids(writer.answers()) == [1, 2, 3]
    with existing_ledger(desk) as ledger:
        assert verify(ledger) == ()
    with psycopg.connect(f"host={postgres_server} user=desk dbname=postgres") as connection:
        for words in ("UPDATE granted.ledger_rows SET status = ''", "DELETE FROM granted.ledger_rows"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(words)
            connection.rollback()
