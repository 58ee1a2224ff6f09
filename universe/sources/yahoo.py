"""Yahoo through yfinance: total-return prices fund by fund, and what it says of each.

Nothing of yfinance's repairs or fillings is used (`auto_adjust`, `repair` and `keepna` are off), and what it would
leave silent is asked for: its exceptions are let through, so that every fund has a price table or a reason.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import importlib
import logging
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import pandas as pd

from universe.errors import MarketError
from universe.sources.pace import Pace
from universe.sources.protocol import WHY, Fetched, between, empty_table, in_order
from universe.sources.yahoo_answers import AnswerError, facts_from_info, rows_from_history

_EXCHANGE = ZoneInfo("America/New_York")
_CLOSED_BY = 18
"""Hour of the exchange from which the day's closes are taken for final."""

_LIMITED = "Yahoo limits how often it may be asked, and did so to the last attempt; try again in some hours"
_NOT_ASKED = "not asked for, as Yahoo limits how often it may be asked; try again in some hours"

_NOT_FOUND = 404
_PASSING_STATUS = (401, 403, 408, 425, 429)
"""Of the answers that blame the question: a crumb that has run out, and limits."""

_Got = TypeVar("_Got")


class YahooSource:
    """Funds that Yahoo has.

    Parameters
    ----------
    tickers
        To look for.
    pace
        How fast.
    watch
        Told how many funds are done, and of how many.
    """

    def __init__(
        self, tickers: Sequence[str], pace: Pace | None = None, watch: Callable[[int, int], None] = lambda *_: None
    ) -> None:
        self._yfinance = _yfinance()
        self._tickers = tuple(tickers)
        self._pace = Pace() if pace is None else pace
        self._watch = watch
        # Yahoo's limit holds for everything: once it has stood, no more is asked for by this source.
        self._limited = self._asked = False

    def tickers(self) -> None:
        """Yahoo has no list of its funds."""
        return

    def prices(self, tickers: Sequence[str], start: dt.date | None, end: dt.date | None) -> Fetched:
        """Prices of funds, up to the last day whose close is final.

        Parameters
        ----------
        tickers
            As Yahoo writes them.
        start, end
            Both included.

        Returns
        -------
        Fetched
            A fund whose adjusted closes Yahoo does not give, or that is not priced in USD, is a failure.
        """
        last = last_final_day(dt.datetime.now(_EXCHANGE))
        until = last if end is None else min(end, last)
        got, failures = self._all(tickers, partial(self._history, start=start, end=until))
        # Yahoo adds the price of the moment to a past that was asked for, and yfinance takes only one such row away.
        parts = [between(rows, start, until) for _, (rows, _) in sorted(got.items())]
        notes = [note for _, (_, note) in sorted(got.items()) if note]
        return Fetched(in_order(pd.concat([empty_table(), *parts])) if parts else empty_table(), failures, tuple(notes))

    def catalog(self) -> pd.DataFrame:
        """Names, categories, families, assets and expense ratios, of the funds that were asked for, as of today.

        Of a fund that Yahoo says nothing of there is the ticker, and why.
        """
        got, failures = self._all(self._tickers, self._facts)
        today = dt.datetime.now(_EXCHANGE).date().isoformat()
        rows: list[dict[str, Any]] = [
            {"ticker": ticker, **({**got[ticker], "as_of": today} if got.get(ticker) else {WHY: failures.get(ticker)})}
            for ticker in self._tickers
        ]
        return pd.DataFrame(rows, columns=["ticker", *sorted({key for row in rows for key in row} - {"ticker"})])

    def _history(self, ticker: str, start: dt.date | None, end: dt.date) -> tuple[pd.DataFrame, str]:
        fund = self._yfinance.Ticker(ticker)
        frame = fund.history(
            # With no start at all yfinance takes the last month.
            start="1970-01-01" if start is None else start.isoformat(),
            end=(end + dt.timedelta(days=1)).isoformat(),
            interval="1d",
            auto_adjust=False,
            back_adjust=False,
            repair=False,
            keepna=False,
            actions=True,
            timeout=self._pace.timeout,
        )
        return rows_from_history(ticker, frame, fund.get_history_metadata().get("currency"))

    def _facts(self, ticker: str) -> dict[str, Any]:
        return facts_from_info(self._yfinance.Ticker(ticker).info)

    def _all(self, tickers: Sequence[str], ask: Callable[[str], _Got]) -> tuple[dict[str, _Got], dict[str, str]]:
        """What every ticker is answered with, or why there is no answer, batch by batch."""
        got: dict[str, _Got] = {}
        failures: dict[str, str] = {}
        with _outspoken(self._yfinance), ThreadPoolExecutor(self._pace.workers) as pool:
            for at in range(0, len(tickers), self._pace.batch):
                batch = tickers[at : at + self._pace.batch]
                if self._limited:
                    # Whoever goes on asking is shut out for longer.
                    failures |= dict.fromkeys(batch, _NOT_ASKED)
                    continue
                if self._asked:
                    time.sleep(self._pace.pause)
                self._limited, self._asked = self._batch(batch, ask, pool, got, failures), True
                self._watch(min(at + self._pace.batch, len(tickers)), len(tickers))
        return got, failures

    def _batch(
        self,
        batch: Sequence[str],
        ask: Callable[[str], _Got],
        pool: ThreadPoolExecutor,
        got: dict[str, _Got],
        failures: dict[str, str],
    ) -> bool:
        """Ask for a batch, and again for what failed in passing; whether Yahoo's limit stood to the end."""
        waiting, waits = list(batch), self._pace.waits()
        while True:
            answers = dict(zip(waiting, pool.map(partial(self._try, ask), waiting), strict=True))
            again: dict[str, Exception] = {}
            for ticker, answer in answers.items():
                if not isinstance(answer, Exception):
                    got[ticker] = answer
                elif self._passing(answer):
                    again[ticker] = answer
                else:
                    failures[ticker] = _words(answer)
            wait = next(waits, None)
            if not again or wait is None:
                break
            time.sleep(wait)
            waiting = list(again)
            # yfinance keeps answers about the past, bad ones as well; a second attempt would only read the first.
            self._yfinance.data.YfData.cache_get.cache_clear()
        limits = {ticker for ticker, error in again.items() if isinstance(error, self._limit)}
        failures |= {ticker: _LIMITED if ticker in limits else _words(error) for ticker, error in again.items()}
        return bool(limits)

    def _try(self, ask: Callable[[str], _Got], ticker: str) -> _Got | Exception:
        try:
            return ask(ticker)
        except Exception as error:  # whatever yfinance and its parsers raise is this fund's reason and stops no other
            return error

    @property
    def _limit(self) -> type[Exception]:
        limit: type[Exception] = self._yfinance.exceptions.YFRateLimitError
        return limit

    def _passing(self, error: Exception) -> bool:
        """Whether the same question may well be answered later: a limit, a lost connection, a page for people."""
        if isinstance(error, AnswerError | self._yfinance.exceptions.YFTickerMissingError):
            return False
        status = _status(error)
        if status is not None and 400 <= status < 500:
            return status in _PASSING_STATUS
        # ValueError is what both JSON readers raise on HTML; curl_cffi's and requests' errors are OSErrors.
        return isinstance(error, self._limit | self._yfinance.exceptions.YFDataException | OSError | ValueError)


def last_final_day(now: dt.datetime) -> dt.date:
    """The last day whose closes are final; it need not be a session.

    Parameters
    ----------
    now
        In the time of the exchange.
    """
    return now.date() if now.hour >= _CLOSED_BY else now.date() - dt.timedelta(days=1)


def _yfinance() -> Any:
    try:
        with warnings.catch_warnings():
            # Deprecations inside yfinance's own libraries are nothing that a user could act on.
            warnings.simplefilter("ignore")
            return importlib.import_module("yfinance")
    except ImportError:
        raise MarketError("source 'yahoo' needs yfinance; install it: pip install 'aggplus[yahoo]'") from None


@contextlib.contextmanager
def _outspoken(yfinance: Any) -> Iterator[None]:
    """Let yfinance raise what it would swallow, and keep its log and its libraries' deprecations off the terminal."""
    debug, log = yfinance.config.debug, logging.getLogger("yfinance")
    before, level = debug.hide_exceptions, log.level
    debug.hide_exceptions = False
    log.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            warnings.simplefilter("ignore", FutureWarning)
            warnings.filterwarnings("ignore", module=r"(yfinance|pandas)\b")
            yield
    finally:
        debug.hide_exceptions = before
        log.setLevel(level)


def _status(error: Exception) -> int | None:
    """The HTTP status that an error tells of, if it does."""
    status = getattr(getattr(error, "response", None), "status_code", None)
    return status if isinstance(status, int) else None


def _words(error: Exception) -> str:
    first_line = (str(error).strip().splitlines() or [""])[0][:160]
    if isinstance(error, AnswerError):
        return first_line
    name = type(error).__name__
    if name == "JSONDecodeError" or (isinstance(error, ValueError) and "json" in name.casefold()):
        return "Yahoo answered with a page instead of figures"
    if "timezone" in getattr(error, "rationale", "") or _status(error) == _NOT_FOUND:
        return "Yahoo does not know it, or no longer"
    if hasattr(error, "rationale"):
        return f"Yahoo: {error.rationale}"[:160]
    return f"{name}: {first_line}" if first_line else name
