"""A trigger, and what it reads on a day."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NoReturn, Protocol

from optimizer.errors import OptimizerError
from optimizer.scheduling.state import Quantity, RebalanceState


class Trigger(Protocol):
    """One reason to solve again."""

    @property
    def name(self) -> str:
        """Its key in the document."""

    @property
    def unit(self) -> str:
        """Unit of its values."""

    @property
    def needs(self) -> tuple[Quantity, ...]:
        """Quantities of the state that it looks at."""

    @property
    def hard(self) -> bool:
        """Whether it does not wait for the end of a cool-down."""

    def reading(self, state: RebalanceState) -> Reading:
        """What it reads; OptimizerError when the state lacks what it needs."""

    def words(self, reading: Reading) -> str:
        """The reading as a sentence."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A trigger's value against its threshold. The words are made when they are asked for.

    Parameters
    ----------
    trigger : Trigger
    state : RebalanceState
        What it was read from.
    value : float or None
        None for an expected gain that nobody has looked at.
    threshold : float or None
        In the unit of the value; None for a gain whose cost nobody has looked at.
    fired : bool
    quiet : tuple of str
        What stays disarmed from before.
    latched : tuple of str
        What fired and is disarmed by a solve until it has calmed down.
    """

    trigger: Trigger
    state: RebalanceState
    value: float | None
    threshold: float | None
    fired: bool
    quiet: tuple[str, ...] = ()
    latched: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """The reading as a sentence."""
        return self.trigger.words(self)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {
            "trigger": self.trigger.name,
            "value": None if self.value is None else float(self.value),
            "threshold": None if self.threshold is None else float(self.threshold),
            "unit": self.trigger.unit,
            "fired": bool(self.fired),
            "words": self.words,
        }


def lacking(trigger: Trigger, state: RebalanceState) -> NoReturn:
    """Refuse a state without the numbers that a trigger needs.

    Parameters
    ----------
    trigger : Trigger
    state : RebalanceState

    Raises
    ------
    OptimizerError
        Always; the line shows what was found.
    """
    found = ", ".join(f"{quantity} = {getattr(state, quantity)!r}" for quantity in trigger.needs)
    raise OptimizerError(
        f"{state.day:%Y-%m-%d}: the trigger {trigger.name} cannot be read from {found}: expected finite numbers, "
        "volatilities above zero; `needs(rules)` lists what a state must hold"
    )


def compared(value: float, threshold: float, decimals: int = 1) -> str:
    """A value in print, with as many decimals as it takes to see on which side of the threshold it lies.

    Parameters
    ----------
    value, threshold : float
        In units of print.
    decimals : int
        At least.
    """
    side = math.copysign(value != threshold, value - threshold)
    for digits in range(decimals, 10):
        shown = round(value, digits)
        if math.copysign(shown != threshold, shown - threshold) == side:
            return f"{value:.{digits}f}"
    return f"{value:.10g}"


def than(value: float, threshold: float) -> str:
    """How the value of a trigger that fires above its threshold stands to it, in words."""
    return "more than" if value > threshold else "not more than"


def still_waiting(reading: Reading, level: str) -> str:
    """The end of the sentence of a trigger that is disarmed, or nothing.

    Parameters
    ----------
    reading : Reading
    level : str
        What it must fall below, in print.
    """
    if not reading.quiet:
        return ""
    return f"; the last solve did not cure it, and it fires again only after it has been below {level}"
