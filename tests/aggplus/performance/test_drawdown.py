"""The deepest drawdown against a search over all pairs of days."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggplus.performance import Drawdown, deepest_drawdown, underwater


def series(values: list[float]) -> pd.Series:
    return pd.Series(values, index=pd.bdate_range("2020-01-06", periods=len(values)), dtype=float)


def day(number: int) -> dt.date:
    return (dt.date(2020, 1, 6), *(dt.date(2020, 1, n) for n in (7, 8, 9, 10, 13, 14)))[number]


def test_high_trough_and_recovery() -> None:
    # Closes 1.5, 0.75, 1.5, 3, 2.25: halves exactly are exact in floating point.
    got = deepest_drawdown(series([0.5, -0.5, 1.0, 1.0, -0.25]))
    assert got == Drawdown(depth=-0.5, start=day(0), trough=day(1), recovery=day(2))


def test_a_fall_from_the_first_day_starts_there_and_may_last() -> None:
    got = deepest_drawdown(series([-0.1, -0.1, 0.05]))
    assert got is not None
    assert got.depth == pytest.approx(-0.19)
    assert (got.start, got.trough, got.recovery) == (day(0), day(1), None)


@pytest.mark.parametrize("values", [[0.0], [0.01, 0.0, 0.02]])
def test_a_record_that_never_fell_has_none(values: list[float]) -> None:
    assert deepest_drawdown(series(values)) is None


@given(st.lists(st.floats(-0.3, 0.3), min_size=1, max_size=60))
def test_no_pair_of_days_falls_deeper(values: list[float]) -> None:
    record = series(values)
    closes = [1.0]
    for value in values:
        closes.append(closes[-1] * (1.0 + value))
    deepest = min(closes[b] / closes[a] - 1.0 for b in range(1, len(closes)) for a in range(b + 1))
    got = deepest_drawdown(record)
    assert (got.depth if got else 0.0) == pytest.approx(deepest, abs=1e-12)
    assert float(underwater(record).min()) == pytest.approx(deepest, abs=1e-12)
    if got is not None and got.recovery is not None:
        assert got.start < got.recovery
        assert got.trough < got.recovery
        growth = np.cumprod(1.0 + record.to_numpy())
        place = [stamp.date() for stamp in record.index]
        assert growth[place.index(got.recovery)] >= max(growth[: place.index(got.trough)].max(initial=1.0), 1.0) - 1e-12
