"""Where in a model document a limit stands, and what to write there instead."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import assert_never

from aggplus.model import Model
from constraints import TARGET_CLAUSE
from optimizer import RiskScaling
from optimizer.conflicts.repair import Move
from optimizer.risk_target import ConstantVolatility, DynamicBeta, DynamicRisk, TrackingError

_PERCENT = 100.0
_DIGITS = 6
_DECIMALS = 15

_KEYS: Mapping[str, str] = MappingProxyType(
    {
        "position cap": "limits.max_weight",
        "duration": "limits.duration",
        "expense ratio": "limits.expense_ratio_bp",
        "beta": "limits.beta",
        "share of daily volume": "limits.max_adv_share",
        "share of fund assets": "limits.max_aum_share",
        "turnover": "limits.max_turnover",
    }
)
"""By the name of the clause; the limits of a group, a sector or a fund stand under its own name."""

_RANGES = frozenset({"duration", "expense ratio", "beta"})


@dataclass(frozen=True)
class DocumentChange:
    """One number of a model document.

    Parameters
    ----------
    key : str
        As a reader would find it: "limits.max_weight", "limits.group.credit.max" for the group of that name.
    value : float
        What to write, in the unit of the document.
    """

    key: str
    value: float


def document_change(model: Model, move: Move) -> DocumentChange:
    """What a move means for the model's document.

    Parameters
    ----------
    model : Model
    move : Move
    """
    if move.clause == TARGET_CLAUSE:
        return _target(model, move)
    limits, name = model.limits, move.clause
    if name in limits.sector:
        key = f"limits.sector.{name}.{move.side}"
    elif any(group.name == name for group in limits.group):
        key = f"limits.group.{name}.{move.side}"
    elif name in _KEYS:
        key = f"{_KEYS[name]}.{move.side}" if name in _RANGES else _KEYS[name]
    elif move.side in ("below", "above"):
        key = f"limits.active.{name.removesuffix(' against benchmark')}.{move.side}"
    else:
        key = f"limits.fund.{name.removeprefix('fund ')}.{move.side}"
    return DocumentChange(key, move.to)


def _target(model: Model, move: Move) -> DocumentChange:
    match model.target:
        case DynamicRisk(multiple=multiple):
            return DocumentChange("target.multiple", _scaled(multiple, move))
        case RiskScaling(beta=beta):
            return DocumentChange("target.beta", _scaled(beta, move))
        case DynamicBeta():
            return DocumentChange("target.beta", move.to)
        case ConstantVolatility() | TrackingError():
            return DocumentChange("target.value", round(move.to / _PERCENT, _DECIMALS))
        case _:
            assert_never(model.target)


def _scaled(number: float, move: Move) -> float:
    """The number from which today's target follows in proportion, rounded in the direction of the move."""
    steps = round(number * move.to / move.start * 10.0**_DIGITS, 3)
    return (math.ceil(steps) if move.to > move.start else math.floor(steps)) / 10.0**_DIGITS
