"""Parameters of estimators as the numbers they have to be."""

from __future__ import annotations

import math
from numbers import Integral, Real
from typing import SupportsFloat, SupportsInt, cast

from riskmodels.errors import EstimationError


def whole_number(name: str, value: object, least: int) -> int:
    """A parameter that counts something.

    Parameters
    ----------
    name : str
        For the message.
    value : object
    least : int

    Raises
    ------
    EstimationError
        When it is not a whole number from `least` up.
    """
    whole = isinstance(value, Integral) and not isinstance(value, bool)
    if not whole or int(cast(SupportsInt, value)) < least:
        raise EstimationError(f"{name} is {value!r}: expected a whole number from {least} up")
    return int(cast(SupportsInt, value))


def positive_number(name: str, value: object) -> float:
    """A parameter that measures something.

    Parameters
    ----------
    name : str
        For the message.
    value : object

    Raises
    ------
    EstimationError
        When it is not a positive, finite number.
    """
    real = isinstance(value, Real) and not isinstance(value, bool)
    number = float(cast(SupportsFloat, value)) if real else math.nan
    if not 0.0 < number < math.inf:
        raise EstimationError(f"{name} is {value!r}: expected a positive number")
    return number
