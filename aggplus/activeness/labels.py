"""Where the names of dots stand, so that they do not cover one another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

_LETTER, _LINE, _DOT = 6.5, 13.0, 8.0
"""Pixels: width of a letter, height of a line, and from a dot to its name."""


@dataclass(frozen=True)
class Label:
    """A name beside its dot; `dx` and `dy` in pixels, `align` as in Vega."""

    align: Literal["left", "right", "center"]
    dx: float
    dy: float


_SIDES: tuple[tuple[Literal["left", "right"], float], ...] = (("left", _DOT), ("right", -_DOT))
_PLACES = (
    Label("left", _DOT, 0.0),
    Label("right", -_DOT, 0.0),
    Label("center", 0.0, -_DOT - 4.0),
    Label("center", 0.0, _DOT + 6.0),
    *(Label(align, dx, sign * lines * _LINE) for lines in (1, 2, 3, 4) for sign in (-1, 1) for align, dx in _SIDES),
)
"""Tried in this order."""


def placed(dots: Sequence[tuple[str, float, float]], width: float, height: float) -> list[Label | None]:
    """A place for each name, the first ones first; None where there is no room.

    Parameters
    ----------
    dots : sequence of (name, x, y)
        In pixels from the upper left corner.
    width, height : float
        Of the chart.
    """
    marks = [(x - 4.0, y - 4.0, x + 4.0, y + 4.0) for _, x, y in dots]
    names: list[_Box] = []
    found: list[Label | None] = []
    for name, x, y in dots:
        free = [
            (label, box)
            for label in _PLACES
            if _inside(box := _box(name, x + label.dx, y + label.dy, label.align), width, height)
            and not any(_meet(box, other) for other in names)
        ]
        # A name may cover other dots where there is no better place, never another name.
        clear = [(label, box) for label, box in free if not any(_meet(box, mark) for mark in marks)]
        best = next(iter(clear or free), None)
        found.append(None if best is None else best[0])
        names += [] if best is None else [best[1]]
    return found


_Box = tuple[float, float, float, float]


def _box(name: str, x: float, y: float, align: str) -> _Box:
    length = _LETTER * len(name)
    left = {"left": x, "right": x - length, "center": x - length / 2.0}[align]
    return left, y - _LINE / 2.0, left + length, y + _LINE / 2.0


def _inside(box: _Box, width: float, height: float) -> bool:
    return box[0] >= 0.0 and box[2] <= width and box[1] >= -_LINE / 2.0 and box[3] <= height


def _meet(one: _Box, other: _Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
