"""Reading calendar days from text, strictly."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

# A time of day may follow and is dropped; anything looser ("1/2/2020", "2020") can be read in two ways.
_ISO_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}.*)?"

_EARLIEST = np.datetime64("1900-01-01", "D")
_LATEST = np.datetime64("2199-12-31", "D")


def days_from_text(texts: Sequence[str]) -> NDArray[np.datetime64]:
    """Days written ``YYYY-MM-DD``, a time of day allowed behind it.

    Parameters
    ----------
    texts
        Length n.

    Returns
    -------
    ndarray of datetime64[D], shape (n,)
        NaT where the text is no such day.
    """
    series = pd.Series(list(texts), dtype="str")
    iso = series.str.fullmatch(_ISO_DAY).to_numpy(dtype=bool, na_value=False)
    parsed = pd.to_datetime(series.where(iso).str[:10], format="%Y-%m-%d", errors="coerce")
    return parsed.to_numpy(dtype="datetime64[D]")


def day_from_text(text: str) -> dt.date | None:
    """The day written in one text, as `days_from_text` reads it; None if there is none."""
    if re.fullmatch(_ISO_DAY, text) is None:
        return None
    try:
        return dt.date.fromisoformat(text[:10])
    except ValueError:
        return None


def plausible(days: NDArray[np.datetime64]) -> NDArray[np.bool_]:
    """Whether each day lies in 1900 to 2199: outside, a date is a unit mistaken for another. NaT is not."""
    return np.asarray((days >= _EARLIEST) & (days <= _LATEST))
