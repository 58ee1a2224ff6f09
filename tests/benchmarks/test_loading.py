"""The markets that loading is measured on: as large as they say, and the same in every form."""

from pathlib import Path

import pandas as pd
import pytest

from benchmarks.loading import draw_market, page, rewrite
from universe import load_market


def test_every_form_loads_to_the_same_panel(tmp_path: Path) -> None:
    drawn = tmp_path / "drawn"
    drawn.mkdir()
    draw_market(drawn, funds=20, sessions=300, prices=4321)
    expected = load_market(drawn).prices
    assert expected.shape[1] == 20
    assert expected.count().sum() == 4321
    for form in ("long", "wide"):
        for file in ("prices.parquet", "prices.csv"):
            folder = tmp_path / f"{form}-{file}"
            folder.mkdir()
            found = load_market(rewrite(drawn, folder, form, file)).prices
            pd.testing.assert_frame_equal(found, expected, rtol=1e-15)


def test_a_page_says_when_the_machine_was_busy() -> None:
    row = {"market": "large", "form": "long", "file": "prices.csv", "bytes": 1, "prices": 2, "load_s": 3.0}
    row |= {"busy_s": 2.0, "process_s": 4.0, "memory_gb": 0.5}
    record = {"machine": "one", "load": 1.0, "versions": {}, "rows": [row]}
    assert "| 3.00 | 2.00 | 4.00 | 0.50 | under 8 s and 3 GB |" in page(record)
    assert "kept it busy" not in page(record)
    assert "kept it busy meanwhile (load 9.0)" in page({**record, "load": 9.0})


@pytest.mark.parametrize("prices", [20, 6000])
def test_any_number_of_prices_can_be_drawn(tmp_path: Path, prices: int) -> None:
    assert load_market(draw_market(tmp_path, funds=20, sessions=300, prices=prices)).prices.count().sum() == prices
