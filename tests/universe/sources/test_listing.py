"""The financedatabase package, fed over HTTP with a file in its published shape."""

from __future__ import annotations

import bz2
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import financedatabase
import pytest

from universe import MarketError
from universe.sources.listing import FINANCEDATABASE, open_listing

_LISTED = b"""symbol,name,currency,summary,category_group,category,family,exchange,market,mic
AGG,iShares Core U.S. Aggregate Bond ETF,USD,,Fixed Income,Intermediate Core Bond,iShares,PCX,NYSE Arca,ARCX
HYG,"iShares iBoxx $ High Yield, Corporate",USD,,Fixed Income,High Yield Bond,iShares,PCX,NYSE Arca,ARCX
SPY,SPDR S&P 500 ETF Trust,USD,,Equities,Large Cap,State Street,PCX,NYSE Arca,ARCX
"""


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Where the package looks for its data, on this machine; what it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            known = self.path.endswith("etfs.bz2")
            content = bz2.compress(_LISTED) if known else b"not found"
            self.send_response(200 if known else 404)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("FINANCEDATABASE_CACHE_DIR", str(tmp_path / "cache"))
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    real = financedatabase.ETFs
    address = f"http://127.0.0.1:{server.server_port}/"
    monkeypatch.setattr(financedatabase, "ETFs", lambda: real(base_url=address))
    yield asked
    server.shutdown()
    server.server_close()


def test_names_and_categories_of_the_funds_that_are_asked_for(repository: list[str]) -> None:
    listing = open_listing(FINANCEDATABASE, ["HYG", "AGG", "NONE"])
    assert repository
    assert listing.to_dict("records") == [
        {
            "ticker": "AGG",
            "name": "iShares Core U.S. Aggregate Bond ETF",
            "category": "Intermediate Core Bond",
            "issuer": "iShares",
        },
        {
            "ticker": "HYG",
            "name": "iShares iBoxx $ High Yield, Corporate",
            "category": "High Yield Bond",
            "issuer": "iShares",
        },
    ]


def test_without_a_network_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FINANCEDATABASE_CACHE_DIR", str(tmp_path / "cache"))
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with pytest.raises(MarketError, match=r"financedatabase cannot fetch its data .* is there a network"):
        open_listing(FINANCEDATABASE, ["AGG"])
