"""Decisions over several days: first solve, cool-down, hysteresis, the look at the gain."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from constraints import WEIGHT
from optimizer import RebalanceRules
from optimizer.risk_target import RiskTarget
from optimizer.scheduling import Breach, Decision, Departure, RebalanceState, decide

DAY = dt.date(2024, 1, 31)


def rules(triggers: dict[str, Any], **others: Any) -> RebalanceRules:
    return RebalanceRules.model_validate({"triggers": triggers, **others})


def test_the_first_solve_needs_no_trigger() -> None:
    for mine in (rules({}), rules({"max_days": 63, "breached_clause": True}, cool_down_days=10)):
        first = decide(mine, RebalanceState(day=DAY, sessions_since_solve=None))
        assert first.to_dict() == {
            "date": "2024-01-31",
            "action": "resolve",
            "reasons": ["no portfolio yet"],
            "readings": [],
        }
        assert first.disarmed_after_solve == frozenset()


def test_without_triggers_nothing_else_follows() -> None:
    later = decide(rules({}), RebalanceState(day=DAY, sessions_since_solve=5000))
    assert (later.action, later.reasons) == ("hold", ("no trigger fired",))


class TestCoolDown:
    @pytest.mark.parametrize(("since", "action"), [(0, "hold"), (4, "hold"), (5, "resolve"), (6, "resolve")])
    def test_a_move_waits_for_its_end(self, since: int, action: str) -> None:
        state = RebalanceState(day=DAY, sessions_since_solve=since, benchmark="AGG", benchmark_return=-0.02)
        decision = decide(rules({"benchmark_move": 0.015}, cool_down_days=5), state)
        assert decision.action == action
        assert decision.readings[0].fired, "the reading says what is, the action what follows"
        words = "AGG return -2.00 % since the last solve, more than 1.5 % either way"
        held = f" (held back: {since} of 5 days of cool-down since the last solve)"
        assert decision.reasons == (words if action == "resolve" else words + held,)

    def test_a_breach_and_a_fund_that_left_do_not_wait(self) -> None:
        mine = rules({"benchmark_move": 0.015, "breached_clause": True, "left_eligibility": True}, cool_down_days=5)
        calm = RebalanceState(day=DAY, sessions_since_solve=1, benchmark_return=0.02, breaches=(), left=())
        assert decide(mine, calm).action == "hold"
        broken = replace(calm, breaches=(Breach("credit", 0.62, 0.60, WEIGHT),))
        assert decide(mine, broken).action == "resolve"
        assert decide(mine, replace(calm, left=(Departure("HYG", "AUM too small"),))).action == "resolve"

    def test_nobody_looks_at_the_gain_during_it(self) -> None:
        mine = rules({"expected_gain": {"horizon_days": 63, "factor": 1.0}}, cool_down_days=5)
        state = RebalanceState(day=DAY, sessions_since_solve=4)
        assert decide(mine, state).action == "hold"
        assert decide(mine, replace(state, sessions_since_solve=5)).action == "look"
        assert decide(mine, replace(state, gain_bp=90.0, cost_bp=1.0)).action == "hold"


class TestLook:
    MINE = rules({"max_days": 63, "expected_gain": {"horizon_days": 63, "factor": 2.0}})

    def test_a_look_leads_to_a_trade_or_to_none(self) -> None:
        state = RebalanceState(day=DAY, sessions_since_solve=10)
        look = decide(self.MINE, state)
        assert look.action == "look"
        assert look.reasons == ("a solve of the day has to show whether the expected gain pays for its cost",)
        pays = decide(self.MINE, replace(state, gain_bp=10.0, cost_bp=5.0))
        assert (pays.action, len(pays.reasons)) == ("resolve", 1)
        assert decide(self.MINE, replace(state, gain_bp=9.0, cost_bp=5.0)).action == "hold"

    def test_another_reason_makes_the_look_unnecessary(self) -> None:
        decision = decide(self.MINE, RebalanceState(day=DAY, sessions_since_solve=63))
        assert decision.action == "resolve"
        assert decision.reasons == ("63 trading days since the last solve, at least 63",)


def walked(mine: RebalanceRules, days: list[dict[str, Any]], solved: bool = True) -> list[Decision]:
    """One decision a day; on a "resolve" the portfolio is taken, unless every solve fails."""
    decisions, since, disarmed = [], 1, frozenset[str]()
    for known in days:
        decision = decide(mine, RebalanceState(day=DAY, sessions_since_solve=since, disarmed=disarmed, **known))
        decisions.append(decision)
        taken = decision.action == "resolve" and solved
        disarmed = decision.disarmed_after_solve if taken else decision.disarmed
        since = 1 if taken else since + 1
    return decisions


def actions(decisions: list[Decision]) -> list[str]:
    return [decision.action for decision in decisions]


class TestHysteresis:
    AIM = RiskTarget("dynamic_risk", "volatility", 4.0, "at_most", "")

    @pytest.mark.parametrize(
        ("rearm", "table"),
        [
            # Threshold 25 %: fires above 5.0. With rearm 0.5 it must come below 4.5, with 0.8 below 4.8.
            (0.5, [(4.9, "hold"), (5.2, "resolve"), (5.1, "hold"), (4.7, "hold"), (5.5, "hold"), (4.5, "hold")]),
            (0.5, [(5.2, "resolve"), (4.4, "hold"), (5.2, "resolve"), (5.2, "hold")]),
            (0.8, [(5.2, "resolve"), (4.7, "hold"), (5.2, "resolve"), (4.9, "hold"), (5.2, "hold")]),
            (1.0, [(5.2, "resolve"), (4.9, "hold"), (5.2, "resolve"), (5.0, "hold"), (5.2, "hold")]),
        ],
    )
    def test_risk_that_a_solve_does_not_cure(self, rearm: float, table: list[tuple[float, str]]) -> None:
        mine = rules({"risk_drift": 0.25}, rearm=rearm)
        decisions = walked(mine, [{"risk": risk, "target": self.AIM} for risk, _ in table])
        assert actions(decisions) == [action for _, action in table]

    def test_a_disarmed_trigger_says_so(self) -> None:
        mine = rules({"risk_drift": 0.25}, rearm=0.8)
        second = walked(mine, [{"risk": 5.2, "target": self.AIM}] * 2)[1]
        assert second.disarmed == {"risk_drift"}
        assert second.readings[0].words == (
            "volatility 5.20 % against a target of 4.00 %: 30.0 % above it, more than 25 %; the last solve did not "
            "cure it, and it fires again only after it has been below 20 %"
        )

    def test_weights(self) -> None:
        drift = [0.04, 0.06, 0.0, 0.06, 0.045, 0.06]
        decisions = walked(rules({"weight_drift": 0.05}), [{"weight_drift": value} for value in drift])
        assert actions(decisions) == ["hold", "resolve", "hold", "resolve", "hold", "hold"]

    def test_a_failed_solve_is_tried_again(self) -> None:
        decisions = walked(rules({"weight_drift": 0.05}), [{"weight_drift": 0.06}] * 3, solved=False)
        assert actions(decisions) == ["resolve"] * 3

    def test_a_cool_down_does_not_disarm(self) -> None:
        """Held back on one day, it fires when the cool-down is over."""
        mine = rules({"weight_drift": 0.05}, cool_down_days=3)
        decisions = walked(mine, [{"weight_drift": 0.06}] * 3)
        assert actions(decisions) == ["hold", "hold", "resolve"]

    def test_moves_since_the_last_solve_need_no_arming(self) -> None:
        decisions = walked(rules({"benchmark_move": 0.015}), [{"benchmark_return": 0.02}] * 3)
        assert actions(decisions) == ["resolve"] * 3
        assert {decision.disarmed_after_solve for decision in decisions} == {frozenset()}

    def test_each_clause_is_armed_by_itself(self) -> None:
        """A breach that the last solve left stays quiet; another one fires, and the first again once it was cured."""

        def broken(**by: float) -> dict[str, Any]:
            return {"breaches": tuple(Breach(name, 0.6 + off / 100, 0.6, WEIGHT) for name, off in by.items())}

        days = [
            (broken(credit=1.5), "resolve"),
            (broken(credit=1.5), "hold"),
            (broken(credit=1.5, tips=1.2), "resolve"),
            (broken(credit=0.9), "hold"),
            (broken(credit=1.5), "hold"),
            (broken(credit=0.7), "hold"),
            (broken(credit=1.5), "resolve"),
            ({"breaches": ()}, "hold"),
            (broken(tips=1.2), "resolve"),
        ]
        decisions = walked(rules({"breached_clause": True}), [known for known, _ in days])
        assert actions(decisions) == [action for _, action in days]
        assert decisions[1].readings[0].words.endswith("(already so after the last solve)")

    def test_a_fund_that_could_not_be_sold_calls_once(self) -> None:
        hyg, jnk = Departure("HYG", "no recent close"), Departure("JNK", "AUM too small")
        days = [((hyg,), "resolve"), ((hyg,), "hold"), ((hyg, jnk), "resolve"), ((), "hold"), ((hyg,), "resolve")]
        decisions = walked(rules({"left_eligibility": True}), [{"left": left} for left, _ in days])
        assert actions(decisions) == [action for _, action in days]
