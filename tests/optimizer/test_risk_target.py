"""Today's target by each rule, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import BaseModel, ValidationError

from constraints import BETA, VOLATILITY
from optimizer import Correlation, OptimizerError, RiskScaling, RiskTarget, TargetRule, plain_target, scaled_target


class Model(BaseModel):
    target: TargetRule


def rule(**fields: object) -> TargetRule:
    return Model.model_validate({"target": fields}).target


@pytest.mark.parametrize(
    ("fields", "kind", "value"),
    [
        ({"algorithm": "dynamic_risk"}, "volatility", 7.3),
        ({"algorithm": "dynamic_risk", "multiple": 1.2}, "volatility", 8.76),
        ({"algorithm": "dynamic_beta"}, "beta", 1.0),
        ({"algorithm": "dynamic_beta", "beta": 0.8}, "beta", 0.8),
        ({"algorithm": "constant_volatility", "value": 0.05}, "volatility", 5.0),
        ({"algorithm": "tracking_error", "value": 0.015}, "tracking_error", 1.5),
    ],
)
def test_plain_rules(fields: dict[str, object], kind: str, value: float) -> None:
    target = plain_target(rule(**fields), 7.3)
    assert (target.algorithm, target.kind, target.match) == (fields["algorithm"], kind, "at_most")
    assert target.value == pytest.approx(value, rel=1e-15)
    assert target.unit is (BETA if kind == "beta" else VOLATILITY)


@pytest.mark.parametrize(
    ("beta", "rho", "value", "kept"),
    [
        (1.0, 0.8, 7.0 / 0.8, False),
        (1.5, 0.8, 7.0 * 1.5 / 0.8, False),
        (1.0, 0.5, 14.0, False),
        (1.0, 0.49, 14.0, True),
        (1.0, -0.9, 14.0, True),
        (1.0, 0.0, 14.0, True),
        (1.0, 1.0, 7.0, False),
        (1.0, 1.0 + 1e-12, 7.0, True),
    ],
)
def test_risk_scaling(beta: float, rho: float, value: float, kept: bool) -> None:
    target = scaled_target(RiskScaling(algorithm="risk_scaling", beta=beta), 7.0, Correlation(rho, "ex ante"))
    assert target.kind == "volatility"
    assert target.value == pytest.approx(value, rel=1e-15)
    assert ("kept at" in target.basis) is kept
    assert "ex ante" in target.basis


def test_the_floor_of_the_correlation_is_the_models_own() -> None:
    scaling = RiskScaling(algorithm="risk_scaling", rho_min=0.9)
    assert scaled_target(scaling, 9.0, Correlation(0.3, "record")).value == pytest.approx(10.0, rel=1e-15)


@pytest.mark.parametrize("rho", [np.nan, np.inf])
def test_a_correlation_that_is_no_number_is_not_a_low_one(rho: float) -> None:
    """A record that never moved has none; taking it for the floor would double the risk."""
    with pytest.raises(OptimizerError, match="record of 3 days"):
        scaled_target(RiskScaling(algorithm="risk_scaling"), 7.0, Correlation(rho, "record of 3 days"))


@pytest.mark.parametrize(
    "fields",
    [
        {"algorithm": "dynamic_risk", "multiple": 0.0},
        {"algorithm": "risk_scaling", "rho_min": 0.0},
        {"algorithm": "risk_scaling", "rho_min": 1.1},
        {"algorithm": "constant_volatility"},
        {"algorithm": "constant_volatility", "value": 5.0},
        {"algorithm": "tracking_error", "value": -0.01},
        {"algorithm": "dynamic_risk", "value": 0.05},
        {"algorithm": "dynamic_risks"},
        {"algorithm": "dynamic_risk", "match": "exactly"},
    ],
)
def test_documents_that_make_no_sense(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        rule(**fields)


def test_a_target_of_its_own_unit() -> None:
    assert RiskTarget("dynamic_beta", "beta", 1.0, "equal", "fixed").unit is BETA
