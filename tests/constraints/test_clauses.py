"""Every clause recomputed in plain Python, fund by fund, from the document's own numbers."""

import math
import tomllib
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from constraints import CompiledMandate, Limits, TurnoverLimit, barred, clauses_of, compile_mandate, funds_of

FUNDS: dict[str, dict[str, Any]] = {
    #              sector          beta   duration  fee   assets     volume
    "AGG": {"sector": "aggregate", "beta": 1.00, "years": 6.1, "bp": 3.0, "aum": 100000.0, "adv": 800.0},
    "GOVT": {"sector": "treasury", "beta": 0.95, "years": 6.0, "bp": 5.0, "aum": 25000.0, "adv": 200.0},
    "TLT": {"sector": "treasury", "beta": 2.40, "years": 16.5, "bp": 15.0, "aum": 50000.0, "adv": 3000.0},
    "TIP": {"sector": "tips", "beta": 0.80, "years": 6.6, "bp": 19.0, "aum": 18000.0, "adv": 150.0},
    "HYG": {"sector": "high_yield", "beta": 0.30, "years": 3.1, "bp": 49.0, "aum": 16000.0, "adv": 2500.0},
    "ANGL": {"sector": "high_yield", "beta": 0.35, "years": 5.0, "bp": 25.0, "aum": 3000.0, "adv": 25.0},
    "BKLN": {"sector": "bank_loan", "beta": 0.02, "years": 0.1, "bp": 65.0, "aum": 7000.0, "adv": 300.0},
    "TINY": {"sector": "bank_loan", "beta": -0.01, "years": -0.2, "bp": 70.0, "aum": 40.0, "adv": 0.4},
}
TICKERS = list(FUNDS)

DOCUMENT = """
max_weight = 0.40
account_size_mm = 50.0
max_adv_share = 0.10
max_aum_share = 0.05
max_turnover = 0.30
[sector]
treasury = { min = 0.10, max = 0.60 }
high_yield = { max = 0.30 }
[[group]]
name = "credit"
sectors = ["high_yield", "bank_loan"]
tickers = ["TIP", "HYG", "GONE"]
min = 0.05
max = 0.50
[[group]]
name = "core"
sectors = ["core"]
min = 0.20
[fund]
TLT = { max = 0.15 }
GOVT = { min = 0.02, max = 0.50 }
GONE = { max = 0.10 }
[benchmark_sectors]
treasury = 0.42
tips = 0.05
[active]
treasury = { below = 0.20, above = 0.10 }
tips = { below = 0.10 }
[duration]
min = 4.0
max = 7.0
[expense_ratio_bp]
max = 20
[beta]
min = -0.5
max = 1.1
"""
HOLDINGS = {"AGG": 0.5, "HYG": 0.2, "OLD": 0.15}  # and 0.15 in cash


def catalog() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "sector": [row["sector"] for row in FUNDS.values()],
            "effective_duration_years": [row["years"] for row in FUNDS.values()],
            "expense_ratio_bp": [row["bp"] for row in FUNDS.values()],
            "aum_usd_mm": [row["aum"] for row in FUNDS.values()],
            "adv_usd_mm": [row["adv"] for row in FUNDS.values()],
        },
        index=pd.Index(TICKERS, name="ticker"),
    )


def limits(text: str = DOCUMENT) -> Limits:
    return Limits.model_validate(tomllib.loads(text))


def compiled(text: str = DOCUMENT, holdings: Mapping[str, float] | None = None) -> CompiledMandate:
    betas = np.array([row["beta"] for row in FUNDS.values()])
    return compile_mandate(clauses_of(limits(text), holdings), funds_of(catalog(), TICKERS, betas))


CORE = {"treasury", "agency", "mbs", "ig_corporate", "abs_cmbs", "aggregate"}


def broken_by(w: dict[str, float], holdings: Mapping[str, float]) -> dict[str, float]:
    """By how much each clause of DOCUMENT is broken (negative: room left), in the unit of the optimizer."""

    def weight(*sectors: str, also: tuple[str, ...] = ()) -> float:
        return sum(w[t] for t, row in FUNDS.items() if row["sector"] in sectors or t in also)

    def mean(what: str) -> float:
        return sum(w[t] * row[what] for t, row in FUNDS.items())

    def between(low: float, value: float, high: float) -> float:
        return max(low - value, value - high)

    everything = {*w, *holdings}
    traded = sum(abs(w.get(t, 0.0) - holdings.get(t, 0.0)) for t in everything)
    cash = 1.0 - sum(holdings.values())
    return {
        "fully invested": abs(sum(w.values()) - 1.0),
        "long only": max(-x for x in w.values()),
        "position cap": max(x - 0.40 for x in w.values()),
        "treasury": between(0.10, weight("treasury"), 0.60),
        "high_yield": weight("high_yield") - 0.30,
        "credit": between(0.05, weight("high_yield", "bank_loan", also=("TIP", "HYG")), 0.50),
        "core": 0.20 - weight(*CORE),
        "fund TLT": w["TLT"] - 0.15,
        "fund GOVT": between(0.02, w["GOVT"], 0.50),
        "treasury against benchmark": between(0.42 - 0.20, weight("treasury"), 0.42 + 0.10),
        "tips against benchmark": 0.0 - weight("tips"),
        "duration": between(4.0, mean("years"), 7.0),
        "expense ratio": mean("bp") - 20.0,
        "beta": between(-0.5, mean("beta"), 1.1),
        "share of daily volume": max(w[t] - 0.10 * row["adv"] / 50.0 for t, row in FUNDS.items()),
        "share of fund assets": max(w[t] - 0.05 * row["aum"] / 50.0 for t, row in FUNDS.items()),
        "turnover": (traded + abs(cash)) / 2.0 - 0.30,
    }


def broken_in(mandate: CompiledMandate, w: np.ndarray) -> dict[str, float]:
    """The same from rows, bounds and turnover of the compiled mandate."""
    found: dict[str, float] = {}
    for a, low, high, label in zip(mandate.A, mandate.row_lower, mandate.row_upper, mandate.row_labels, strict=True):
        value = float(a @ w)
        found[label.clause] = max(low - value, value - high, found.get(label.clause, -math.inf))
    assert mandate.turnover is not None
    assert mandate.turnover_label is not None
    found[mandate.turnover_label.clause] = mandate.turnover.of(w) - mandate.turnover.limit
    return found


WEIGHTS = st.lists(st.floats(-0.2, 1.0, allow_subnormal=False), min_size=len(TICKERS), max_size=len(TICKERS))
HELD = st.dictionaries(st.sampled_from([*TICKERS, "OLD", "OLDER"]), st.floats(-0.3, 0.8, allow_subnormal=False))


@given(w=WEIGHTS, holdings=HELD)
@settings(deadline=None)
def test_rows_and_turnover_measure_what_the_words_say(w: list[float], holdings: dict[str, float]) -> None:
    expected = broken_by(dict(zip(TICKERS, w, strict=True)), holdings)
    found = broken_in(compiled(holdings=holdings), np.array(w))
    bounds = {"long only", "position cap", "fund TLT", "fund GOVT", "share of daily volume", "share of fund assets"}
    assert set(found) == set(expected) - bounds
    for clause, by in found.items():
        assert by == pytest.approx(expected[clause], abs=1e-11), clause


@given(w=WEIGHTS)
@settings(deadline=None)
def test_bounds_hold_exactly_when_every_clause_on_single_funds_holds(w: list[float]) -> None:
    expected = broken_by(dict(zip(TICKERS, w, strict=True)), {})
    mandate = compiled()
    singles = ("long only", "position cap", "fund TLT", "fund GOVT", "share of daily volume", "share of fund assets")
    worst = max(expected[name] for name in singles)
    by = float(np.maximum(mandate.lower - np.array(w), np.array(w) - mandate.upper).max())
    assert by == pytest.approx(worst, abs=1e-12)


def test_each_bound_is_the_tightest_and_names_its_clause() -> None:
    mandate = compiled()
    upper = {
        "AGG": (0.40, "position cap"),
        "GOVT": (0.40, "position cap"),  # its own maximum of 0.50 is looser; 0.10 x 200 / 50 = 0.40 is no tighter
        "TLT": (0.15, "fund TLT"),
        "TIP": (0.10 * 150 / 50, "share of daily volume"),
        "HYG": (0.40, "position cap"),
        "ANGL": (0.10 * 25 / 50, "share of daily volume"),
        "BKLN": (0.40, "position cap"),
        "TINY": (0.10 * 0.4 / 50, "share of daily volume"),
    }
    for i, ticker in enumerate(TICKERS):
        limit, clause = upper[ticker]
        label = mandate.upper_labels[i]
        assert label is not None
        assert (mandate.upper[i], label.clause) == (pytest.approx(limit), clause), ticker
        low = mandate.lower_labels[i]
        assert low is not None
        assert (mandate.lower[i], low.clause) == ((0.02, "fund GOVT") if ticker == "GOVT" else (0.0, "long only"))


def test_volume_or_assets_whichever_is_less() -> None:
    text = "account_size_mm = 50.0\nmax_aum_share = 0.05\nmax_adv_share = 10.0\n"
    mandate = compiled(text)
    at = TICKERS.index("TINY")
    label = mandate.upper_labels[at]
    assert label is not None
    assert (mandate.upper[at], label.clause) == (pytest.approx(0.05 * 40 / 50), "share of fund assets")


def test_each_row_reads_in_its_own_unit() -> None:
    units = {label.clause: label.unit.name for label in compiled().row_labels}
    assert units.pop("duration") == "years"
    assert units.pop("expense ratio") == "bp"
    assert units.pop("beta") == "beta"
    assert set(units.values()) == {"% of weight"}


def test_a_minimum_on_a_fund_that_cannot_be_held_is_a_row_that_nothing_meets() -> None:
    mandate = compiled("[fund]\nGONE = { min = 0.05 }\n")
    assert [label.clause for label in mandate.row_labels] == ["fully invested", "fund GONE"]
    assert not mandate.A[1].any()
    assert (mandate.row_lower[1], mandate.row_upper[1]) == (0.05, math.inf)


def test_a_maximum_on_a_fund_that_cannot_be_held_asks_for_nothing() -> None:
    assert len(compiled("[fund]\nGONE = { min = 0.0, max = 0.05 }\n").A) == 1


def test_a_turnover_limit_without_holdings_is_left_out() -> None:
    assert compiled("max_turnover = 0.1", None).turnover is None
    assert compiled("max_turnover = 0.1", {}).turnover is not None
    assert compiled("", {"AGG": 1.0}).turnover is None


@pytest.mark.parametrize(
    ("holdings", "target", "traded"),
    [
        ({"AGG": 1.0}, {"AGG": 1.0}, 0.0),
        ({"AGG": 1.0}, {"TLT": 1.0}, 1.0),
        ({"AGG": 0.6, "TLT": 0.4}, {"AGG": 0.4, "TLT": 0.6}, 0.2),
        ({}, {"AGG": 1.0}, 1.0),  # from cash
        ({"AGG": 0.5}, {"AGG": 1.0}, 0.5),  # half of it in cash
        ({"AGG": 0.5, "OLD": 0.5}, {"AGG": 1.0}, 0.5),  # half of it in a fund that is gone
        ({"AGG": 0.5, "OLD": 0.3}, {"AGG": 0.7, "TIP": 0.3}, 0.5),
        ({"AGG": 0.8, "OLD": 0.4}, {"AGG": 1.0}, 0.4),  # 20 % borrowed
    ],
)
def test_turnover_by_hand(holdings: dict[str, float], target: dict[str, float], traded: float) -> None:
    turnover = compiled("max_turnover = 0.1", holdings).turnover
    assert isinstance(turnover, TurnoverLimit)
    w = np.array([target.get(ticker, 0.0) for ticker in TICKERS])
    assert turnover.of(w) == pytest.approx(traded, abs=1e-15)


def test_without_limits_a_portfolio_is_invested_long_and_capped() -> None:
    mandate = compiled("")
    np.testing.assert_array_equal(mandate.A, np.ones((1, len(TICKERS))))
    assert (mandate.row_lower[0], mandate.row_upper[0]) == (1.0, 1.0)
    np.testing.assert_array_equal(mandate.lower, 0.0)
    np.testing.assert_array_equal(mandate.upper, 0.25)


def test_the_order_of_funds_only_reorders() -> None:
    order = [3, 0, 7, 5, 1, 6, 2, 4]
    names = [TICKERS[i] for i in order]
    clauses = clauses_of(limits(), HOLDINGS)
    a = compiled(holdings=HOLDINGS)
    b = compile_mandate(clauses, funds_of(catalog(), names, np.array([FUNDS[t]["beta"] for t in names])))
    np.testing.assert_array_equal(b.A, a.A[:, order])
    np.testing.assert_array_equal(b.lower, a.lower[order])
    np.testing.assert_array_equal(b.upper, a.upper[order])
    assert [label.clause for label in b.upper_labels if label] == [
        label.clause for i in order if (label := a.upper_labels[i])
    ]
    assert a.turnover is not None
    assert b.turnover is not None
    assert b.turnover.outside == a.turnover.outside == pytest.approx(0.30)


def test_one_more_row_leaves_the_rest() -> None:
    a = compiled(holdings=HOLDINGS)
    row = np.arange(len(TICKERS), dtype=float)
    b = a.with_row(row, -math.inf, 3.0, a.row_labels[0])
    np.testing.assert_array_equal(b.A, np.vstack([a.A, row]))
    assert (b.row_lower[-1], b.row_upper[-1], b.row_labels) == (-math.inf, 3.0, (*a.row_labels, a.row_labels[0]))
    np.testing.assert_array_equal(b.upper, a.upper)
    assert (b.turnover, b.turnover_label, b.upper_labels) == (a.turnover, a.turnover_label, a.upper_labels)
    assert len(a.A) == len(b.A) - 1


def test_a_fund_without_the_figure_is_barred_with_the_reason() -> None:
    rows = catalog()
    rows.loc["TLT", "effective_duration_years"] = math.nan
    rows.loc[["TIP", "HYG"], "adv_usd_mm"] = math.nan
    rows.loc["TIP", "aum_usd_mm"] = math.nan
    rows.loc["BKLN", "expense_ratio_bp"] = math.nan
    assert barred(clauses_of(limits(), None), rows) == {
        "TLT": "effective duration unknown, which the clause 'duration' needs",
        "BKLN": "expense ratio unknown, which the clause 'expense ratio' needs",
        "TIP": "ADV unknown, which the clause 'share of daily volume' needs",
        "HYG": "ADV unknown, which the clause 'share of daily volume' needs",
    }
    assert barred(clauses_of(limits(""), None), rows) == {}
    # A share without an account size is refused; an account size without a share asks for no figure.
    assert barred(clauses_of(limits("account_size_mm = 5.0"), None), rows) == {}
