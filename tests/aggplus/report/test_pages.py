"""The report as a reader sees it: in a real browser without a network, wide and narrow, and on paper."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

WIDTHS = (1280, 390)

# Text that stands out of its box, wherever no box around it scrolls; and words of a chart that are cut off or collide.
OUT_OF_BOX = """() => {
  const wrong = [];
  const inScroll = (el) => el.closest('.scroll') !== null;
  for (const el of document.querySelectorAll('body *')) {
    if (el.closest('svg') || el.closest('.hidden') || el.closest('script, style, noscript')) continue;
    const style = getComputedStyle(el);
    if (style.display === 'none' || style.display === 'inline' || el.matches('.scroll')) continue;
    if (el.scrollWidth > el.clientWidth + 1 && el.clientWidth > 0)
      wrong.push(`${el.tagName}.${el.className} is ${el.scrollWidth} wide in ${el.clientWidth}`);
    const box = el.getBoundingClientRect();
    if (!inScroll(el) && (box.left < -0.5 || box.right > document.documentElement.clientWidth + 0.5))
      wrong.push(`${el.tagName}.${el.className} from ${box.left} to ${box.right}`);
  }
  for (const svg of document.querySelectorAll('svg')) {
    const frame = svg.getBoundingClientRect();
    const words = [...svg.querySelectorAll('text')]
      .filter((word) => word.textContent.trim() && getComputedStyle(word).opacity !== '0')
      .map((word) => [word.textContent, word.getBoundingClientRect()]).filter(([, box]) => box.width > 0);
    for (const [text, box] of words) {
      const beside = box.left < frame.left - 1 || box.right > frame.right + 1;
      if (beside || box.top < frame.top - 1 || box.bottom > frame.bottom + 1) wrong.push(`chart text ${text} cut off`);
    }
    words.forEach(([one, a], i) => words.slice(i + 1).forEach(([other, b]) => {
      if (a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1)
        wrong.push(`chart texts ${one} and ${other} overlap`);
    }));
  }
  return wrong;
}"""

DRAWN = """() => [...document.querySelectorAll('[data-chart]')].map((chart) => {
  const box = chart.querySelector('svg').getBoundingClientRect();
  const marks = [...chart.querySelectorAll('svg .mark-line path, svg .mark-area path, svg .mark-symbol path')];
  return {
    marks: marks.filter((mark) => mark.getBoundingClientRect().width > 5).length,
    height: box.height, width: box.width, room: chart.clientWidth,
  };
})"""

CELLS_OVERLAP = """() => {
  const wrong = [];
  for (const row of document.querySelectorAll('tr')) {
    const cells = [...row.children].filter((cell) => getComputedStyle(cell).display !== 'none').map((cell) => {
      const range = document.createRange();
      range.selectNodeContents(cell);
      return [cell.textContent.trim(), range.getBoundingClientRect()];
    }).filter(([text, box]) => text && box.width);
    cells.slice(1).forEach(([text, box], i) => {
      if (box.left < cells[i][1].right - 1) wrong.push(`${cells[i][0]} | ${text}`);
    });
  }
  return wrong;
}"""


@pytest.mark.parametrize("width", WIDTHS)
def test_every_chart_is_drawn_and_nothing_overflows(january: Any, chromium: Any, width: int, screenshots: Path) -> None:
    page = chromium.open(january.html, width)
    page.screenshot(path=screenshots / f"report-{january.name}-{width}.png", full_page=True)
    declared = page.locator("[data-chart]")
    # Growth and drawdowns; sectors and risk of each model; volatility of the one whose target is a beta; activeness.
    assert declared.count() == 2 + 2 * 3 + 1 + 3
    for drawn in page.evaluate(DRAWN):
        assert drawn["marks"] >= 1
        assert drawn["height"] >= 150
        # As wide as what it stands in.
        assert drawn["width"] == pytest.approx(drawn["room"], abs=2.0)
    document = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert document[0] <= document[1]
    assert page.evaluate(OUT_OF_BOX) == []
    assert page.evaluate(CELLS_OVERLAP) == []


def test_charts_follow_the_window(built_in: Any, chromium: Any) -> None:
    page = chromium.open(built_in.html, 1280)
    wide = page.locator("svg").first.bounding_box()["width"]
    page.set_viewport_size({"width": 600, "height": 900})
    page.wait_for_function("document.querySelector('svg').getBoundingClientRect().width < 600")
    assert page.locator("svg").first.bounding_box()["width"] < wide


AXES = """() => [...document.querySelectorAll('svg .role-axis-label')].map((axis) =>
  [...axis.querySelectorAll('text')].filter((word) => getComputedStyle(word).opacity !== '0')
    .map((word) => word.textContent)).filter((words) => words.length)"""


@pytest.mark.parametrize("width", WIDTHS)
def test_axes_of_a_short_record_tell_their_marks_apart(
    run: Any, small_folder: Path, chromium: Any, width: int, tmp_path: Path
) -> None:
    html = tmp_path / "r.html"
    start = "2023-12-29"
    ran = run("report", "--month", "2024-01", "--out", html, "--market", small_folder, "--start", start, "conservative")
    assert ran.code == 0, ran
    page = chromium.open(html, width)
    axes = page.evaluate(AXES)
    assert len(axes) >= 2 * page.locator("[data-chart]").count()
    for words in axes:
        assert len({*words}) == len(words) >= 2, words
    assert page.evaluate(OUT_OF_BOX) == []


def test_a_pointer_reads_the_figures_of_its_day(january: Any, chromium: Any) -> None:
    page = chromium.open(january.html)
    chart = page.locator("[data-chart=spec-growth] svg")
    chart.scroll_into_view_if_needed()
    last = chart.locator(".mark-rule line").last.bounding_box()
    page.mouse.move(last["x"] - 200, last["y"] + 100)
    page.mouse.move(last["x"] - 1, last["y"] + 100, steps=5)
    tip = page.locator("#vg-tooltip-element.visible")
    tip.wait_for()
    said = tip.inner_text()
    day = re.search(r"Date\s+(\d{4}-\d{2}-\d{2})", said)
    assert day is not None
    assert day[1] >= "2024-01-19"
    growth = (1.0 + january.report.models[0].track.daily["net"].loc[: day[1]]).prod()
    assert re.search(rf"Baseline\s+{growth:.3f}", said)


def test_the_page_speaks_to_who_cannot_see_it(built_in: Any, chromium: Any) -> None:
    page = chromium.open(built_in.html)
    assert page.locator("html[lang=en]").count() == 1
    assert page.locator("h1").count() == 1
    charts = page.locator("[data-chart]").all()
    assert all(len(chart.get_attribute("aria-label") or "") > 20 for chart in charts)
    assert page.locator("thead th:not([scope]), tbody th:not([scope])").count() == 0
    assert "Simulated market" in page.locator(".banner").inner_text()


def test_the_file_is_light_and_names_no_address(january: Any) -> None:
    text = january.html.read_text(encoding="utf-8")
    assert len(text.encode()) < 1_600_000
    outside = re.sub(r"<script>.*?</script>", "", text, flags=re.DOTALL)
    assert "http:" not in outside
    assert "https:" not in outside
    assert "@import" not in outside
    assert text.count("<script>") == 2


def pages_of(pdf: Path, folder: Path) -> list[bytes]:
    subprocess.run(["pdftoppm", "-r", "40", "-gray", str(pdf), str(folder / "page")], check=True)
    return [file.read_bytes() for file in sorted(folder.glob("page-*.pgm"))]


def test_on_paper_no_page_is_blank_and_all_is_said(january: Any, tmp_path: Path, screenshots: Path) -> None:
    pages = pages_of(january.pdf, tmp_path)
    assert 5 <= len(pages) <= 10
    for page in pages:
        body = page.split(b"255\n", 1)[1]
        # A page's number alone darkens a ten-thousandth of it.
        assert sum(value < 200 for value in body) > 0.005 * len(body)
    text = subprocess.run(
        ["pdftotext", "-layout", str(january.pdf), "-"], check=True, capture_output=True
    ).stdout.decode()
    for words in ("January 2024", "Growth of 1", "Drawdowns", "Returns by month", "Method and data", "shadow price"):
        assert words.casefold() in text.casefold()
    for one in january.report.models:
        assert all(line.ticker in text for line in one.lines)
    subprocess.run(
        ["pdftoppm", "-r", "60", "-png", str(january.pdf), str(screenshots / f"report-{january.name}-pdf")], check=True
    )
