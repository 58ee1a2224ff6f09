"""A process that writes to a ledger in processes of its own: importing once, forking for each.

Commands come on standard input, one a line; each is answered by lines and a last one, "ended".
"""

import importlib
import importlib.util
import os
import resource
import sqlite3  # noqa: F401  # now: a process that gave up its rights may not be able to
import sys

from aggplus.ledger import Entry, LedgerError, existing_ledger, open_ledger, verify
from aggplus.ledger.canonical import sha256


def entry(number: int) -> Entry:
    model = f'{{"id":"Model{number % 3}"}}'
    return Entry(
        kind="solve",
        asof="2024-01-31",
        model_id=f"Model{number % 3}",
        status="solved",
        market="made up",
        prices_hash="1" * 64,
        catalog_hash="2" * 64,
        model_hash=sha256(model),
        versions_hash=sha256("{}"),
        files_hash=None,
        record_hash=None,
        backend="parametric",
        gap_bp=number / 7.0,
        max_violation=0.0,
        kkt_residual=1e-12,
        certified=True,
        weights=f'{{"A":{1.0 / (number + 3)!r}}}',
        holdings=None,
        own_input=None,
        reasons="[]",
        readings=None,
        documents={sha256(model): model, sha256("{}"): "{}"},
    )


def say(words: str) -> None:
    # One write, so that the lines of two processes do not mix and a killed one leaves none unsaid.
    os.write(1, f"{words}\n".encode())


def append(place: str, rows: int) -> None:
    with open_ledger(place) as ledger:
        for number in range(rows):
            say(f"id {ledger.append([entry(number)])[0]}")


def until_refused(place: str) -> None:
    """Append with ever more in a row until it is refused; what was there can be read still."""
    with open_ledger(place) as ledger:
        try:
            for number in range(100_000):
                say(f"id {ledger.append([entry(i) for i in range(10 * number + 1)])[-1]}")
        except LedgerError as error:
            say(f"refused {error}")
    with existing_ledger(place) as ledger:
        say(f"rows {len(ledger)} findings {len(verify(ledger))}")


def limited(place: str, size: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    until_refused(place)


def as_nobody(place: str) -> None:
    if os.geteuid() == 0:
        os.setuid(65534)
    until_refused(place)


JOBS = {
    "append": lambda place, number: append(place, number),
    "limited": lambda place, number: limited(place, number),
    "until_refused": lambda place, _: until_refused(place),
    "as_nobody": lambda place, _: as_nobody(place),
}


def started(job: str, place: str, number: int) -> int:
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        JOBS[job](place, number)
        status = 0
    except BaseException as error:
        say(f"failed {type(error).__name__}: {error}")
    finally:
        os._exit(status)


def main() -> None:
    if importlib.util.find_spec("psycopg"):
        importlib.import_module("psycopg")  # here, and not again in each process
    say("ready")
    for line in sys.stdin:
        job, processes, number, place = line.rstrip("\n").split(" ", 3)
        pids = [started(job, place, int(number)) for _ in range(int(processes))]
        say(f"pids {' '.join(map(str, pids))}")
        for pid in pids:
            os.waitpid(pid, 0)
        say("ended")


if __name__ == "__main__":
    main()
