"""How a result shows itself in a notebook and on a page."""

import io
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from rich.console import Console

import aggplus
from aggplus.console import show

VOID = {"br", "hr", "img"}


class Cells(HTMLParser):
    """Tags, checked for balance, and the text of each cell."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.cells: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self._open.append(tag)
        if tag == "td":
            self.cells.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] == "td":
            self.cells[-1] += data

    def close(self) -> None:
        super().close()
        assert self._open == []


def read(portfolio: aggplus.ModelPortfolio) -> Cells:
    page = Cells()
    page.feed(portfolio._repr_html_())
    page.close()
    return page


def printed(portfolio: aggplus.ModelPortfolio, width: int = 120) -> str:
    page = Console(file=io.StringIO(), width=width, color_system=None, legacy_windows=False)
    show(portfolio, page)
    assert isinstance(page.file, io.StringIO)
    return page.file.getvalue()


@pytest.fixture(scope="module")
def portfolio(small: aggplus.Market) -> aggplus.ModelPortfolio:
    return aggplus.solve(aggplus.load_model("baseline"), small)


@pytest.fixture
def infeasible(small: aggplus.Market, tmp_path: Path) -> aggplus.ModelPortfolio:
    client = tmp_path / "client.toml"
    client.write_text('extends = "baseline"\n[universe]\nexclude = ["TR00"]\n[limits]\nmax_weight = 0.01\n')
    return aggplus.solve(aggplus.load_model(client), small)


def test_page_holds_the_holdings_and_the_risk(portfolio: aggplus.ModelPortfolio) -> None:
    cells = read(portfolio).cells
    for ticker, weight in portfolio.weights.items():
        at = cells.index(str(ticker))
        assert cells[at : at + 4][1] == f"Fund {ticker}"
        assert cells[at + 3] == f"{100 * weight:.2f} %"
    assert portfolio.risk is not None
    assert cells[cells.index("volatility") + 1] == f"{portfolio.risk.volatility:.2f} %"
    assert "binding" in cells


def test_nothing_of_the_users_is_taken_for_markup(small_market: Any, tmp_path: Path) -> None:
    for row in small_market.catalog:
        row["name"] = "<script>alert('fund')</script> & [red]Sons[/red]"
    market = aggplus.load_market(small_market.write(tmp_path / "a & b"))
    client = tmp_path / "client.toml"
    client.write_text('extends = "baseline"\nname = "<script>model</script> [bold]x[/bold]"\n')
    portfolio = aggplus.solve(aggplus.load_model(client), market)
    page = read(portfolio)
    assert page.tags <= {"h4", "p", "small", "table", "tr", "th", "td"}
    assert "<script>alert('fund')</script> & [red]Sons[/red]" in page.cells
    assert "a &amp; b" in portfolio._repr_html_()
    text = printed(portfolio, width=200)
    assert "<script>model</script> [bold]x[/bold]" in text
    assert "<script>alert('fund')</script> & [red]Sons[/red]" in text


def test_infeasible_shows_the_findings(infeasible: aggplus.ModelPortfolio) -> None:
    assert infeasible.status == "infeasible"
    assert "at most 20 % together under their caps (20 x 1 %)" in infeasible._repr_html_()
    assert "excluded by name" in read(infeasible).cells
    assert "at most 20 % together" in " ".join(printed(infeasible).split())


def test_infeasible_has_empty_tables_and_no_figures(infeasible: aggplus.ModelPortfolio) -> None:
    assert infeasible.weights.empty
    assert infeasible.positions == ()
    assert infeasible.holdings.empty
    assert infeasible.sectors.empty
    assert list(infeasible.holdings.to_csv().splitlines()[0].split(","))[:2] == ["ticker", "name"]
    figures = (infeasible.risk, infeasible.expected_return, infeasible.binding, infeasible.turnover)
    assert figures == (None, None, None, None)
    assert not infeasible.w.any()


def test_holdings_table_is_in_fractions(
    portfolio: aggplus.ModelPortfolio, small: aggplus.Market, shipped_risk: Any
) -> None:
    table = portfolio.holdings
    assert list(table.index) == list(portfolio.weights.index)
    assert table["weight"].sum() == pytest.approx(1.0)
    returns = small.prices[list(table.index)].pct_change().iloc[-shipped_risk.window_days :]
    assert table["volatility"].to_numpy() == pytest.approx(shipped_risk.volatility(returns.to_numpy()) / 100, rel=1e-9)
    total = (1 + returns.iloc[-126:]).prod() - 1
    assert table["expected_return"].to_numpy() == pytest.approx(2 * total.to_numpy(), abs=1e-12)
    assert isinstance(table, pd.DataFrame)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_numbers_are_whole_at_any_width(portfolio: aggplus.ModelPortfolio, width: int) -> None:
    text = printed(portfolio, width)
    assert max(map(len, text.splitlines())) <= width
    lines = text.splitlines()
    for held in portfolio.positions:
        (line,) = (line for line in lines if line.startswith(f"{held.ticker} "))
        numbers = re.findall(r"-?\d+\.\d\d", line)
        expected = [100 * held.weight, held.expected_return, held.volatility, held.beta]
        assert numbers[:4] == [f"{number:.2f}" for number in expected]


def test_long_names_are_cut_not_wrapped(small_market: Any, tmp_path: Path) -> None:
    for row in small_market.catalog:
        row["name"] = "A very long name of a fund " * 10
    market = aggplus.load_market(small_market.write(tmp_path / "market"))
    portfolio = aggplus.solve(aggplus.load_model("baseline"), market)
    for width in (80, 120):
        lines = printed(portfolio, width).splitlines()
        start = next(i for i, line in enumerate(lines) if line.startswith("ticker "))
        assert [line.split()[0] for line in lines[start + 1 : start + 1 + len(portfolio.weights)]] == list(
            portfolio.weights.index
        )
