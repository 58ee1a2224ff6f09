"""How seconds grow with the size of the work."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def exponent(sizes: Sequence[float], seconds: Sequence[float]) -> float:
    """The power of the size that seconds grow with: the slope of a straight line through their logarithms.

    Parameters
    ----------
    sizes, seconds : sequence of float, length k
        Positive; at least two different sizes.

    Raises
    ------
    ValueError
        When there is no such line.
    """
    if len(set(sizes)) < 2 or min(*sizes, *seconds) <= 0.0:
        raise ValueError("growth needs at least two different sizes, and nothing but positive figures")
    slope, _ = np.polyfit(np.log(np.asarray(sizes, dtype=float)), np.log(np.asarray(seconds, dtype=float)), 1)
    return float(slope)
