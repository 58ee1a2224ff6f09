"""`aggplus frontier` from a shell: table, files, pictures that open by themselves, exit codes, bad input."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
from collections.abc import Callable
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from aggplus.charts import pictures
from aggplus.frontier_record import chosen_rows

Run = Callable[..., Any]
Refuse = Callable[..., str]


class Outside(HTMLParser):
    """Whatever a browser would fetch when it opens a page."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[tuple[str, str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {"src", "href", "srcset", "data", "poster", "background", "action"}
        self.fetched += [(tag, key, value) for key, value in attrs if key in named]
        if tag in {"link", "iframe", "object", "embed", "base"}:
            self.fetched.append((tag, "", None))


@pytest.fixture
def client(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "client.toml"
        path.write_text(f'extends = "baseline"\nid = "C"\n{text}', encoding="utf-8")
        return path

    return write


def test_table_and_files(run: Run, small_folder: Path) -> None:
    ran = run("frontier", "baseline", "--market", small_folder, "--json", "f.json", "--csv", "f.csv")
    assert (ran.code, ran.err) == (0, "")
    record = json.loads(Path("f.json").read_text())
    count = len(record["corners"])
    assert f"{count} corner portfolios" in ran.out
    assert "ModelPort20" in ran.out
    assert "lies on the frontier" in ran.out
    rows = list(csv.DictReader(io.StringIO(Path("f.csv").read_text())))
    assert len(rows) == count
    for corner, row in zip(record["corners"], rows, strict=True):
        assert 100.0 * float(row["volatility"]) == pytest.approx(corner["volatility"])
        assert {key: float(row[key]) for key in corner["weights"]} == pytest.approx(corner["weights"])


def test_all_rows_on_demand(run: Run, small_folder: Path, client: Callable[[str], Path]) -> None:
    document = client("[limits]\nmax_weight = 0.1\n")
    some, every = (run("frontier", document, "--market", small_folder, *more).out for more in ((), ("--all",)))
    count = int(some.split(" corner portfolios")[0].split()[-1])
    assert count > 12
    assert "12 of them are shown, --all shows every one" in some
    numbers = [line.split()[0] for line in every.splitlines() if line[:1].isdigit() and "corner" not in line]
    assert numbers == [str(k) for k in range(1, count + 1)]
    shown = [line.split()[0] for line in some.splitlines() if line[:1].isdigit() and "corner" not in line]
    assert len(shown) == 12
    assert (shown[0], shown[-1]) == ("1", str(count))


@pytest.mark.parametrize("count", [1, 12, 13, 40, 1245])
def test_rows_shown_are_spread_from_the_first_to_the_last(count: int) -> None:
    rows = chosen_rows(count, 12)
    assert len(rows) == min(count, 12)
    assert (rows[0], rows[-1]) == (0, count - 1)
    steps = [there - here for here, there in pairwise(rows)]
    assert all(step >= 1 for step in steps)
    assert max(steps, default=1) - min(steps, default=1) <= 1


@pytest.mark.parametrize("asked", ["5.2%", "0.052"])
def test_portfolio_at_a_risk(run: Run, small_folder: Path, asked: str) -> None:
    ran = run("frontier", "baseline", "--market", small_folder, "--target", asked, "--json", "f.json")
    assert (ran.code, ran.err) == (0, "")
    assert "On the frontier at a volatility of 5.2 %" in ran.out
    found = json.loads(Path("f.json").read_text())["at_target"]
    assert found["risk"] == pytest.approx(5.2)
    assert sum(found["weights"].values()) == pytest.approx(1.0)


def test_png_opens_and_is_not_blank(run: Run, small_folder: Path) -> None:
    ran = run("frontier", "baseline", "--market", small_folder, "--chart", "f.png")
    assert (ran.code, ran.err) == (0, "")
    with Image.open("f.png") as picture:
        assert picture.format == "PNG"
        assert picture.width == 1800
        colours = {colour for _, colour in picture.convert("RGB").getcolors(1 << 20) or []}
    # Frontier, model and benchmark, each in its colour.
    assert {(0, 114, 178), (213, 94, 0), (68, 68, 68)} <= colours


def test_the_chart_in_a_browser(run: Run, small_folder: Path, chromium: Any) -> None:
    run("frontier", "baseline", "--market", small_folder, "--chart", "f.html", "--csv", "f.csv", "-q")
    corners = list(csv.DictReader(io.StringIO(Path("f.csv").read_text())))
    for width in (1280, 390):
        page = chromium.open(Path("f.html").resolve(), width=width)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        dots = page.locator("svg path[aria-roledescription=circle]")
        assert dots.count() == len(corners)
        assert page.locator("svg path[aria-roledescription=point]").count() == 2
        texts = page.locator("svg g.role-mark.mark-text text").all_text_contents()
        assert sorted(texts) == ["AGG", "Baseline", "risk target"]
    dots.first.hover()
    tip = page.locator("#vg-tooltip-element.visible")
    tip.wait_for()
    assert "corner 1:" in tip.inner_text()
    assert f"{100 * float(corners[0]['volatility']):.2f}" in tip.inner_text()


def test_html_needs_nothing_else_and_keeps_names_harmless(
    run: Run, small_folder: Path, client: Callable[[str], Path]
) -> None:
    document = client('name = "A</script><img src=x>$B$ & C"\n')
    ran = run("frontier", document, "--market", small_folder, "--chart", "f.HTML")
    assert (ran.code, ran.err) == (0, "")
    page = Path("f.HTML").read_text(encoding="utf-8")
    outside = Outside()
    outside.feed(page)
    assert outside.fetched == []
    assert "corner 1:" in page
    assert run("frontier", document, "--market", small_folder, "--chart", "f.png").code == 0


def test_nothing_allowed(run: Run, small_folder: Path, client: Callable[[str], Path]) -> None:
    document = client("[limits]\nmax_weight = 0.01\n")
    ran = run("frontier", document, "--market", small_folder, "--json", "f.json", "--csv", "f.csv", "--chart", "f.png")
    assert (ran.code, ran.err) == (3, "")
    assert "there is no frontier" in ran.out
    assert "can hold at most 21 % together" in ran.out
    record = json.loads(Path("f.json").read_text())
    assert record["status"] == "infeasible"
    assert any("can hold at most 21 % together" in finding for finding in record["findings"])
    assert not Path("f.csv").exists()
    assert not Path("f.png").exists()


class TestBadInput:
    @pytest.fixture
    def refused(self, refuse: Refuse, small_folder: Path) -> Refuse:
        return lambda *more: refuse("frontier", "baseline", "--market", small_folder, "--json", "f.json", *more)

    @pytest.mark.parametrize("name", ["f.pdf", "f", "f.png.txt"])
    def test_unknown_kind_of_chart(self, refused: Refuse, name: str) -> None:
        line = refused("--chart", name)
        assert line == f"{name}: a chart is drawn as .html, .png or .svg; expected a name that ends in one of them"

    @pytest.mark.parametrize(("module", "library"), [("altair", "altair"), ("vl_convert", "vl-convert-python")])
    def test_library_not_installed(
        self, refused: Refuse, monkeypatch: pytest.MonkeyPatch, module: str, library: str
    ) -> None:
        there = importlib.util.find_spec
        monkeypatch.setattr(pictures, "find_spec", lambda asked: None if asked == module else there(asked))
        line = refused("--chart", "f.png")
        assert line == f"charts are drawn with {library}, not installed: pip install 'aggplus[report]'"

    @pytest.mark.parametrize("asked", ["5.2", "abc", "-1%", "nan", "%", ""])
    def test_target_that_is_no_risk(self, refused: Refuse, asked: str) -> None:
        line = refused(f"--target={asked}")
        assert f"{asked!r} is no risk a year; write 5.2% or 0.052" in line

    def test_target_off_the_frontier_makes_no_file(self, refused: Refuse) -> None:
        line = refused("--target", "90%", "--chart", "f.png")
        assert line.startswith("a risk of 90 % is off the frontier: choose one from ")

    def test_one_file_for_two_results(self, refused: Refuse) -> None:
        assert "asked for twice" in refused("--csv", "f.json")

    def test_folder_that_is_not_there(self, refused: Refuse) -> None:
        assert "the folder nowhere does not exist" in refused("--chart", "nowhere/f.png")
