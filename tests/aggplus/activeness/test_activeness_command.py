"""`aggplus activeness` from a shell, and its charts in a browser."""

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from aggplus.activeness import Window, activeness
from aggplus.activeness.chart import activeness_plate, rolling_plate
from aggplus.activeness.labels import placed
from aggplus.charts import plate_page
from universe import Market

Run = Callable[..., Any]
Refuse = Callable[..., str]


@pytest.fixture
def funds(small: Market) -> list[str]:
    return [ticker for ticker in small.prices.columns if ticker != "AGG"]


def test_table_and_files(run: Run, small_folder: Path, small: Market, funds: list[str]) -> None:
    files = ("--json", "a.json", "--csv", "a.csv", "--chart", "a.svg", "--rolling", "r.svg")
    ran = run("activeness", *funds[:2], "--market", small_folder, "--window-days", 60, *files)
    assert (ran.code, ran.err) == (0, "")
    assert "Activeness against AGG, rolling over 60 days, small" in ran.out
    record = json.loads(Path("a.json").read_text())
    assert {row["ticker"] for row in record["funds"]} == {"AGG", *funds[:2]}
    assert record["window"] == {"length": 60, "unit": "days"}
    rolled = pd.read_csv("a.csv", parse_dates=["date"])
    own = rolled[rolled["name"] == funds[0]].set_index("date")
    found = activeness(small, funds[:2], window=Window(60))
    np.testing.assert_allclose(own["beta"], found.beta[funds[0]].dropna(), rtol=1e-12)
    for name, count in (("a.svg", 1), ("r.svg", 2)):
        root = ET.fromstring(Path(name).read_text())
        assert sum(element.tag.endswith("}svg") for element in root.iter()) == 1 + count


def test_models_walk_beside_sectors(run: Run, small_folder: Path) -> None:
    window = ("--window-days", 30, "--json", "a.json", "--chart", "a.png", "--quiet")
    ran = run("activeness", "--sector", "tips", "--model", "baseline", "--market", small_folder, *window)
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    rows = json.loads(Path("a.json").read_text())["funds"]
    assert [row["ticker"] for row in rows if row["kind"] == "model"] == ["ModelPort20"]
    assert [row["sector"] for row in rows if row["kind"] == "fund"] == ["tips"] * 3
    with Image.open("a.png") as picture:
        assert abs(picture.width - 1800) <= 4


def test_the_same_run_gives_the_same_bytes(run: Run, small_folder: Path, funds: list[str]) -> None:
    command = ("activeness", *funds[:5], "--market", small_folder, "--window-days", 60)
    for name in ("one", "two"):
        run(*command, "--chart", f"{name}.html", "--json", f"{name}.json", "--csv", f"{name}.csv")
    for kind in ("html", "json", "csv"):
        assert Path(f"one.{kind}").read_bytes() == Path(f"two.{kind}").read_bytes()


class TestBadInput:
    @pytest.fixture
    def refused(self, refuse: Refuse, small_folder: Path) -> Refuse:
        return lambda *more: refuse("activeness", "--market", small_folder, *more)

    def test_nothing_to_measure(self, refused: Refuse) -> None:
        assert "nothing to measure: give tickers, --model or --sector" in refused()

    def test_unknown_names(self, refused: Refuse) -> None:
        assert "XYZZY is not a fund of small with prices" in refused("XYZZY")
        assert "'tipps'" in refused("--sector", "tipps")
        assert "did you mean 'AGG'?" in refused("AGG", "--benchmark", "AGGG")

    def test_windows(self, refused: Refuse) -> None:
        assert "give one of them" in refused("AGG", "--window-days", 60, "--months", 12)
        assert "is too short for a correlation" in refused("AGG", "--months", 3)

    def test_files(self, refused: Refuse) -> None:
        assert "expected a name that ends in one of them" in refused("AGG", "--chart", "a.pdf")
        assert "the folder nowhere does not exist" in refused("AGG", "--csv", "nowhere/a.csv")
        assert "asked for twice" in refused("AGG", "--csv", "a", "--json", "a")


@pytest.mark.parametrize("width", [1280, 390])
def test_the_chart_in_a_browser(chromium: Any, small: Market, funds: list[str], tmp_path: Path, width: int) -> None:
    net = small.prices.iloc[:, 0].pct_change(fill_method=None).iloc[1:]
    models = {"=</script><b>": net, "Second": 0.5 * net}
    found = activeness(small, funds[1:8], models, window=Window(60))
    file = tmp_path / "page.html"
    file.write_bytes(plate_page(activeness_plate(found)))
    page = chromium.open(file, width=width)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    marks = page.locator("svg g.role-mark.mark-symbol path")
    kinds = [mark.get_attribute("aria-roledescription") for mark in marks.all()]
    assert sorted(kinds) == ["circle"] * 7 + ["point"] * 3
    texts = page.locator("svg g.role-mark.mark-text text").all_text_contents()
    assert {"Second", "AGG", "=</script><b>"} <= set(texts)
    marks.first.hover()
    tip = page.locator("#vg-tooltip-element.visible")
    tip.wait_for()
    assert "instability of beta" in tip.inner_text()


def test_lines_through_time_in_a_browser(chromium: Any, small: Market, funds: list[str], tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_bytes(plate_page(rolling_plate(activeness(small, funds[:3], window=Window(60)), funds[:3])))
    page = chromium.open(file)
    assert page.locator("svg g.role-mark.mark-line path").count() == 6
    assert page.locator("li").all_inner_texts() == funds[:3]
    assert page.locator("h2").all_inner_texts() == ["Correlation", "Beta"]


def test_names_do_not_cover_one_another() -> None:
    draw = np.random.default_rng(0)
    dots = [(f"FUND{i}", float(x), float(y)) for i, (x, y) in enumerate(draw.uniform(0, 300, (15, 2)))]
    boxes: list[tuple[float, float, float, float]] = []
    for (name, x, y), label in zip(dots, placed(dots, 300, 300), strict=True):
        if label is not None:
            length = 6.5 * len(name)
            left = x + label.dx - {"left": 0.0, "center": length / 2, "right": length}[label.align]
            boxes.append((left, y + label.dy - 6.5, left + length, y + label.dy + 6.5))
    assert len(boxes) >= 10
    for i, one in enumerate(boxes):
        assert 0 <= one[0] <= one[2] <= 300
        for other in boxes[:i]:
            assert one[0] >= other[2] or other[0] >= one[2] or one[1] >= other[3] or other[1] >= one[3]
