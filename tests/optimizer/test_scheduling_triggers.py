"""Each trigger just below, at and just above its threshold, on states worked out by hand."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from constraints import BETA, FUNDS, WEIGHT, YEARS, Unit
from optimizer import OptimizerError, RebalanceRules
from optimizer.risk_target import Match, RiskTarget
from optimizer.scheduling import (
    Breach,
    Departure,
    PeriodsEnded,
    Reading,
    RebalanceState,
    decide,
    needs,
    triggers_of,
)

STATE = RebalanceState(
    day=dt.date(2024, 1, 31),
    sessions_since_solve=10,
    benchmark="AGG",
    periods=PeriodsEnded(sessions=8585, month=647, quarter=215, year=53),
    periods_at_solve=PeriodsEnded(sessions=8575, month=647, quarter=215, year=53),
    sigma_b=4.0,
    sigma_b_at_solve=4.0,
    benchmark_return=0.0,
    weight_drift=0.0,
    risk=4.0,
    target=RiskTarget("dynamic_risk", "volatility", 4.0, "at_most", ""),
    breaches=(),
    left=(),
)

ALL: dict[str, Any] = {
    "volatility_change": 0.25,
    "benchmark_move": 0.015,
    "max_days": 63,
    "calendar": "month_end",
    "every_days": 21,
    "weight_drift": 0.05,
    "risk_drift": 0.1,
    "breached_clause": True,
    "left_eligibility": True,
    "expected_gain": {"horizon_days": 63, "factor": 2.0},
}


def rules(triggers: dict[str, Any], **others: Any) -> RebalanceRules:
    return RebalanceRules.model_validate({"triggers": triggers, **others})


def reading(key: str, setting: Any, state: RebalanceState) -> Reading:
    (only,) = decide(rules({key: setting}), state).readings
    return only


def target(value: float, match: Match = "at_most", beta: bool = False) -> RiskTarget:
    return RiskTarget("any", "beta" if beta else "volatility", value, match, "")


def weight_breach(value: float) -> tuple[Breach, ...]:
    return (Breach("credit", value, 0.60, WEIGHT),)


@pytest.mark.parametrize(
    ("key", "setting", "known", "value", "fired"),
    [
        # 5 / 4 is 1.25 exactly in binary: at the threshold, and not above it.
        ("volatility_change", 0.25, {"sigma_b": 4.99}, 0.2475, False),
        ("volatility_change", 0.25, {"sigma_b": 5.0}, 0.25, False),
        ("volatility_change", 0.25, {"sigma_b": 5.01}, 0.2525, True),
        ("volatility_change", 0.25, {"sigma_b": 3.01}, 0.2475, False),
        ("volatility_change", 0.25, {"sigma_b": 3.0}, 0.25, False),
        ("volatility_change", 0.25, {"sigma_b": 2.99}, 0.2525, True),
        ("benchmark_move", 0.015, {"benchmark_return": 0.0149}, 0.0149, False),
        ("benchmark_move", 0.015, {"benchmark_return": 0.015}, 0.015, False),
        ("benchmark_move", 0.015, {"benchmark_return": 0.0151}, 0.0151, True),
        ("benchmark_move", 0.015, {"benchmark_return": -0.015}, 0.015, False),
        ("benchmark_move", 0.015, {"benchmark_return": -0.0151}, 0.0151, True),
        ("max_days", 63, {"sessions_since_solve": 62}, 62, False),
        ("max_days", 63, {"sessions_since_solve": 63}, 63, True),
        ("max_days", 63, {"sessions_since_solve": 64}, 64, True),
        ("calendar", "month_end", {}, 0, False),
        ("calendar", "month_end", {"periods": PeriodsEnded(8585, 648, 215, 53)}, 1, True),
        ("calendar", "quarter_end", {"periods": PeriodsEnded(8585, 648, 215, 53)}, 0, False),
        ("calendar", "quarter_end", {"periods": PeriodsEnded(8585, 650, 216, 53)}, 1, True),
        ("calendar", "year_end", {"periods": PeriodsEnded(8585, 650, 216, 53)}, 0, False),
        ("calendar", "year_end", {"periods": PeriodsEnded(8585, 659, 219, 54)}, 1, True),
        # 8568 = 408 x 21, so the next period ends with session 8589.
        ("every_days", 21, {"periods": PeriodsEnded(8588, 647, 215, 53)}, 0, False),
        ("every_days", 21, {"periods": PeriodsEnded(8589, 647, 215, 53)}, 1, True),
        ("every_days", 21, {"periods": PeriodsEnded(8590, 647, 215, 53)}, 1, True),
        ("weight_drift", 0.05, {"weight_drift": 0.0499}, 0.0499, False),
        ("weight_drift", 0.05, {"weight_drift": 0.05}, 0.05, False),
        ("weight_drift", 0.05, {"weight_drift": 0.0501}, 0.0501, True),
        ("risk_drift", 0.25, {"risk": 4.99}, 0.2475, False),
        ("risk_drift", 0.25, {"risk": 5.0}, 0.25, False),
        ("risk_drift", 0.25, {"risk": 5.01}, 0.2525, True),
        ("risk_drift", 0.25, {"risk": 1.0}, -0.75, False),
        ("risk_drift", 0.25, {"risk": 5.01, "target": target(4.0, "equal")}, 0.2525, True),
        ("risk_drift", 0.25, {"risk": 3.0, "target": target(4.0, "equal")}, 0.25, False),
        ("risk_drift", 0.25, {"risk": 2.99, "target": target(4.0, "equal")}, 0.2525, True),
        ("risk_drift", 0.25, {"risk": 1.3, "target": target(1.0, beta=True)}, 0.3, True),
        # A beta of -1 is above one of -2; a target of nought is measured against 0.1.
        ("risk_drift", 0.25, {"risk": -1.0, "target": target(-2.0, beta=True)}, 0.5, True),
        ("risk_drift", 0.25, {"risk": 0.02, "target": target(0.0, beta=True)}, 0.2, False),
        ("breached_clause", True, {"breaches": weight_breach(0.6099)}, 0.99, False),
        ("breached_clause", True, {"breaches": weight_breach(0.6101)}, 1.01, True),
        ("breached_clause", True, {"breaches": weight_breach(0.5899)}, 1.01, True),
        ("breached_clause", True, {"breaches": (Breach("duration", 6.25, 6.0, YEARS),)}, 2.5, True),
        ("breached_clause", True, {"breaches": (Breach("duration", 6.0625, 6.0, YEARS),)}, 0.625, False),
        ("breached_clause", True, {"breaches": (Breach("beta", 1.03, 1.0, BETA),)}, 1.5, True),
        ("breached_clause", True, {"breaches": (Breach("names", 21.0, 20.0, FUNDS),)}, 2.0, True),
        ("breached_clause", True, {"breaches": (Breach("own", 1.02, 1.0, Unit("own", "", 1.0)),)}, 2.0, True),
        ("left_eligibility", True, {"left": (Departure("HYG", "AUM too small"),)}, 1, True),
        ("expected_gain", {"horizon_days": 63, "factor": 2.0}, {"gain_bp": 9.99, "cost_bp": 5.0}, 9.99, False),
        ("expected_gain", {"horizon_days": 63, "factor": 2.0}, {"gain_bp": 10.0, "cost_bp": 5.0}, 10.0, True),
        ("expected_gain", {"horizon_days": 63, "factor": 2.0}, {"gain_bp": 10.01, "cost_bp": 5.0}, 10.01, True),
        # Nothing to gain for nothing is no reason to trade.
        ("expected_gain", {"horizon_days": 63, "factor": 2.0}, {"gain_bp": 0.0, "cost_bp": 0.0}, 0.0, False),
        ("expected_gain", {"horizon_days": 63, "factor": 2.0}, {"gain_bp": -1.0, "cost_bp": 0.0}, -1.0, False),
    ],
)
def test_fires_beyond_its_threshold(key: str, setting: Any, known: dict[str, Any], value: float, fired: bool) -> None:
    state = replace(STATE, **known)
    read = reading(key, setting, state)
    assert read.value == pytest.approx(value, abs=1e-12)
    assert read.fired is fired
    decision = decide(rules({key: setting}), state)
    assert decision.action == ("resolve" if fired else "hold")
    assert decision.reasons == ((read.words,) if fired else ("no trigger fired",))


@pytest.mark.parametrize(
    ("key", "setting", "known", "words"),
    [
        (
            "volatility_change",
            0.25,
            {"sigma_b": 6.1, "sigma_b_at_solve": 4.2},
            "AGG volatility 6.10 % against 4.20 % at the last solve: +45.2 %, more than 25 %",
        ),
        (
            "volatility_change",
            0.25,
            {"sigma_b": 2.9992},
            "AGG volatility 3.00 % against 4.00 % at the last solve: -25.02 %, more than 25 %",
        ),
        (
            "benchmark_move",
            0.015,
            {"benchmark_return": -0.0180},
            "AGG return -1.80 % since the last solve, more than 1.5 % either way",
        ),
        ("max_days", 63, {}, "10 trading days since the last solve, fewer than 63"),
        ("max_days", 10, {}, "10 trading days since the last solve, at least 10"),
        ("calendar", "month_end", {}, "no month has ended since the last solve"),
        (
            "calendar",
            "month_end",
            {"periods": PeriodsEnded(8585, 648, 216, 54)},
            "the month 2024-01 has ended since the last solve",
        ),
        (
            "calendar",
            "quarter_end",
            {"periods": PeriodsEnded(8585, 650, 216, 54)},
            "the quarter 2024 Q1 has ended since the last solve",
        ),
        (
            "calendar",
            "year_end",
            {"periods": PeriodsEnded(8585, 659, 219, 54)},
            "the year 2024 has ended since the last solve",
        ),
        ("every_days", 21, {}, "the period of 21 sessions ends in 4"),
        (
            "weight_drift",
            0.05,
            {"weight_drift": 0.062},
            "weights have drifted by 6.20 % one way from those last traded to, more than 5 %",
        ),
        (
            "risk_drift",
            0.1,
            {"risk": 4.9, "target": target(4.2)},
            "volatility 4.90 % against a target of 4.20 %: 16.7 % above it, more than 10 %",
        ),
        (
            "risk_drift",
            0.1,
            {"risk": 3.9, "target": target(4.2)},
            "volatility 3.90 % against a target of 4.20 %: 7.1 % below it, which is allowed",
        ),
        (
            "risk_drift",
            0.1,
            {"risk": 0.8, "target": target(1.0, "equal", beta=True)},
            "beta 0.80 against a target of 1.00: 20.0 % below it, more than 10 %",
        ),
        (
            "breached_clause",
            True,
            {"breaches": weight_breach(0.623)},
            "credit at 62.30 %, limit 60 %: off by 2.30 %, more than 1 %",
        ),
        (
            "left_eligibility",
            True,
            {"left": (Departure("HYG", "AUM too small"), Departure("JNK", "no recent close"))},
            "HYG is held and no longer eligible: AUM too small; JNK is held and no longer eligible: no recent close",
        ),
        (
            "expected_gain",
            {"horizon_days": 63, "factor": 2.0},
            {"gain_bp": 14.0, "cost_bp": 5.2},
            "expected gain of 14.0 bp over 63 trading days against a cost of 5.2 bp, at least 2 times as much",
        ),
        (
            "expected_gain",
            {"horizon_days": 63, "factor": 2.0},
            {"gain_bp": 9.0, "cost_bp": 5.2},
            "expected gain of 9.0 bp over 63 trading days against a cost of 5.2 bp, not 2 times as much",
        ),
    ],
)
def test_words(key: str, setting: Any, known: dict[str, Any], words: str) -> None:
    assert reading(key, setting, replace(STATE, **known)).words == words


@given(st.floats(-0.9, 0.9), st.floats(0.001, 0.5))
def test_the_printed_figure_lies_on_the_side_of_the_threshold_that_the_words_say(change: float, limit: float) -> None:
    limit = round(limit, 3)
    read = reading("volatility_change", limit, replace(STATE, sigma_b=4.0 * (1.0 + change)))
    shown = float(read.words.split(": ")[1].split(" %")[0].lstrip("+-"))
    if shown != pytest.approx(100 * limit, abs=1e-8):
        assert (shown > 100 * limit) == read.fired


size = st.floats(0.0, 3.0)


@given(size, size, st.sampled_from([-1.0, 1.0]))
def test_a_larger_move_never_takes_a_trigger_back(one: float, other: float, sign: float) -> None:
    smaller, larger = sorted((one, other))

    def fired(move: float) -> dict[str, bool]:
        up = max(0.0, 1.0 + sign * move)
        state = replace(
            STATE,
            sessions_since_solve=int(30 * move),
            sigma_b=4.0 * up,
            benchmark_return=sign * move / 30,
            weight_drift=move / 30,
            risk=4.0 * up,
            target=target(4.0, "equal"),
            breaches=weight_breach(0.6 + move / 100),
            gain_bp=10.0 * move,
            cost_bp=5.0,
        )
        return {read.trigger.name: read.fired for read in decide(rules(ALL), state).readings}

    before, after = fired(smaller), fired(larger)
    assert all(after[name] for name, was in before.items() if was)


@given(size, size)
def test_at_most_never_fires_below_the_target(one: float, other: float) -> None:
    risk, aim = sorted((one, other))
    assert not reading("risk_drift", 0.01, replace(STATE, risk=risk, target=target(aim))).fired


@given(st.integers(0, 80), size, st.booleans())
def test_the_same_question_has_the_same_answer(since: int, move: float, looked: bool) -> None:
    asked = replace(
        STATE,
        sessions_since_solve=since,
        weight_drift=move / 30,
        gain_bp=10 * move if looked else None,
        cost_bp=5.0,
        disarmed=frozenset({"weight_drift"}),
    )
    mine = rules(ALL, cool_down_days=5)
    first, again = decide(mine, asked), decide(mine.model_copy(deep=True), replace(asked))
    assert first == again
    assert first.to_dict() == again.to_dict()
    assert first.disarmed_after_solve == again.disarmed_after_solve
    assert asked == replace(asked), "a state is not changed by a decision"


def test_plain_values() -> None:
    state = replace(STATE, sigma_b=np.float64(6.1), sigma_b_at_solve=np.float64(4.2), weight_drift=0.01)
    record = decide(rules(ALL), state).to_dict()
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    assert list(record) == ["date", "action", "reasons", "readings"]
    assert (record["date"], record["action"]) == ("2024-01-31", "resolve")
    assert [read["trigger"] for read in record["readings"]] == list(ALL)
    assert all(list(read) == ["trigger", "value", "threshold", "unit", "fired", "words"] for read in record["readings"])
    gain = record["readings"][-1]
    assert (gain["value"], gain["threshold"], gain["fired"]) == (None, None, False)


def test_needs_are_what_is_looked_at() -> None:
    """Without one of its needs a trigger refuses the state; without everything else it does not mind."""
    for key, setting in ALL.items():
        mine = rules({key: setting})
        (trigger,) = triggers_of(mine)
        assert trigger.name == key
        assert needs(mine) == set(trigger.needs)
        full = replace(STATE, gain_bp=1.0, cost_bp=1.0)
        bare = RebalanceState(day=STATE.day, sessions_since_solve=10)
        enough = replace(bare, **{quantity: getattr(full, quantity) for quantity in trigger.needs})
        assert decide(mine, enough).readings[0].value == decide(mine, full).readings[0].value
        for quantity in set(trigger.needs) - {"gain_bp"}:
            with pytest.raises(
                OptimizerError, match=f"2024-01-31: the trigger {key} cannot be read .*{quantity} = None"
            ):
                decide(mine, replace(enough, **{quantity: None}))
    assert needs(rules({})) == frozenset()


@pytest.mark.parametrize(
    "known",
    [
        {"sigma_b": float("nan")},
        {"sigma_b_at_solve": 0.0},
        {"sigma_b_at_solve": float("nan")},
        {"sigma_b": float("inf")},
        {"benchmark_return": float("nan")},
        {"weight_drift": float("nan")},
        {"weight_drift": -0.1},
        {"risk": float("nan")},
        {"target": target(float("inf"))},
        {"breaches": weight_breach(float("nan"))},
        {"gain_bp": float("nan"), "cost_bp": 1.0},
        {"gain_bp": 1.0, "cost_bp": float("nan")},
        {"gain_bp": 1.0, "cost_bp": -1.0},
    ],
)
def test_a_figure_that_is_no_number_is_refused(known: dict[str, Any]) -> None:
    """It would compare as "not more than" and hold the portfolio for ever."""
    with pytest.raises(OptimizerError, match="cannot be read from") as refused:
        decide(rules(ALL), replace(STATE, **known))
    assert "\n" not in str(refused.value)
