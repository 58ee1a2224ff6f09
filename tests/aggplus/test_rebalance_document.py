"""`[rebalance]` in a model document: what is read and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

import aggplus
from aggplus.model import SHIPPED
from constraints import MandateError
from optimizer.scheduling import RebalanceRules, Triggers, triggers_of


def client(folder: Path, text: str) -> RebalanceRules:
    path = folder / "client.toml"
    path.write_text(f'extends = "baseline"\n{text}\n', encoding="utf-8")
    return aggplus.load_model(path).rebalance


def test_shipped_models_keep_their_three_triggers() -> None:
    for name in SHIPPED:
        rules = aggplus.load_model(name).rebalance
        assert [trigger.name for trigger in triggers_of(rules)] == ["volatility_change", "benchmark_move", "max_days"]
        assert rules.cool_down_days == 42


def test_every_key(tmp_path: Path) -> None:
    rules = client(
        tmp_path,
        """
[rebalance]
check = "daily"
cool_down_days = 5
rearm = 0.5
[rebalance.triggers]
volatility_change = 0.3
benchmark_move = 0.02
max_days = 63
calendar = "quarter_end"
every_days = 21
weight_drift = 0.05
risk_drift = 0.1
breached_clause = true
left_eligibility = true
expected_gain = { horizon_days = 63, factor = 2 }
""",
    )
    assert (rules.cool_down_days, rules.rearm) == (5, 0.5)
    assert [trigger.name for trigger in triggers_of(rules)] == list(Triggers.model_fields)


def test_false_turns_an_inherited_trigger_off(tmp_path: Path) -> None:
    """A client who wants month ends alone could not say so otherwise."""
    rules = client(
        tmp_path,
        "[rebalance.triggers]\nvolatility_change = false\nbenchmark_move = false\nmax_days = false\n"
        'calendar = "month_end"\nbreached_clause = false\nexpected_gain = false\n',
    )
    assert [trigger.name for trigger in triggers_of(rules)] == ["calendar"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[rebalance]\ncool_down = 5", "unknown key rebalance.cool_down, did you mean cool_down_days?"),
        ("[rebalance]\ncool_down_days = -1", "rebalance.cool_down_days = -1: expected at least 0"),
        ("[rebalance]\ncool_down_days = 2.5", "rebalance.cool_down_days = 2.5: expected a whole number"),
        ("[rebalance]\nrearm = 1.5", "rebalance.rearm = 1.5: expected at most 1"),
        ("[rebalance]\nrearm = 0", "rebalance.rearm = 0: expected more than 0"),
        ('[rebalance]\ncheck = "weekly"', "rebalance.check = 'weekly': expected 'daily'"),
        ("[rebalance]\ncool_down_days = 253", "cool_down_days = 253 would hold back triggers.max_days = 252"),
        ("[rebalance]\ncool_down_days = 22\ntriggers.every_days = 21", "hold back triggers.every_days = 21"),
        ('[rebalance.triggers]\ncalendar = "month-end"', "did you mean 'month_end'?"),
        ("[rebalance.triggers]\ncalendar = true", "rebalance.triggers.calendar = true: expected 'month_end', "),
        ("[rebalance.triggers]\nevery_days = 0", "rebalance.triggers.every_days = 0: expected at least 1"),
        ("[rebalance.triggers]\nvolatility_change = 0", "rebalance.triggers.volatility_change = 0: expected more"),
        ("[rebalance.triggers]\nvolatility_change = true", "rebalance.triggers.volatility_change = true: expected a n"),
        ("[rebalance.triggers]\nbenchmark_move = nan", "rebalance.triggers.benchmark_move = nan: expected a finite"),
        ("[rebalance.triggers]\nweight_drift = 5", "rebalance.triggers.weight_drift = 5: expected less than 1"),
        ("[rebalance.triggers]\nrisk_drift = -0.1", "rebalance.triggers.risk_drift = -0.1: expected more than 0"),
        (
            '[rebalance.triggers]\nbreached_clause = "yes"',
            "rebalance.triggers.breached_clause = 'yes': expected true or",
        ),
        ("[rebalance.triggers]\nleft_eligible = false", "unknown key rebalance.triggers.left_eligible, did you mean l"),
        ("[rebalance.triggers]\nexpected_gain = 2", "rebalance.triggers.expected_gain = 2: expected a table"),
        ("[rebalance.triggers.expected_gain]\nfactor = 2", "rebalance.triggers.expected_gain.horizon_days is missing"),
        (
            "[rebalance.triggers.expected_gain]\nhorizon_days = 63\nfactor = 0",
            "rebalance.triggers.expected_gain.factor = 0: expected more than 0",
        ),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(MandateError) as refused:
        client(tmp_path, text)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
