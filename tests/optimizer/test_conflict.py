"""Conflicts, repairs and margins on mandates small enough to be worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from constraints import BETA, TARGET_CLAUSE, Clause, Funds, Label, compile_mandate
from constraints.clauses import (
    ActiveSectorRange,
    FullyInvested,
    FundRange,
    GroupRange,
    LongOnly,
    Participation,
    PositionCap,
    Turnover,
    duration_range,
)
from optimizer import OptimizerError, Problem, RiskMeasure, Solved, solve_at_exact_risk
from optimizer.conflicts.conflict import Conflict, find_conflict
from optimizer.conflicts.exact_conflict import find_exact_conflict, target_within_reach
from optimizer.conflicts.margin import margin
from optimizer.conflicts.repair import Repair, cheapest_repairs, outwards
from optimizer.conflicts.terms import Terms, moved, terms_of
from riskmodels import FactorForm

FRAME: tuple[Clause, ...] = (FullyInvested(), LongOnly())


def mandate_terms(
    sectors: Sequence[str],
    *clauses: Clause,
    cap: float | None = None,
    volatility: Sequence[float] | None = None,
    years: Sequence[float] | None = None,
    beta: Sequence[float] | None = None,
    volume: Sequence[float] | None = None,
    beta_target: tuple[float, float] | None = None,
    held: Sequence[float] | None = None,
    benchmark: Sequence[float] | None = None,
) -> Terms:
    """Uncorrelated funds, one a sector's name."""
    n = len(sectors)
    own = np.array([5.0] * n if volatility is None else volatility)
    figures = {
        "effective_duration_years": np.array([5.0] * n if years is None else years),
        "adv_usd_mm": np.array([100.0] * n if volume is None else volume),
        "aum_usd_mm": np.array([100.0] * n if volume is None else volume),
    }
    funds = Funds(
        tuple(f"F{i}" for i in range(n)), np.array(sectors), figures, np.array([1.0] * n if beta is None else beta)
    )
    every = (*FRAME, *clauses)
    mandate = compile_mandate(every, funds)
    if beta_target is not None:
        mandate = mandate.with_row(funds.beta, *beta_target, Label(TARGET_CLAUSE, BETA))
    form = FactorForm(np.zeros((n, 1)), own)
    risk = RiskMeasure(form, np.zeros(1), np.zeros(n), 0.0)
    if benchmark is not None:
        risk = RiskMeasure(FactorForm(np.diag(own), np.zeros(n)), own * np.array(benchmark), np.zeros(n), 0.0)
    numbers: dict[str, Any] = {"goal": "expected_return", "ridge": 0.0, "aversion": 0.0, "trade_cost": np.zeros(n)}
    problem = Problem(
        mandate=mandate,
        mu=np.arange(n, dtype=float),
        risk=risk,
        cap=cap,
        held=np.zeros(n) if held is None else np.array(held),
        **numbers,
    )
    return terms_of(problem, every, funds)


def explained(terms: Terms) -> tuple[Conflict, tuple[Repair, ...]]:
    conflict = find_conflict(terms)
    assert conflict is not None
    return conflict, cheapest_repairs(terms, conflict)


def words(conflict: Conflict) -> list[str]:
    return [member.words for member in conflict.members]


def ways(repairs: Sequence[Repair]) -> list[str]:
    return [repair.words for repair in repairs]


def test_caps_that_sum_to_less_than_the_whole() -> None:
    conflict, repairs = explained(mandate_terms(["treasury"] * 20, PositionCap(0.01)))

    assert words(conflict) == ["position cap 1 %"]
    assert conflict.smallest
    assert "20 x 1 %" in conflict.sentence
    assert ways(repairs) == ["raise the position cap from 1 % to 5 %"]
    assert repairs[0].moves[0].to == 0.05


def test_a_minimum_against_the_position_cap_can_be_repaired_from_either_side() -> None:
    terms = mandate_terms(
        ["high_yield"] * 4 + ["treasury"] * 36,
        PositionCap(0.05),
        GroupRange("high_yield", ("high_yield",), (), 0.30, 0.9),
        GroupRange("treasury", ("treasury",), (), 0.1, 0.9),
        duration_range(1.0, 9.0),
    )
    conflict, repairs = explained(terms)

    assert words(conflict) == ["position cap 5 %", "high_yield at least 30 %"]
    assert conflict.sentence.endswith("high_yield asks for at least 30 %, at most 20 % can be reached")
    # A third of 30 % is less than half of 5 %.
    assert ways(repairs) == [
        "let high_yield fall to 20 % (at least 30 % now)",
        "raise the position cap from 5 % to 7.5 %",
    ]
    assert [repair.relative for repair in repairs] == pytest.approx([1 / 3, 1 / 2])


def test_rows_that_clash_without_any_bound() -> None:
    terms = mandate_terms(
        ["high_yield", "bank_loan", "treasury", "treasury"],
        PositionCap(1.0),
        GroupRange("credit", ("high_yield", "bank_loan"), (), None, 0.40),
        GroupRange("high_yield", ("high_yield",), (), 0.30, None),
        GroupRange("bank_loan", ("bank_loan",), (), 0.25, None),
    )
    conflict, repairs = explained(terms)

    assert words(conflict) == ["credit at most 40 %", "high_yield at least 30 %", "bank_loan at least 25 %"]
    assert sorted(ways(repairs)) == [
        "let bank_loan fall to 10 % (at least 25 % now)",
        "let credit rise to 55 % (at most 40 % now)",
        "let high_yield fall to 15 % (at least 30 % now)",
    ]


def test_of_two_conflicts_the_smaller_is_told() -> None:
    terms = mandate_terms(
        ["high_yield", "bank_loan", "treasury", "tips"],
        PositionCap(0.5),
        GroupRange("credit", ("high_yield", "bank_loan"), (), None, 0.40),
        GroupRange("high_yield", ("high_yield",), (), 0.30, None),
        GroupRange("bank_loan", ("bank_loan",), (), 0.25, None),
        GroupRange("tips", ("tips",), (), 0.70, None),
    )
    conflict, repairs = explained(terms)

    assert words(conflict) == ["position cap 50 %", "tips at least 70 %"]
    # Neither touches credit, so one limit is not enough: tips give way to make room, and one of the three of credit.
    assert len(repairs) == 1
    assert len(repairs[0].moves) > 1


def test_a_bound_hidden_behind_a_tighter_one_comes_to_light_when_that_is_gone() -> None:
    # 5 % by the cap, 3 % by volume; either by itself leaves 15 funds short.
    volume = Participation("share of daily volume", "adv_usd_mm", 0.03, 100.0)
    conflict, repairs = explained(mandate_terms(["treasury"] * 15, PositionCap(0.05), volume))

    assert len(conflict.members) == 1
    assert len(repairs) == 1
    # A fifteenth is 6.666... %.
    assert {move.clause: move.least for move in repairs[0].moves} == pytest.approx(
        {"position cap": 1 / 15, "share of daily volume": 1 / 15}
    )

    # With 25 funds the cap is loose enough, and the share may not run into it.
    volumes = [100.0] * 20 + [20.0] * 5
    conflict, repairs = explained(mandate_terms(["treasury"] * 25, PositionCap(0.05), volume, volume=volumes))
    assert words(conflict) == ["share of daily volume at most 3 %"]
    # 20 x + 5 x / 5 = 1
    assert repairs[0].moves[0].least == pytest.approx(1 / 21)


def test_a_share_of_a_fund_cannot_be_more_than_all_of_it() -> None:
    share = Participation("share of fund assets", "aum_usd_mm", 0.5, 1000.0)
    conflict, repairs = explained(mandate_terms(["treasury"] * 5, PositionCap(0.5), share))

    assert words(conflict) == ["share of fund assets at most 50 %"]
    assert repairs == ()


def test_volatility_cannot_go_below_that_of_equal_weights() -> None:
    conflict, repairs = explained(mandate_terms(["treasury"] * 16, PositionCap(0.5), cap=1.2))

    assert conflict.sentence == "with these funds, volatility cannot go below 1.25 %; the target is 1.2 %"
    assert words(conflict) == ["risk target 1.2 %"]
    (move,) = repairs[0].moves
    assert move.words == "let the risk target rise from 1.2 % to 1.25 %"
    assert move.least == pytest.approx(5.0 / 4.0, rel=1e-8)


def test_a_target_a_hair_under_the_least_risk_is_in_conflict() -> None:
    terms = mandate_terms(["treasury"] * 16, PositionCap(0.5), cap=1.25 * (1.0 - 1e-7))
    conflict, repairs = explained(terms)

    assert [member.clause for member in conflict.members] == ["risk target"]
    assert repairs[0].moves[0].to == pytest.approx(1.25, rel=1e-7)
    room = margin(terms)
    assert room is not None
    assert room.narrow
    assert room.value < 0.0


def test_a_minimum_of_the_volatile_sector_against_the_risk_target() -> None:
    # w in high yield and 1 - w in treasuries of no risk: volatility is 20 w.
    terms = mandate_terms(
        ["high_yield", "treasury"],
        PositionCap(1.0),
        GroupRange("high_yield", ("high_yield",), (), 0.30, None),
        cap=5.2,
        volatility=[20.0, 0.0],
    )
    conflict, repairs = explained(terms)

    assert words(conflict) == ["high_yield at least 30 %", "risk target 5.2 %"]
    assert conflict.sentence == "with high_yield at least 30 %, volatility cannot go below 6 %; the target is 5.2 %"
    assert sorted(ways(repairs)) == [
        "let high_yield fall to 26 % (at least 30 % now)",
        "let the risk target rise from 5.2 % to 6 %",
    ]


def test_a_cap_that_keeps_the_tracking_error_up() -> None:
    # Nothing but the first fund is in the benchmark; with w of it, tracking error is 4 sqrt((1 - w)^2 + (1 - w)^2).
    terms = mandate_terms(["treasury", "mbs"], PositionCap(0.75), cap=1.0, volatility=[4.0, 4.0], benchmark=[1.0, 0.0])
    conflict, repairs = explained(terms)

    assert words(conflict) == ["position cap 75 %", "risk target 1 %"]
    assert "tracking error cannot go below 1.414 %" in conflict.sentence
    least = {repair.moves[0].clause: repair.moves[0].least for repair in repairs}
    assert least == pytest.approx({"position cap": 1.0 - 0.25 / 2**0.5, "risk target": 2**0.5}, rel=1e-7)


@pytest.mark.parametrize(
    ("target", "sentence", "least", "to"),
    [
        ((-np.inf, 0.5), "beta cannot go below 0.7; the target is 0.5", 0.7, 0.7),
        ((1.9, 1.9), "beta cannot go above 1.7; the target is 1.9", 1.7, 1.7),
        ((0.5, 0.5), "beta cannot go below 0.7; the target is 0.5", 0.7, 0.7),
    ],
)
def test_beta_targets_at_most_and_exactly(target: tuple[float, float], sentence: str, least: float, to: float) -> None:
    # At most 60 % in one fund of betas 0.5, 1.0 and 2.0 ... 0.6 x 0.5 + 0.4 x 1 and 0.6 x 2 + 0.4 x 1 with rounding.
    terms = mandate_terms(["treasury", "mbs", "tips"], PositionCap(0.6), beta=[0.5, 1.0, 13 / 6], beta_target=target)
    conflict, repairs = explained(terms)

    assert sentence in conflict.sentence
    assert [member.clause for member in conflict.members] == ["position cap", "risk target"]
    moves = {repair.moves[0].clause: repair.moves[0] for repair in repairs}
    assert moves["risk target"].least == pytest.approx(least)
    assert moves["risk target"].to == pytest.approx(to)
    # An exact target moves as one number.
    at = conflict.positions[-1]
    repaired = moved(terms, {at: moves["risk target"].to}).problem.mandate
    assert repaired.row_upper[-1] == moves["risk target"].to
    assert repaired.row_lower[-1] == (moves["risk target"].to if np.isfinite(target[0]) else -np.inf)


def test_turnover_that_cannot_bring_the_holdings_within_the_limits() -> None:
    holdings = {"F0": 0.8, "F1": 0.2}
    terms = mandate_terms(
        ["high_yield", "treasury"],
        PositionCap(1.0),
        GroupRange("high_yield", ("high_yield",), (), None, 0.5),
        Turnover(0.1, holdings),
        held=[0.8, 0.2],
    )
    conflict, repairs = explained(terms)

    assert words(conflict) == ["high_yield at most 50 %", "turnover at most 10 %"]
    assert sorted(ways(repairs)) == [
        "let high_yield rise to 70 % (at most 50 % now)",
        "let turnover rise to 30 % (at most 10 % now)",
    ]


def test_holdings_that_must_be_sold_count_towards_turnover() -> None:
    # 30 % of a fund that is not eligible and 10 % cash: half of 0.4 sold and 0.4 bought.
    terms = mandate_terms(["treasury", "mbs"], PositionCap(1.0), Turnover(0.1, {"F0": 0.6, "X": 0.3}), held=[0.6, 0.0])
    conflict, repairs = explained(terms)

    assert words(conflict) == ["turnover at most 10 %"]
    assert repairs[0].moves[0].least == pytest.approx(0.4)


def test_a_sector_that_has_to_keep_near_the_benchmark() -> None:
    terms = mandate_terms(["mbs"] * 2 + ["treasury"] * 20, PositionCap(0.1), ActiveSectorRange("mbs", 0.27, 0.02, 0.05))
    conflict, repairs = explained(terms)

    assert words(conflict) == ["position cap 10 %", "mbs against benchmark at most 2 % below"]
    assert sorted(ways(repairs)) == [
        "let mbs against benchmark lie 7 % below (at most 2 % now)",
        "raise the position cap from 10 % to 12.5 %",
    ]


def test_a_minimum_that_no_eligible_fund_can_meet_falls_to_zero() -> None:
    terms = mandate_terms(["treasury"] * 4, PositionCap(0.5), GroupRange("tips", ("tips",), (), 0.1, 0.3))
    conflict, repairs = explained(terms)

    assert words(conflict) == ["tips at least 10 %"]
    assert "no eligible fund counts towards it" in conflict.sentence
    assert repairs[0].moves[0].to == 0.0
    assert repairs[0].words == "let tips fall to 0 % (at least 10 % now)"


def test_a_fund_that_cannot_be_held_as_much_as_asked() -> None:
    conflict, repairs = explained(mandate_terms(["treasury"] * 5, PositionCap(0.3), FundRange("F2", 0.4, None)))

    assert words(conflict) == ["position cap 30 %", "fund F2 at least 40 %"]
    assert {repair.moves[0].clause: repair.moves[0].to for repair in repairs} == {
        "position cap": 0.4,
        "fund F2": 0.3,
    }


def test_many_minimums_leave_an_irreducible_conflict_even_where_the_search_gives_up() -> None:
    minimums = [FundRange(f"F{i}", 0.02 + 0.0001 * i, None) for i in range(60)]
    terms = mandate_terms(["treasury"] * 60, PositionCap(0.5), *minimums)
    conflict = find_conflict(terms)

    assert conflict is not None
    sizes = [member.limit for member in conflict.members]
    assert sum(sizes) > 1.0
    assert sum(sizes) - min(sizes) <= 1.0
    assert not conflict.smallest


def test_a_target_to_be_met_exactly_beyond_the_most_risk() -> None:
    terms = mandate_terms(["treasury", "mbs", "tips"], PositionCap(0.5), cap=9.0, volatility=[4.0, 6.0, 8.0])
    assert find_conflict(terms) is None
    conflict = find_exact_conflict(terms)

    # Half of 8 and half of 6 is a ceiling; without the cap 8 is, and 9 is out of reach by itself.
    assert conflict is not None
    assert words(conflict) == ["risk target 9 %"]
    assert conflict.sentence == "with these funds, no portfolio has more risk than 8 %; the target is exactly 9 %"

    capped = replace(terms, problem=replace(terms.problem, cap=7.5))
    conflict = find_exact_conflict(terms_of(capped.problem, terms.clauses, terms.funds))
    assert conflict is not None
    assert words(conflict) == ["position cap 50 %", "risk target 7.5 %"]
    (repair,) = target_within_reach(terms)
    # sqrt(4^2 + 3^2) = 5
    assert repair.moves[0].to == pytest.approx(5.0, abs=0.1)
    assert isinstance(solve_at_exact_risk(replace(terms.problem, cap=repair.moves[0].to)), Solved)


def test_nothing_to_explain_where_a_portfolio_is_allowed() -> None:
    terms = mandate_terms(["treasury"] * 10, PositionCap(0.25), duration_range(None, 6.0), cap=3.0)

    assert find_conflict(terms) is None
    room = margin(terms)
    assert room is not None
    assert not room.narrow


def test_the_margin_is_the_room_under_the_cap() -> None:
    room = margin(mandate_terms(["treasury"] * 10, PositionCap(0.25)))

    assert room is not None
    assert room.value == pytest.approx(0.15)
    assert room.clauses == ("position cap",)


@pytest.mark.parametrize(("cap", "narrow"), [(0.1, True), (0.1 + 5e-8, True), (0.1 - 2e-11, True), (0.1 + 2e-6, False)])
def test_caps_that_sum_to_one_or_a_hair_more_are_told(cap: float, narrow: bool) -> None:
    room = margin(mandate_terms(["treasury"] * 10, PositionCap(cap)))

    assert room is not None
    assert room.narrow == narrow
    assert room.value == pytest.approx(cap - 0.1, abs=1e-9)


def test_caps_one_basis_point_short_in_sum_are_in_conflict() -> None:
    conflict, repairs = explained(mandate_terms(["treasury"] * 60, PositionCap(0.9999 / 60)))

    assert words(conflict) == ["position cap 1.6665 %"]
    assert repairs[0].moves[0].least == pytest.approx(1 / 60)
    assert repairs[0].moves[0].to >= 1 / 60


@pytest.mark.parametrize(("above", "narrow"), [(1e-4, False), (1e-8, True)])
def test_a_target_a_hair_above_the_least_risk_is_told(above: float, narrow: bool) -> None:
    room = margin(mandate_terms(["treasury"] * 16, PositionCap(0.5), cap=1.25 + above))

    assert room is not None
    assert room.narrow == narrow
    assert "risk target" in room.clauses


def test_limits_of_zero_and_minimums_equal_to_maximums_are_no_narrow_margin() -> None:
    terms = mandate_terms(
        ["high_yield", "treasury", "treasury", "tips"],
        PositionCap(0.6),
        GroupRange("high_yield", ("high_yield",), (), None, 0.0),
        GroupRange("tips", ("tips",), (), 0.2, 0.2),
        GroupRange("munis", ("muni",), (), None, 0.3),
    )
    room = margin(terms)
    assert room is not None
    assert not room.narrow


def test_an_exact_target_at_the_end_of_what_can_be_reached_is_told() -> None:
    # Three funds of the highest beta leave room under the cap, but no portfolio has a higher beta.
    sectors, betas = ["treasury"] * 4, [2.0, 2.0, 2.0, 1.0]
    edge = margin(mandate_terms(sectors, PositionCap(0.5), beta=betas, beta_target=(2.0, 2.0)))
    inside = margin(mandate_terms(sectors, PositionCap(0.5), beta=betas, beta_target=(1.9, 1.9)))

    assert edge is not None
    assert edge.narrow
    assert inside is not None
    # A shift of 0.1 up or down against the largest beta of 2.
    assert inside.value == pytest.approx(0.05)


def test_clauses_of_another_mandate_are_refused() -> None:
    terms = mandate_terms(["treasury"] * 5, PositionCap(0.5))
    with pytest.raises(OptimizerError, match="clauses do not lead to the rows and bounds"):
        terms_of(terms.problem, (*FRAME, PositionCap(0.4)), terms.funds)


@pytest.mark.parametrize(
    ("value", "least", "to"),
    [(0.05, 0.0625, 0.063), (0.05, 0.05 + 1e-13, 0.05 + 1e-13), (0.01, 0.05, 0.05), (0.2, 0.33333, 0.34)],
)
def test_repairs_are_rounded_outwards_to_what_a_client_would_write(value: float, least: float, to: float) -> None:
    terms = mandate_terms(["treasury"] * 5, PositionCap(value), GroupRange("m", ("treasury",), (), 1.0 - value, None))
    cap, minimum = terms.limits

    assert outwards(cap, least, 2, 0) == pytest.approx(to, rel=1e-14)
    assert outwards(minimum, 1.0 - least, 2, 0) == pytest.approx(1.0 - to, rel=1e-14)
