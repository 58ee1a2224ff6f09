"""What a model document asks of risk and expected returns, on its way through the desk."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

import aggplus
from aggplus.command_line.outputs import json_bytes
from aggplus.console import show
from constraints import MandateError
from riskmodels import EstimationError


def document(folder: Path, text: str, name: str = "client.toml", base: str = "baseline") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f'extends = "{base}"\n{text}')
    return path


def young_market(small: aggplus.Market, ticker: str, closes: int) -> aggplus.Market:
    prices = small.prices.copy()
    prices.iloc[: len(prices) - closes, prices.columns.get_loc(ticker)] = np.nan
    return replace(small, prices=prices)


INFER = """
[universe]
min_history_days = 70
[risk_model]
short_histories = "infer"
[expected_return]
window_days = 63
"""


def test_a_young_fund_joins_when_its_risk_may_be_inferred(small: aggplus.Market, tmp_path: Path) -> None:
    ticker = str(aggplus.solve(aggplus.load_model("baseline"), small).weights.index[0])
    young = young_market(small, ticker, 80)
    outside = aggplus.solve(aggplus.load_model(document(tmp_path, INFER.replace("infer", "exclude"))), young)
    assert "closes missing in the last 253 sessions" in outside.excluded[ticker]

    inside = aggplus.solve(aggplus.load_model(document(tmp_path, INFER)), young)

    assert inside.status == "solved"
    row = inside.setting.risk_model.table.loc[ticker]
    assert (row["risk"], row["risk_days"]) == ("inferred", 79)
    assert any("is inferred from those with all 252 returns" in warning for warning in inside.setting.warnings)
    # min_history_days still decides who may be held.
    barely = young_market(small, ticker, 69)
    assert "history of 69 days" in aggplus.solve(aggplus.load_model(document(tmp_path, INFER)), barely).excluded[ticker]


def test_a_held_fund_of_inferred_risk_is_told_apart(small: aggplus.Market, tmp_path: Path) -> None:
    plain = aggplus.solve(aggplus.load_model("baseline"), small)
    ticker = str(plain.weights.index[0])
    held = f"{INFER}[limits.fund.{ticker}]\nmin = 0.05\n"
    young = aggplus.solve(aggplus.load_model(document(tmp_path, held)), young_market(small, ticker, 80))

    record = json.loads(json_bytes(young.to_dict()))
    told = {position["ticker"]: (position["risk"], position["risk_days"]) for position in record["positions"]}
    assert told == {other: ("inferred", 79) if other == ticker else ("observed", 252) for other in record["weights"]}
    assert young.weights.to_dict() == {position["ticker"]: position["weight"] for position in record["positions"]}
    assert young.holdings.loc[ticker, ["risk", "risk_days"]].tolist() == ["inferred", 79]
    assert set(young.holdings["risk_days"].drop(ticker)) == {252}
    for width in (80, 120):
        rows = [line.split() for line in printed(young, width) if line.startswith(tuple(young.weights.index))]
        assert {row[0] for row in rows if row[8:10] == ["79", "days"]} == {ticker}
        assert sum("days" in row for row in rows) == 1
    # Where all risk is observed there is nothing to tell apart.
    assert {position["risk"] for position in plain.to_dict()["positions"]} == {"observed"}
    assert not any(line.startswith("ticker ") and "inferred" in line for line in printed(plain, 120))


def printed(portfolio: aggplus.ModelPortfolio, width: int) -> list[str]:
    page = Console(file=io.StringIO(), width=width)
    show(portfolio, page)
    assert isinstance(page.file, io.StringIO)
    return page.file.getvalue().splitlines()


def test_estimators_of_a_document_reach_the_problem(small: aggplus.Market, tmp_path: Path) -> None:
    plain = aggplus.solve(aggplus.load_model("baseline"), small).setting.risk_model
    for text in ('[risk_model]\nestimator = "combined"\n', "[risk_model]\nlags = 4\n", "[risk_model]\nlags = 0\n"):
        portfolio = aggplus.solve(aggplus.load_model(document(tmp_path, text)), small)
        assert portfolio.status == "solved"
        assert portfolio.certificate is not None
        assert portfolio.certificate.ok
        assert not np.allclose(portfolio.setting.risk_model.volatility, plain.volatility, rtol=1e-3), text


CARRY = '[expected_return]\nestimator = "carry"\nyields = "figures/yields.csv"\nyield_column = "sec"\n'


def test_funds_without_a_yield_are_left_out_with_the_reason(small: aggplus.Market, tmp_path: Path) -> None:
    funds = [str(ticker) for ticker in small.catalog.index]
    known = {ticker: 4.0 + 0.1 * i for i, ticker in enumerate(funds) if i != 3}
    (tmp_path / "figures").mkdir()
    file = tmp_path / "figures" / "yields.csv"
    file.write_text("ticker,sec\n" + "".join(f"{ticker},{value}\n" for ticker, value in known.items()))
    path = document(tmp_path, CARRY)

    portfolio = aggplus.solve(aggplus.load_model(path), small)

    assert portfolio.status == "solved"
    assert portfolio.excluded[funds[3]] == "no sec in the file of yields"
    model = portfolio.setting.risk_model
    assert dict(zip(model.tickers, model.mu, strict=True)) == {t: pytest.approx(known[t]) for t in model.tickers}
    assert f"expected returns use {file} as it is, whatever the date" in portfolio.setting.warnings

    # The file is beside the document that names it, whoever extends that document.
    further = document(tmp_path / "clients", "[limits]\nmax_weight = 0.2\n", base="../client.toml")
    assert aggplus.solve(aggplus.load_model(further), small).status == "solved"


def test_a_view_moves_its_fund_and_no_other(small: aggplus.Market, tmp_path: Path) -> None:
    plain = aggplus.solve(aggplus.load_model("baseline"), small).setting.risk_model
    ticker = plain.tickers[2]
    (tmp_path / "views.csv").write_text(f"ticker,annual_percent,confidence\n{ticker},20,0.5\n")
    path = document(tmp_path, '[expected_return]\nviews = "views.csv"\n')
    with_view = aggplus.solve(aggplus.load_model(path), small).setting.risk_model
    difference = with_view.mu - plain.mu
    assert difference[2] == pytest.approx(0.5 * (20.0 - plain.mu[2]))
    assert not np.delete(difference, 2).any()


@pytest.mark.parametrize("key", ["views", "yields"])
def test_a_file_that_is_not_there_is_named(small: aggplus.Market, tmp_path: Path, key: str) -> None:
    text = '[expected_return]\nestimator = "carry"\nyields = "none.csv"\n'
    if key == "views":
        text = '[expected_return]\nviews = "none.csv"\n'
    with pytest.raises(EstimationError) as caught:
        aggplus.solve(aggplus.load_model(document(tmp_path, text)), small)
    assert str(tmp_path / "none.csv") in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[risk_model]\nestimator = "nonliner"\n', "nonlinear"),
        ("[risk_model]\nlags = 0\nhorizon_days = 5\n", "lags and horizon_days answer the same question"),
        ("[risk_model]\nlags = 3\nhorizon_days = 5\n", "lags and horizon_days answer the same question"),
        ("[expected_return]\nhalf_life_days = 20\n", 'half_life_days belongs to estimator = "exponential"'),
        ('[expected_return]\nestimator = "carry"\n', "needs yields"),
        ("[expected_return]\nviews = 7\n", "expected_return.views"),
    ],
)
def test_what_a_document_cannot_ask_for_is_refused_in_one_line(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(MandateError) as caught:
        aggplus.load_model(document(tmp_path, text))
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
