"""Many models side by side with their benchmark."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

import pandas as pd

from aggplus.performance.statistics import Statistics

_OWN_COLUMNS = ("calendar_years", "drawdown")
_DATES = ("drawdown_start", "drawdown_trough", "drawdown_recovery")


def statistics_table(models: Mapping[str, Statistics], benchmark: tuple[str, Statistics] | None = None) -> pd.DataFrame:
    """One row a model, the benchmark last; `.T` for one column a model.

    Parameters
    ----------
    models : mapping of name to Statistics
    benchmark : tuple of name and Statistics, optional
        `statistics_of(b, b)` of the benchmark's returns on the models' days.

    Returns
    -------
    DataFrame
        Rows by name, as fractions: every figure of `Statistics` under its name, each calendar year under its number as
        text, and the deepest drawdown as `drawdown`, `drawdown_start`, `drawdown_trough`, `drawdown_recovery`. What is
        None there is missing here.
    """
    rows = dict(models) if benchmark is None else {**models, benchmark[0]: benchmark[1]}
    years = sorted({year for figures in rows.values() for year in figures.calendar_years})
    table = pd.DataFrame([_row(figures, years) for figures in rows.values()], index=pd.Index(list(rows), name="model"))
    # A figure that no model has would be a column of None, on which nothing can be computed.
    return table.astype({name: float for name in table.columns[table.isna().all()] if name not in _DATES})


def _row(figures: Statistics, years: list[int]) -> dict[str, object]:
    row: dict[str, object] = {
        field.name: getattr(figures, field.name) for field in fields(figures) if field.name not in _OWN_COLUMNS
    }
    row |= {str(year): figures.calendar_years.get(year) for year in years}
    fall = figures.drawdown
    row["drawdown"] = None if fall is None else fall.depth
    row["drawdown_start"] = None if fall is None else fall.start
    row["drawdown_trough"] = None if fall is None else fall.trough
    row["drawdown_recovery"] = None if fall is None else fall.recovery
    return row
