"""Yields and views: read, refused, blended."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodels import EstimationError, read_views, read_yields, unrated
from riskmodels.outlook import blended, carry


def written(folder: Path, text: str) -> Path:
    path = folder / "figures.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_users_column_of_yields_is_read_blanks_unknown(tmp_path: Path) -> None:
    path = written(tmp_path, "\ufeffticker,name,sec_yield\nHYG,iShares,7.5\nAGG,,4.25 \nBIL,,\n\n")
    yields = read_yields(path, "sec_yield")
    assert yields.to_dict() == {"HYG": 7.5, "AGG": 4.25}
    assert unrated(yields, ["AGG", "BIL", "HYG", "LQD"]) == ("BIL", "LQD")
    np.testing.assert_array_equal(carry(yields, ["AGG", "HYG"]), [4.25, 7.5])
    with pytest.raises(EstimationError, match=r"no yield for BIL, LQD \(2 of 3 funds\)"):
        carry(yields, ["AGG", "BIL", "LQD"])
    with pytest.raises(EstimationError, match=r"expected_return\.yields"):
        carry(None, ["AGG"])


def test_views_are_read(tmp_path: Path) -> None:
    views = read_views(written(tmp_path, "confidence,ticker,annual_percent,why\n0.5,HYG,-2,spreads\n1,LQD,6.0,\n"))
    assert views.loc["HYG"].to_dict() == {"annual_percent": -2.0, "confidence": 0.5}
    assert len(views) == 2


@given(c=st.floats(0.0, 1.0), v=st.floats(-50.0, 50.0), m=st.floats(-50.0, 50.0))
def test_a_view_is_the_posterior_mean_of_one_observation(c: float, v: float, m: float) -> None:
    """Prior variance 1, observation variance (1 - c) / c: precision-weighted mean."""
    views = pd.DataFrame({"annual_percent": [v, 99.0], "confidence": [c, 1.0]}, index=["HYG", "ELSEWHERE"])
    found = blended(np.array([3.0, m]), ["AGG", "HYG"], views)
    if c == 0.0:
        expected = m
    elif c == 1.0:
        expected = v
    else:
        precision = c / (1.0 - c)
        expected = (m + precision * v) / (1.0 + precision)
    assert found[1] == pytest.approx(expected, abs=1e-9)
    assert found[0] == 3.0


def test_without_views_nothing_changes() -> None:
    estimate = np.array([1.0, 2.0])
    assert blended(estimate, ["A", "B"], None) is estimate


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ticker,annual_percent\nHYG,1\n", "has no column 'confidence' (found: ticker, annual_percent)"),
        ("", "has no column 'ticker' (found: none)"),
        ("ticker,annual_percent,confidence\nHYG,seven,1\n", "annual_percent of HYG is 'seven'"),
        ("ticker,annual_percent,confidence\nHYG,,1\n", "annual_percent of HYG is ''"),
        ("ticker,annual_percent,confidence\nHYG,nan,1\n", "annual_percent of HYG is 'nan'"),
        (
            "ticker,annual_percent,confidence\nHYG,900,1\n",
            "annual_percent of HYG is '900': expected a number of at most 100",
        ),
        ("ticker,annual_percent,confidence\nHYG,7,1.5\n", "confidence of HYG is '1.5': expected a number of at most 1"),
        ("ticker,annual_percent,confidence\nHYG,7,-0.5\n", "confidence of HYG is -0.5: expected 0 to 1"),
        ("ticker,annual_percent,confidence\nHYG,7,1\nHYG,8,1\n", "has HYG twice"),
        ("ticker,annual_percent,confidence\n,7,1\n", "a row without a ticker"),
        ("ticker,annual_percent,confidence\nHYG\n", "confidence of HYG is ''"),
    ],
)
def test_files_that_cannot_be_used_are_refused_in_one_line(tmp_path: Path, text: str, words: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(EstimationError) as caught:
        read_views(path)
    assert words in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_files_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    with pytest.raises(EstimationError, match=r"none\.csv: cannot be read \(No such file"):
        read_views(tmp_path / "none.csv")
    with pytest.raises(EstimationError, match="cannot be read"):
        read_yields(tmp_path, "yield")
    path = tmp_path / "latin.csv"
    path.write_bytes(b"ticker,yield\nHYG,\xff\n")
    with pytest.raises(EstimationError, match="expected a CSV file in UTF-8"):
        read_yields(path, "yield")
    with pytest.raises(EstimationError, match="yield of HYG is 'x'"):
        read_yields(written(tmp_path, "ticker,yield\nHYG,x\n"), "yield")
