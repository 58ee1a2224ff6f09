"""What arithmetic says, against a linear program."""

import tomllib
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn
from numpy.typing import NDArray
from scipy.optimize import linprog

from constraints import (
    WEIGHT,
    CompiledMandate,
    Label,
    Limits,
    TurnoverLimit,
    clauses_of,
    compile_mandate,
    funds_of,
    unreachable,
)
from constraints.reach import largest

Floats = NDArray[np.float64]

# On a grid, so that a clause either holds or is missed by more than any tolerance of a solver.
TENTHS = st.integers(0, 12).map(lambda k: k / 10.0)
HALVES = st.integers(-6, 6).map(lambda k: k / 2.0)


def arrays(of: st.SearchStrategy[float], n: int) -> st.SearchStrategy[Floats]:
    return st.lists(of, min_size=n, max_size=n).map(lambda values: np.array(values, dtype=float))


def extreme(a: Floats, mandate_rows: tuple[Floats, Floats, Floats], lower: Floats, upper: Floats) -> float | None:
    """Largest a'w by a linear program, None when nothing is allowed."""
    A, low, high = mandate_rows
    sides = [(row, h) for row, h in zip(A, high, strict=True) if np.isfinite(h)]
    sides += [(-row, -lo) for row, lo in zip(A, low, strict=True) if np.isfinite(lo)]
    answer = linprog(
        -a,
        A_ub=np.array([row for row, _ in sides]),
        b_ub=np.array([side for _, side in sides]),
        bounds=list(zip(lower, np.where(np.isfinite(upper), upper, None), strict=True)),
        method="highs",
    )
    assert answer.status in (0, 2), answer.message
    return None if answer.status == 2 else -float(answer.fun)


@st.composite
def boxes(draw: DrawFn) -> tuple[Floats, Floats, Floats]:
    n = draw(st.integers(1, 7))
    lower = draw(arrays(st.integers(-3, 4).map(lambda k: k / 10.0), n))
    upper = lower + draw(arrays(TENTHS, n))
    return draw(arrays(HALVES, n)), lower, upper


@given(box=boxes())
@settings(max_examples=150, deadline=None)
def test_largest_is_what_a_linear_program_finds(box: tuple[Floats, Floats, Floats]) -> None:
    a, lower, upper = box
    assume(lower.sum() <= 1.0 <= upper.sum())
    one = np.ones((1, len(a)))
    found = extreme(a, (one, np.ones(1), np.ones(1)), lower, upper)
    assert found is not None
    assert largest(a, lower, upper) == pytest.approx(found, abs=1e-7)
    assert largest(a, lower, np.where(upper >= 1.0 - lower.sum() + lower, np.inf, upper)) == pytest.approx(
        found, abs=1e-7
    )


@st.composite
def mandates(draw: DrawFn, m: int, turnover: bool) -> CompiledMandate:
    n = draw(st.integers(1, 6))
    row_lower = draw(arrays(st.one_of(st.just(-np.inf), HALVES), m))
    row_upper = np.where(np.isfinite(row_lower), row_lower, -2.0) + draw(arrays(st.one_of(st.just(np.inf), TENTHS), m))
    lower = draw(arrays(st.sampled_from([0.0, 0.0, 0.0, 0.1, 0.3]), n))
    limit = None
    if turnover:
        limit = TurnoverLimit(draw(arrays(st.sampled_from([0.0, 0.1, 0.2, 0.5]), n)), draw(TENTHS), draw(TENTHS))
    label = Label("fully invested", WEIGHT)
    return CompiledMandate(
        tickers=tuple(f"F{i}" for i in range(n)),
        A=np.vstack([np.ones(n), *(draw(arrays(HALVES, n)) for _ in range(m))]),
        row_lower=np.append(1.0, row_lower),
        row_upper=np.append(1.0, row_upper),
        row_labels=(label, *(Label(f"row {i}", WEIGHT) for i in range(m))),
        lower=lower,
        upper=draw(arrays(st.sampled_from([0.1, 0.2, 0.2, 0.4, 1.0, np.inf]), n)),
        lower_labels=(label,) * n,
        upper_labels=(label,) * n,
        turnover=limit,
        turnover_label=None if limit is None else Label("turnover", WEIGHT),
    )


ANY = st.tuples(st.integers(0, 3), st.booleans()).flatmap(lambda kind: mandates(*kind))


def with_limit(mandate: CompiledMandate, limit: float) -> CompiledMandate:
    assert mandate.turnover is not None
    return replace(mandate, turnover=replace(mandate.turnover, limit=limit))


def allowed(mandate: CompiledMandate) -> bool:
    """Is there a portfolio? Turnover by buying and selling variables of their own."""
    n = len(mandate.tickers)
    if (mandate.lower > mandate.upper).any():
        return False
    A, low, high = np.hstack([mandate.A, np.zeros((len(mandate.A), 2 * n))]), mandate.row_lower, mandate.row_upper
    limit = mandate.turnover
    if limit is not None:
        eye = np.eye(n)
        A = np.vstack([A, np.hstack([eye, -eye, eye]), np.append(np.zeros(n), np.ones(2 * n))])
        low = np.concatenate([low, limit.held, [-np.inf]])
        high = np.concatenate([high, limit.held, [2.0 * limit.limit - limit.outside]])
    lower = np.append(mandate.lower, np.zeros(2 * n))
    upper = np.append(mandate.upper, np.full(2 * n, 10.0))
    return extreme(np.zeros(3 * n), (A, low, high), lower, upper) is not None


@given(mandate=ANY)
@settings(max_examples=200, deadline=None)
def test_nothing_that_can_be_done_is_called_impossible(mandate: CompiledMandate) -> None:
    if unreachable(mandate):
        assert not allowed(mandate)


@pytest.mark.parametrize(("rows", "turnover"), [(1, False), (0, True), (0, False)])
@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_one_clause_beside_the_budget_is_decided_either_way(rows: int, turnover: bool, data: st.DataObject) -> None:
    mandate = data.draw(mandates(rows, turnover))
    assert bool(unreachable(mandate)) == (not allowed(mandate))


@given(mandate=mandates(0, turnover=True))
@settings(max_examples=100, deadline=None)
def test_the_least_turnover_is_what_a_linear_program_finds(mandate: CompiledMandate) -> None:
    for found in unreachable(mandate):
        if found.clause == "turnover":
            assert not allowed(with_limit(mandate, found.reachable - 1e-4))
            assert allowed(with_limit(mandate, found.reachable + 1e-6))


def findings(text: str, n: int = 20, holdings: dict[str, float] | None = None) -> list[str]:
    """What is said of n funds: the first half Treasuries of 2 to 6 years, the rest high yield."""
    names = [f"F{i:02d}" for i in range(n)]
    catalog = pd.DataFrame(
        {
            "sector": ["treasury" if i < n / 2 else "high_yield" for i in range(n)],
            "effective_duration_years": np.linspace(2.0, 6.0, n),
            "expense_ratio_bp": 10.0,
            "aum_usd_mm": 1000.0,
            "adv_usd_mm": 10.0,
        },
        index=pd.Index(names, name="ticker"),
    )
    limits = Limits.model_validate(tomllib.loads(text))
    mandate = compile_mandate(clauses_of(limits, holdings), funds_of(catalog, names, np.linspace(0.5, 1.5, n)))
    return [found.sentence for found in unreachable(mandate)]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "max_weight = 0.01",
            "the 20 eligible funds can hold at most 20 % together under their caps (20 x 1 %); 100 % must be invested",
        ),
        (
            "max_weight = 0.01\n[fund]\nF03 = { max = 0.0 }",
            "the 20 eligible funds can hold at most 19 % together under their caps; 100 % must be invested",
        ),
        (
            "[sector]\ntreasury = { min = 0.8 }\n[fund]\n"
            + "\n".join(f"F{i:02d} = {{ max = 0.05 }}" for i in range(10)),
            "treasury asks for at least 80 %, at most 50 % can be reached",
        ),
        (
            "max_weight = 0.07\n[sector]\ntreasury = { max = 0.2 }",
            "treasury allows at most 20 %, no portfolio goes below 30 %",
        ),
        (
            "max_weight = 0.10\n[fund]\nF07 = { min = 0.3 }",
            "fund F07 asks for at least 30 % of F07, position cap allows 10 %",
        ),
        (
            "[fund]\nF00 = { min = 0.25 }\nF01 = { min = 0.25 }\nF02 = { min = 0.25 }\nF03 = { min = 0.2501 }\n"
            "F04 = { min = 0.25 }",
            "fund F03 asks for at least 25.01 % of F03, position cap allows 25 %",
        ),
        (
            "max_weight = 0.5\n[fund]\nF00 = { min = 0.4 }\nF01 = { min = 0.4 }\nF02 = { min = 0.4 }",
            "the least weights asked for sum to 120 %; 100 % can be invested",
        ),
        (
            "[fund]\nZZZ = { min = 0.05 }",
            "fund ZZZ asks for at least 5 %, at most 0 % can be reached; no eligible fund counts towards it",
        ),
        (
            "[sector]\nmbs = { min = 0.05 }",
            "mbs asks for at least 5 %, at most 0 % can be reached; no eligible fund counts towards it",
        ),
        (
            "max_weight = 1.0\n[duration]\nmin = 7.5",
            "duration asks for at least 7.5 years, at most 6 years can be reached",
        ),
        ("max_weight = 1.0\n[beta]\nmax = 0.25", "beta allows at most 0.25, no portfolio goes below 0.5"),
        (
            "[expense_ratio_bp]\nmax = 9",
            "expense ratio allows at most 9 bp, no portfolio goes below 10 bp",
        ),
        (
            "[benchmark_sectors]\nmbs = 0.3\n[active]\nmbs = { below = 0.1 }",
            "mbs against benchmark asks for at least 20 %, at most 0 % can be reached; "
            "no eligible fund counts towards it",
        ),
        (
            "account_size_mm = 1000.0\nmax_adv_share = 1.0",
            "the 20 eligible funds can hold at most 20 % together under their caps (20 x 1 %); 100 % must be invested",
        ),
    ],
)
def test_what_is_said(text: str, sentence: str) -> None:
    assert findings(text) == [sentence]


@pytest.mark.parametrize(
    ("holdings", "least"),
    [
        ({"F00": 0.2, "F01": 0.2, "F02": 0.2, "OLD": 0.4}, "40 %"),  # a fund that has to go
        ({"F00": 0.2, "F01": 0.2, "F02": 0.2}, "40 %"),  # cash that has to be invested
        ({"F00": 0.6, "F01": 0.2, "F02": 0.2}, "35 %"),  # above the position cap of 25 %
        ({}, "100 %"),
    ],
)
def test_turnover_that_cannot_be_kept(holdings: dict[str, float], least: str) -> None:
    [sentence] = findings("max_turnover = 0.1", holdings=holdings)
    assert sentence.startswith(f"turnover allows at most 10 %, at least {least} must be traded")


def test_limits_met_to_the_last_cent_are_no_conflict() -> None:
    assert findings("max_weight = 0.05") == []
    assert findings("max_weight = 0.1", n=10) == []
    assert findings("[fund]\n" + "\n".join(f"F{i:02d} = {{ min = 0.1 }}" for i in range(10)), n=10) == []
    assert findings("max_weight = 0.07\n[sector]\ntreasury = { max = 0.3 }") == []
    assert findings("max_turnover = 0.35", holdings={"F00": 0.6, "F01": 0.2, "F02": 0.2}) == []
    thirds = f"max_weight = {1 / 3!r}"
    assert findings(thirds, n=3) == []
    assert findings("max_weight = 0.3333333333", n=3) == []


def test_nothing_to_hold_is_said_and_not_a_crash() -> None:
    assert findings("", n=0) == [
        "the 0 eligible funds can hold at most 0 % together under their caps; 100 % must be invested"
    ]


def test_every_finding_at_once() -> None:
    text = "max_weight = 0.07\n[sector]\ntreasury = { max = 0.2 }\nmbs = { min = 0.1 }\n[beta]\nmax = 0.1"
    assert [sentence.split()[0] for sentence in findings(text)] == ["treasury", "mbs", "beta"]
