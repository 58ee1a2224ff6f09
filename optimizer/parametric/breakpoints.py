"""How far the present segment goes: the first quantity or price that would pass its limit.

Along a segment everything is a straight line, so a condition  slack >= 0  with slack u and rate du < 0 fails after a
step u / -du. It is divided out only when the condition fails within the shortest step so far, which is seldom.
"""

from __future__ import annotations

from typing import NamedTuple

from optimizer.parametric.compiled import inlined
from optimizer.parametric.state import Move, State

END = 0
RELEASE = 1
HOLD_LOWER = 2
HOLD_UPPER = 3


class Breakpoint(NamedTuple):
    """The end of a segment.

    Parameters
    ----------
    step : float
        Length of the segment.
    event : int
        END, RELEASE, HOLD_LOWER or HOLD_UPPER.
    code : int
        The quantity.
    """

    step: float
    event: int
    code: int


class Noise(NamedTuple):
    """Rates up to these are rounding, and following them would be chasing nothing.

    Parameters
    ----------
    quantity, price : float
    scale : float
        Of the prices' rates.
    horizon : float
        A step beyond this is never taken: what would fail after it does not fail.
    """

    quantity: float
    price: float
    scale: float
    horizon: float


@inlined
def first_breakpoint(n: int, state: State, move: Move, length: float, noise: Noise) -> Breakpoint:
    """The first condition to fail within `length`.

    Parameters
    ----------
    n : int
        How many of the quantities are funds.
    state : State
    move : Move
    length : float
    noise : Noise
    """
    x, p, side, dx, dp = state.x, state.p, state.side, move.dx, move.dp
    lower, upper, dlower, dupper = state.data.lower, state.data.upper, move.rates.lower, move.rates.upper
    members, place, size = state.working.code, state.working.place, state.working.size[0]
    step, event, code = min(length, noise.horizon), END, x.size
    for a in range(x.size):
        speed = side[a] * dp[a]
        if speed < -noise.price and side[a] * p[a] + step * speed < 0.0:
            step, event, code = max(0.0, side[a] * p[a] / -speed), RELEASE, a
    # Loose are the funds of the working set, and the rows outside it.
    for k in range(size + x.size - n):
        a = members[k] if k < size else n + k - size
        if (a < n) == (k < size) and (k < size or place[a] < 0):
            down, up = dx[a] - dlower[a], dupper[a] - dx[a]
            if down < -noise.quantity and x[a] - lower[a] + step * down < 0.0:
                step, event, code = max(0.0, (x[a] - lower[a]) / -down), HOLD_LOWER, a
            if up < -noise.quantity and upper[a] - x[a] + step * up < 0.0:
                step, event, code = max(0.0, (upper[a] - x[a]) / -up), HOLD_UPPER, a
    return Breakpoint(step, event, code)
