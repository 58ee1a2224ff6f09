"""How numbers and days read on the page: a true minus, a thin space before the percent sign, a dash for no figure."""

from __future__ import annotations

import datetime as dt
import math
import re

NONE = "–"
_THIN = "\u202f"
_MINUS = re.compile(r"(?<![\w-])-(?=\d)")
_SPACED = re.compile(r"(?<=\d) (?=%)")


def percent(value: float | None, decimals: int = 2) -> str:
    """A fraction as a percentage.

    Parameters
    ----------
    value : float or None
    decimals : int
    """
    return NONE if value is None or math.isnan(value) else f"{plain(100.0 * value, decimals)}{_THIN}%"


def points(value: float | None, decimals: int = 2) -> str:
    """A difference of fractions as percentage points, always with its sign.

    Parameters
    ----------
    value : float or None
    decimals : int
    """
    if value is None or math.isnan(value):
        return NONE
    shown = plain(100.0 * value, decimals)
    return shown if shown.startswith("−") or not shown.strip("0.") else f"+{shown}"


def plain(value: float | None, decimals: int = 2) -> str:
    """A number.

    Parameters
    ----------
    value : float or None
    decimals : int
    """
    if value is None or math.isnan(value):
        return NONE
    # Adding zero keeps rounding from making a zero with a minus.
    return f"{round(value, decimals) + 0.0:.{decimals}f}".replace("-", "−")


def day_of(day: dt.date) -> str:
    """A day: "1 December 2023".

    Parameters
    ----------
    day : date
    """
    return f"{day.day} {day:%B %Y}"


def short_day(day: dt.date) -> str:
    """A day of a month that is named elsewhere: "29 Dec".

    Parameters
    ----------
    day : date
    """
    return f"{day.day} {day:%b}"


def set_in_type(sentence: str) -> str:
    """A sentence of ours with the minus and the space of the page.

    Parameters
    ----------
    sentence : str
    """
    return _SPACED.sub(_THIN, _MINUS.sub("−", sentence))


def sentence(words: str) -> str:
    """Words with a capital and a full stop.

    Parameters
    ----------
    words : str
    """
    return f"{words[:1].upper()}{words[1:].rstrip('.')}."
