"""A server on this machine that answers as Yahoo does, and yfinance led to it at the level of its HTTP session."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
import yfinance
from curl_cffi import requests as curl
from yfinance.data import YfData

NEW_YORK = ZoneInfo("America/New_York")


@dataclass
class Fund:
    """A fund as Yahoo knows it.

    `closes` are adjusted for splits; distributions (USD by ex-day) make the adjusted closes of all days before.
    """

    closes: pd.Series
    distributions: Mapping[str, float] = field(default_factory=dict)
    splits: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    currency: str = "USD"
    timezone: str = "America/New_York"
    adjusted: bool = True
    info: Mapping[str, Any] = field(default_factory=dict)
    beyond: int = 0
    """Rows after the last day that was asked for, which are given all the same."""

    def adjusted_closes(self) -> pd.Series:
        """Each distribution scales what is before it by 1 - distribution / close of the day before."""
        factor = pd.Series(1.0, index=self.closes.index)
        for day, paid in self.distributions.items():
            at = self.closes.index.get_loc(pd.Timestamp(day))
            factor.iloc[:at] *= 1.0 - paid / self.closes.iloc[at - 1]
        return self.closes * factor


Answer = tuple[int, str, str]
"""Status, content type and body."""


def chart(result: Mapping[str, Any] | None, trouble: str | None = None) -> dict[str, Any]:
    error = None if trouble is None else {"code": "Not Found", "description": trouble}
    return {"chart": {"result": None if result is None else [result], "error": error}}


PAGE: Answer = (200, "text/html", "<!DOCTYPE html><html><body>Oath guce consent</body></html>")
BROKEN: Answer = (502, "text/html", "<html><body>Bad Gateway</body></html>")
TOO_MANY: Answer = (429, "text/plain", "Too Many Requests\r\n")
EMPTY: Answer = (200, "application/json", json.dumps(chart(None)))
_INSTEAD = {"page": PAGE, "broken": BROKEN, "limit": TOO_MANY, "empty": EMPTY}


@dataclass
class FakeYahoo:
    """Funds by ticker, and what stands in the way of an answer: a queue of other answers for a ticker's prices."""

    funds: dict[str, Fund] = field(default_factory=dict)
    instead: dict[str, list[Answer]] = field(default_factory=dict)
    limited: bool = False
    asked: Counter[str] = field(default_factory=Counter)
    hosts: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, ticker: str, closes: pd.Series, **facts: Any) -> Fund:
        """A fund, with all that `Fund` knows of it."""
        self.funds[ticker] = Fund(closes, **facts)
        return self.funds[ticker]

    def spoil(self, ticker: str, *kinds: str) -> None:
        """The next answers on a fund's prices: "page", "broken", "limit" or "empty"."""
        self.instead[ticker] = [_INSTEAD[kind] for kind in kinds]

    def answer(self, host: str, path: str, query: Mapping[str, list[str]]) -> Answer:
        with self.lock:
            self.hosts.add(host)
            if path == "/v1/test/getcrumb":
                return 200, "text/plain", "crumb"
            if path.startswith("/ws/fundamentals-timeseries"):
                return 200, "application/json", json.dumps({"timeseries": {"result": [], "error": None}})
            name, ticker = path.strip("/").split("/")[-2:] if path.count("/") > 1 else ("", "")
            if name not in ("chart", "quoteSummary", "finance"):
                return 200, "text/html", ""
            ticker = query["symbols"][0] if name == "finance" else ticker
            self.asked[f"{name} {ticker}"] += 1
            if self.limited:
                return TOO_MANY
            if name != "chart":
                return self._info(ticker, name)
            # The question for the time zone comes first, with a range of a day; it is let through.
            if "range" not in query and self.instead.get(ticker):
                return self.instead[ticker].pop(0)
            return self._chart(ticker, query)

    def _chart(self, ticker: str, query: Mapping[str, list[str]]) -> Answer:
        if ticker not in self.funds:
            return 404, "application/json", json.dumps(chart(None, "No data found, symbol may be delisted"))
        fund = self.funds[ticker]
        zone = ZoneInfo(fund.timezone)
        opens = [int(dt.datetime(d.year, d.month, d.day, 9, 30, tzinfo=zone).timestamp()) for d in fund.closes.index]
        first, last = (
            int(query.get(key, [default])[0]) for key, default in (("period1", "0"), ("period2", "9999999999"))
        )
        kept = [i for i, moment in enumerate(opens) if first <= moment < last]
        kept += [i for i, moment in enumerate(opens) if moment >= last][: fund.beyond]
        meta = {
            "currency": fund.currency,
            "symbol": ticker,
            "exchangeName": "PCX",
            "instrumentType": "ETF",
            "firstTradeDate": opens[0] if opens else None,
            "regularMarketTime": opens[-1] + 23400 if opens else None,
            "gmtoffset": -18000,
            "timezone": "EST",
            "exchangeTimezoneName": fund.timezone,
            "regularMarketPrice": float(fund.closes.iloc[-1]),
            "priceHint": 2,
            "dataGranularity": "1d",
            "range": "",
            "validRanges": ["1d", "5d", "1mo", "3mo", "6mo", "1y", "2y", "5y", "10y", "ytd", "max"],
        }
        if not kept:
            return 200, "application/json", json.dumps(chart({"meta": meta, "indicators": {"quote": [{}]}}))
        closes = [None if np.isnan(fund.closes.iloc[i]) else float(fund.closes.iloc[i]) for i in kept]
        adjusted = fund.adjusted_closes()
        indicators: dict[str, Any] = {
            "quote": [{**dict.fromkeys(("open", "high", "low", "close"), closes), "volume": [1000 + i for i in kept]}]
        }
        if fund.adjusted:
            lows = [None if closes[at] is None else float(np.float32(adjusted.iloc[i])) for at, i in enumerate(kept)]
            indicators["adjclose"] = [{"adjclose": lows}]
        days = {f"{fund.closes.index[i]:%Y-%m-%d}": opens[i] for i in kept}
        events = {
            "dividends": {
                str(days[day]): {"amount": paid, "date": days[day]}
                for day, paid in fund.distributions.items()
                if day in days
            },
            "splits": {
                str(days[day]): {"date": days[day], "numerator": n, "denominator": d, "splitRatio": f"{n}:{d}"}
                for day, (n, d) in fund.splits.items()
                if day in days
            },
        }
        result = {"meta": meta, "timestamp": [opens[i] for i in kept], "indicators": indicators}
        known = {name: found for name, found in events.items() if found}
        return 200, "application/json", json.dumps(chart({**result, **({"events": known} if known else {})}))

    def _info(self, ticker: str, name: str) -> Answer:
        if ticker not in self.funds or not self.funds[ticker].info:
            body = {name: {"result": None, "error": {"code": "Not Found", "description": "Quote not found"}}}
            return 404, "application/json", json.dumps(body)
        info = self.funds[ticker].info
        key = "quoteSummary" if name == "quoteSummary" else "quoteResponse"
        split = {
            k: v
            for k, v in info.items()
            if (k in ("category", "fundFamily", "totalAssets")) == (name == "quoteSummary")
        }
        result = (
            {"defaultKeyStatistics": {"maxAge": 1, **split}} if name == "quoteSummary" else {"symbol": ticker, **split}
        )
        return 200, "application/json", json.dumps({key: {"result": [result], "error": None}})


class _Handler(BaseHTTPRequestHandler):
    yahoo: FakeYahoo

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        _, host, *rest = parts.path.split("/")
        status, kind, body = self.yahoo.answer(host, "/" + "/".join(rest), parse_qs(parts.query))
        content = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        return


def _led_to(address: str) -> curl.Session:
    """A session of the kind that yfinance uses, whose every request goes to this machine."""

    class Session(curl.Session):
        def request(self, method: Any, url: str, *args: Any, **kwargs: Any) -> Any:
            parts = urlsplit(url)
            kept = f"?{parts.query}" if parts.query else ""
            return super().request(method, f"{address}/{parts.hostname}{parts.path}{kept}", *args, **kwargs)

    return Session()


@pytest.fixture
def yahoo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeYahoo]:
    """A Yahoo without funds; nothing that yfinance does can leave this machine."""
    # Whatever goes around the session finds a proxy that is not there.
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    fake = FakeYahoo()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"yahoo": fake}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yfinance.set_tz_cache_location(str(tmp_path / "yfinance"))
    YfData.cache_get.cache_clear()
    session = _led_to(f"http://127.0.0.1:{server.server_port}")
    YfData(session=session)
    yield fake
    assert fake.hosts <= {
        "query1.finance.yahoo.com",
        "query2.finance.yahoo.com",
        "fc.yahoo.com",
        "guce.yahoo.com",
        "consent.yahoo.com",
    }
    server.shutdown()
    server.server_close()
    session.close()


@pytest.fixture
def closes() -> Callable[..., pd.Series]:
    """A quiet walk of closes over weekdays that begin on a day."""

    def make(first: str = "2023-01-03", days: int = 60, seed: int = 1) -> pd.Series:
        moves = np.random.default_rng(seed).normal(0.0002, 0.003, days)
        return pd.Series(np.round(50.0 * np.cumprod(1.0 + moves), 4), index=pd.bdate_range(first, periods=days))

    return make
