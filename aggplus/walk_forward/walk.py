"""Several models through history together, day by day and point in time.

At the close of each session every model decides by `optimizer.scheduling.decide` whether to solve again; those that do
are solved by `aggplus.batch.solve_day`, which is what `aggplus solve` does, with the holdings and the record that they
have on that day. Between two solves weights drift with total returns.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Sequence

import pandas as pd

from aggplus.batch import Request, questions_of, solve_day
from aggplus.errors import BAD_INPUT
from aggplus.model import Model
from aggplus.model_portfolios import Refusal
from aggplus.question import Question
from aggplus.walk_forward.benchmark_volatility import benchmark_volatility, reads_alone
from aggplus.walk_forward.book import Book
from aggplus.walk_forward.closes import Closes
from aggplus.walk_forward.period import sessions_of
from aggplus.walk_forward.readings import reading_of
from aggplus.walk_forward.standing import NOTHING_READ, Reading, Surroundings, state_on, surroundings_of
from aggplus.walk_forward.track_record import TrackRecord
from optimizer.scheduling import Decision, decide
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
        except BAD_INPUT as error:
            books.append(Refusal(model.id, str(start), str(error)))
            continue
        key = (model.benchmark, model.risk_model.model_dump_json())
        if key not in shared:
            shared[key] = _surroundings(closes, model, first, last)
        books.append(Book(model, market, closes, shared[key], first, last))
    walking = [book for book in books if isinstance(book, Book)]
    for session in range(first, last + 1 if walking else first):
        _close_of(session, walking, market)
        watch(session - first + 1, last - first + 1)
    return tuple(book.record() if isinstance(book, Book) else book for book in books)


def _surroundings(closes: Closes, model: Model, first: int, last: int) -> Surroundings:
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
    for book, decision in zip(books, decisions_on(session, books, market), strict=True):
        if isinstance(decision, Refusal):
            book.miss(session, "refused", ("whether to solve again cannot be told",), (decision.why,))
        elif decision.action == "hold":
            book.hold(decision)
        else:
            due.append((book, decision))
    if not due:
        return
    requests = [Request(book.model, book.holdings(session), book.own_record(session)) for book, _ in due]
    for (book, decision), answer in zip(due, solve_day(requests, market, day), strict=True):
        book.take(session, decision, answer)


def decisions_on(session: int, books: Sequence[Book], market: Market) -> list[Decision | Refusal]:
    """What each model decides at a close; a refusal where the day's input cannot be used.

    Parameters
    ----------
    session : int
    books : sequence of Book
    market : Market
    """
    asking = [book for book in books if book.standing is not None and book.takes_the_estimate]
    requests = [Request(book.model, book.holdings(session), book.own_record(session)) for book in asking]
    asked = questions_of(requests, market, books[0].day(session)) if asking else []
    read = {
        book: reading_of(question, book.holdings(session) or {}, book.scaled_at, book.sigma_b_at_solve)
        if isinstance(question, Question)
        else question
        for book, question in zip(asking, asked, strict=True)
    }
    return [_decision(session, book, read.get(book, NOTHING_READ)) for book in books]


def _decision(session: int, book: Book, reading: Reading | Refusal) -> Decision | Refusal:
    if isinstance(reading, Refusal):
        return reading
    around = book.around
    if around.sigma_b is not None and math.isnan(around.sigma_b[session - around.first]):
        why = f"the benchmark {around.benchmark} lacks closes in the window up to {book.day(session):%Y-%m-%d}"
        return Refusal(book.model.id, f"{book.day(session):%Y-%m-%d}", why)
    rules = book.model.rebalance
    return decide(rules, state_on(around, rules, book.standing, session, reading))
