"""Meet a risk target with a solver that only takes a risk aversion: find the root of R(w(t)) = sigma*.

w(t) minimises  w'Sigma w / 2 - t mu'w  and its risk does not fall as t grows. Between two values of t with the same
active set w(t) is a straight line, on which R^2 is a quadratic; its root is where the next t is tried.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.peers.instance import Day, Floats

RISK_MET = 5e-6
"""How closely the target is met, relative to itself."""

_STRIDE = 3.0
_PROGRAMS = 60


@dataclass(frozen=True, eq=False)
class _Point:
    t: float
    w: Floats
    risk: float


class RiskRoot:
    """A root-find that begins where the one before it, for a similar problem, ended."""

    def __init__(self) -> None:
        self._t = 1.0
        self._met: tuple[Day, int] | None = None

    def meet(self, day: Day, variant: int, solve: Callable[[float], Floats]) -> Floats:
        """Weights whose risk is the variant's target, shape (n,).

        By strides to both sides of the root, then along the line between the two.

        Parameters
        ----------
        day : Day
        variant : int
        solve : callable
            From t to w(t).

        Raises
        ------
        RuntimeError
            When the target is not met after 60 programs.
        """
        target = day.variants[variant].target
        low, high = 0.0, np.inf
        # Nothing would be left to find where a timing repeats a variant.
        again = self._met is not None and self._met[0] is day and self._met[1] == variant
        points = [_at(solve, day, 1.0 if again else self._t)]
        while len(points) < _PROGRAMS:
            last = points[-1]
            if abs(last.risk - target) <= RISK_MET * target:
                self._t, self._met = last.t, (day, variant)
                return last.w
            low, high = (last.t, high) if last.risk < target else (low, last.t)
            points.append(_at(solve, day, _next(points, day, target, low, high)))
        raise RuntimeError(f"the risk target of {target:.6g} % was not met in {_PROGRAMS} programs")


def mean_size(day: Day) -> float:
    """Root of the mean variance: dividing by it brings the mean variance to 1, as absolute tolerances expect.

    Parameters
    ----------
    day : Day
    """
    return float(np.sqrt(np.mean((day.loadings**2).sum(axis=1) + day.specific**2)))


def _at(solve: Callable[[float], Floats], day: Day, t: float) -> _Point:
    w = solve(t)
    return _Point(t, w, day.volatility(w))


def _next(points: Sequence[_Point], day: Day, target: float, low: float, high: float) -> float:
    """The next t to try: where R = target on the line through the last two points, kept within the bracket."""
    last = points[-1]
    stride = last.t * (_STRIDE if last.risk < target else 1.0 / _STRIDE)
    if len(points) == 1:
        return stride
    before = points[-2]
    slow = len(points) > 3 and abs(last.risk - target) > 0.3 * abs(points[-3].risk - target)
    t = last.t + crossing(day, target, last.w, before.w) * (before.t - last.t)
    if low > 0.0 and high < np.inf:
        return t if low < t < high and not slow else float(np.sqrt(low * high))
    return float(np.clip(t, last.t / _STRIDE**2, last.t * _STRIDE**2)) if low < t < high else stride


def crossing(day: Day, target: float, start: Floats, end: Floats) -> float:
    """Where R = target on the line  start + x (end - start): the root x nearest to the start, not a number without one.

    R^2 is a quadratic along a line.

    Parameters
    ----------
    day : Day
    target : float
    start, end : ndarray, shape (n,)
    """
    slope = float(day.covariance_with(start) @ (end - start))
    at_start = day.volatility(start) ** 2
    bend, gap = day.volatility(end) ** 2 - at_start - 2.0 * slope, target**2 - at_start
    square = slope**2 + bend * gap
    if square < 0.0 or slope == 0.0:
        return np.nan
    return float(gap / (slope + np.copysign(np.sqrt(square), slope)))
