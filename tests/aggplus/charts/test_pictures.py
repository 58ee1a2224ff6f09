"""A chart is drawn in a real browser without a network, has hover, and is a vector picture as well."""

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import altair as alt
import pytest

from aggplus.charts import Picture, chart_page, picture_of, require_charts, svg_of
from aggplus.errors import OutputError

EVIL = "</script><img src=x onerror=alert(1)><!-- &amp; {{ 7*7 }} 'quoted' \"double\""


def chart(name: str = "Baseline") -> Picture:
    rows = [{"x": 1.0, "y": 2.0, "name": name}, {"x": 2.0, "y": 3.0, "name": f"{name} too"}]
    marks = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_circle(size=400, clip=True)
        .encode(x="x:Q", y="y:Q", tooltip=[alt.Tooltip("name:N", title=name)])
    )
    return picture_of(marks.properties(height=200), key="dots", title=f"Dots of {name}", words="Two dots.")


def test_a_page_draws_its_chart_without_a_network(chromium: Any, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_bytes(chart_page(chart()))
    page = chromium.open(file)
    assert page.locator("svg .mark-symbol path").count() == 2
    assert page.locator("svg[aria-label], svg [aria-label]").count() > 0
    page.locator("svg .mark-symbol path").first.hover()
    tip = page.locator("#vg-tooltip-element.visible")
    tip.wait_for()
    assert "Baseline" in tip.inner_text()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_a_name_never_becomes_markup(chromium: Any, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_bytes(chart_page(chart(EVIL)))
    page = chromium.open(file, width=390)
    assert page.locator("img").count() == 0
    assert EVIL in page.inner_text("h1")
    page.locator("svg .mark-symbol path").first.hover()
    page.locator("#vg-tooltip-element.visible").wait_for()
    assert page.locator("img").count() == 0
    assert page.locator("#vg-tooltip-element").inner_text().count("onerror") == 2


def test_a_vector_picture_is_well_formed_whatever_the_names() -> None:
    root = ET.fromstring(svg_of(chart(EVIL), 640))
    assert float(root.attrib["width"]) == pytest.approx(640.0, abs=2.0)
    tags = {element.tag.split("}")[1] for element in root.iter()}
    assert tags <= {"svg", "g", "path", "rect", "text", "line", "defs", "clipPath", "circle"}
    assert svg_of(chart(), 640) == svg_of(chart(), 640)
    assert chart_page(chart()) == chart_page(chart())


def test_a_missing_library_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aggplus.charts.pictures.find_spec", lambda name: None if name == "vl_convert" else object())
    with pytest.raises(OutputError, match=r"vl-convert-python, not installed: pip install 'aggplus\[report\]'$"):
        require_charts()
