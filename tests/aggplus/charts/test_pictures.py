"""A chart is drawn in a real browser without a network, has hover, and is a vector picture as well."""

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import altair as alt
import pytest

from aggplus.charts import Key, Picture, Plate, picture_of, plate_page, plate_svg, require_charts, svg_of
from aggplus.errors import OutputError

EVIL = "</script><img src=x onerror=alert(1)><!-- &amp; {{ 7*7 }} 'quoted' \"double\""


def chart_of(name: str) -> alt.Chart:
    rows = [{"x": 1.0, "y": 2.0, "name": name}, {"x": 2.0, "y": 3.0, "name": f"{name} too"}]
    marks = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_circle(size=400, clip=True)
        .encode(x="x:Q", y="y:Q", tooltip=[alt.Tooltip("name:N", title=name)])
    )
    return marks.properties(height=200)


def chart(name: str = "Baseline") -> Picture:
    return picture_of(chart_of(name), key="dots", title=f"Dots of {name}", words="Two dots.")


def page_of(picture: Picture) -> bytes:
    return plate_page(Plate(picture.title, picture.words, (picture,)))


def test_a_page_draws_its_chart_without_a_network(chromium: Any, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_bytes(page_of(chart()))
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
    file.write_bytes(page_of(chart(EVIL)))
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
    assert page_of(chart()) == page_of(chart())


def test_charts_below_one_another_under_one_legend(chromium: Any, tmp_path: Path) -> None:
    pictures = tuple(
        picture_of(chart_of(name), key=f"dots-{place}", title=f"{name} {EVIL}", words="Two dots.")
        for place, name in enumerate(("one", "two"))
    )
    plate = Plate(f"Both {EVIL}", EVIL, pictures, (Key("solid", "#0072B2"), Key(EVIL, "#D55E00", dashed=True)))
    root = ET.fromstring(plate_svg(plate, 640))
    inner = [element for element in root.iter() if element is not root and element.tag.endswith("}svg")]
    assert len(inner) == 2
    ends = [float(one.attrib["y"]) + float(one.attrib["height"]) for one in inner]
    assert (
        float(inner[0].attrib["y"]) < ends[0] <= float(inner[1].attrib["y"]) < ends[1] <= float(root.attrib["height"])
    )
    ids = [element.attrib["id"] for element in root.iter() if "id" in element.attrib]
    assert len(ids) == len(set(ids))
    words = " ".join(element.text or "" for element in root.iter() if element.tag.endswith("}text"))
    assert f"two {EVIL}" in words
    file = tmp_path / "page.html"
    file.write_bytes(plate_page(plate))
    for width in (1280, 390):
        page = chromium.open(file, width=width)
        assert page.locator("[data-drawn]").count() == 2
        assert page.locator("img").count() == 0
        assert page.locator("li").all_inner_texts() == ["solid", EVIL]
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_a_missing_library_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aggplus.charts.pictures.find_spec", lambda name: None if name == "vl_convert" else object())
    with pytest.raises(OutputError, match=r"vl-convert-python, not installed: pip install 'aggplus\[report\]'$"):
        require_charts()
