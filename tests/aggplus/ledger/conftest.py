"""Ledgers in both databases: files of SQLite, and a PostgreSQL server started from the machine's own binaries."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest

import aggplus
from aggplus.ledger import Ledger, open_ledger

USER = "aggplus"


def binary(name: str) -> str | None:
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return shutil.which(name) or shutil.which(name, path=os.pathsep.join(map(str, places)))


def server_owner() -> str | None:
    """PostgreSQL refuses to run as root: then it runs as the user that its package makes, or as nobody."""
    if os.geteuid() != 0:
        return None
    known = {user.pw_name for user in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may enter; pytest's own are closed to all but one."""
    folder = Path(tempfile.mkdtemp(prefix="aggplus-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The folder of the socket on which a server listens."""
    initdb, pg_ctl = binary("initdb"), binary("pg_ctl")
    if initdb is None or pg_ctl is None:
        pytest.skip(
            "PostgreSQL is not installed here: initdb and pg_ctl are found neither on the path nor under /usr/lib"
        )
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    owner = server_owner()
    if owner is not None:
        shutil.chown(folder, owner)

    def call(*words: str) -> None:
        # Into a file: the server would keep a pipe open for as long as it runs.
        with (folder.parent / f"{folder.name}.log").open("ab") as log:
            subprocess.run(words, check=True, user=owner, cwd=folder, stdout=log, stderr=log, timeout=120)

    data = str(folder / "data")
    options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
    try:
        call(initdb, "-D", data, "-U", USER, "-A", "trust", "--no-sync", "--encoding=UTF8", "--locale=C")
        call(pg_ctl, "-D", data, "-w", "-o", options, "start")
        try:
            yield str(folder)
        finally:
            call(pg_ctl, "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        (folder.parent / f"{folder.name}.log").unlink(missing_ok=True)


_schemas = count()


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a ledger may be made: an empty place in either database."""
    if request.param == "sqlite":
        return str(tmp_path / "ledger.sqlite")
    import psycopg

    # A schema each: a database each would take seven megabytes.
    host, name = request.getfixturevalue("postgres_server"), f"ledger{next(_schemas)}"
    with psycopg.connect(host=host, user=USER, dbname="postgres", autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}".encode())
    return f"postgresql://{USER}@/postgres?host={host}&options=-csearch_path%3D{name}"


@pytest.fixture
def ledger(place: str) -> Iterator[Ledger]:
    with open_ledger(place) as opened:
        yield opened


@pytest.fixture(scope="session")
def baseline(small: aggplus.Market) -> aggplus.ModelPortfolio:
    return aggplus.solve(aggplus.load_model("baseline"), small)


@dataclass
class Writer:
    """The process of writer.py."""

    process: "subprocess.Popen[str]"
    early: list[str] = field(default_factory=list)

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().rstrip("\n")

    def start(self, job: str, place: str, processes: int = 1, number: int = 0) -> list[int]:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{job} {processes} {number} {place}\n")
        self.process.stdin.flush()
        said = []
        while not (line := self.line()).startswith("pids "):
            assert line, "the writer has ended"
            said.append(line)
        self.early = said
        return [int(pid) for pid in line.split()[1:]]

    def answers(self) -> list[str]:
        """What the processes have said, until they have all ended."""
        said = self.early
        while (line := self.line()) != "ended":
            assert line, "the writer has ended"
            said.append(line)
        return said


@pytest.fixture(scope="session")
def writer() -> Iterator[Writer]:
    root = Path(__file__).resolve().parents[3]
    environment = os.environ | {"PYTHONPATH": str(root)}
    command = [sys.executable, str(Path(__file__).with_name("writer.py"))]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, cwd=root
    ) as process:
        found = Writer(process)
        assert found.line() == "ready"
        yield found
        assert process.stdin is not None
        process.stdin.close()
