"""Several models through history together, day by day and point in time.

At the close of each session every model decides by `optimizer.scheduling.decide` whether to solve again; those that do
are solved by `aggplus.batch.solve_day`, which is what `aggplus solve` does, with the holdings and the record that they
have on that day. Between two solves weights drift with total returns.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace

import pandas as pd

from aggplus.batch import solve_day
from aggplus.errors import BAD_INPUT
from aggplus.model import Model
from aggplus.model_portfolios import Refusal
from aggplus.walks.benchmark_volatility import benchmark_volatility, reads_alone
from aggplus.walks.book import Book
from aggplus.walks.closes import Closes
from aggplus.walks.deciding import decisions_on
from aggplus.walks.period import sessions_of
from aggplus.walks.standing import Surroundings, surroundings_of
from aggplus.walks.track_record import TrackRecord
from universe import Market, MarketError

Day = str | dt.date | pd.Timestamp


def walk_forward(model: Model, market: Market, start: Day, end: Day | None = None) -> TrackRecord:
    """Walk a model through history.

    Parameters
    ----------
    model : Model
    market : Market
    start : date
        The first solve is at the close of this day, or of the last session before it.
    end : date, optional
        The last day; by default the market's last close.

    Raises
    ------
    MarketError, EstimationError, MandateError, OptimizerError
        When the model cannot be walked over these days at all.
    """
    [record] = walk_together([model], market, start, end)
    if isinstance(record, Refusal):
        raise MarketError(record.why)
    return record


def walk_together(
    models: Sequence[Model],
    market: Market,
    start: Day,
    end: Day | None = None,
    watch: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[TrackRecord | Refusal, ...]:
    """Walk several models through history; those with the same rules share screens, estimates and solves of a day.

    Parameters
    ----------
    models : sequence of Model
    market : Market
    start, end : date
        As in `walk_forward`.
    watch : callable
        Told how many sessions are done, and of how many.

    Returns
    -------
    tuple of TrackRecord or Refusal
        In the order of the models. Each is the one that its model gets alone.
    """
    closes = Closes(market)
    books: list[Book | Refusal] = []
    shared: dict[tuple[str, str], Surroundings] = {}
    first = last = 0
    for model in models:
        try:
            first, last = sessions_of(model, market, start, end)
            key = (model.benchmark, model.risk_model.model_dump_json())
            if key not in shared:
                shared[key] = surroundings(closes, model, first, last)
        except BAD_INPUT as error:
            books.append(Refusal(model.id, str(start), str(error)))
            continue
        books.append(Book(model, market, closes, shared[key], first, last))
    walking = [book for book in books if isinstance(book, Book)]
    for session in range(first, last + 1 if walking else first):
        _close_of(session, walking, market)
        watch(session - first + 1, last - first + 1)
    return tuple(book.record() if isinstance(book, Book) else book for book in books)


def surroundings(closes: Closes, model: Model, first: int, last: int) -> Surroundings:
    """What a model sees, session by session, whatever it holds.

    Parameters
    ----------
    closes : Closes
    model : Model
    first, last : int
        Sessions, both included.

    Raises
    ------
    OptimizerError
        When a day lies outside the known calendar of the exchange.
    """
    sigma_b = None
    if reads_alone(model.risk_model):
        sigma_b = benchmark_volatility(closes, model.benchmark, model.risk_model, first, last).tolist()
    return surroundings_of(closes, model.benchmark, sigma_b, first, last)


def _close_of(session: int, books: Sequence[Book], market: Market) -> None:
    """Everything that happens at one close."""
    day = books[0].day(session)
    for book in books:
        book.carry_out(session)
    due = []
    decisions = decisions_on(session, [book.account(session) for book in books], market)
    for book, decision in zip(books, decisions, strict=True):
        if isinstance(decision, Refusal):
            book.miss(session, "refused", ("whether to solve again cannot be told",), (decision.why,))
            continue
        book.note(session, decision)
        if decision.action == "hold":
            book.hold(decision)
        else:
            due.append((book, decision))
    if not due:
        return
    requests = [replace(book.account(session), record=book.own_record(session)).request(session) for book, _ in due]
    for (book, decision), answer in zip(due, solve_day(requests, market, day), strict=True):
        book.take(session, decision, answer)
