"""Draw docs/report.png, the monthly report of the built-in market as a browser shows it: `make docs-report`."""

from __future__ import annotations

import io
import shutil
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from aggplus import load_model, simulated_market
from aggplus.model import SHIPPED
from aggplus.report import gallery_of, html_page, monthly_report

PICTURE = Path(__file__).with_name("report.png")
_WIDTH, _HEIGHT, _GAP, _EDGE = 1100, 1810, 40, "#D8D8D8"
_COLOURS = 256


def _part(page: Page, top: float) -> Image.Image:
    shot = page.screenshot(full_page=True, clip={"x": 0, "y": top, "width": _WIDTH, "height": _HEIGHT})
    return Image.open(io.BytesIO(shot)).convert("RGB")


def draw(html: str) -> Image.Image:
    """Two pieces of the page side by side: its head, and a model's section.

    Parameters
    ----------
    html : str
    """
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        file = Path(folder) / "report.html"
        file.write_text(html, encoding="utf-8")
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": _WIDTH, "height": 900})
        page.goto(file.as_uri())
        page.wait_for_function(
            "document.querySelectorAll('[data-chart]').length === document.querySelectorAll('[data-drawn]').length"
        )
        model = page.locator("section.model").first.bounding_box() or {"y": 0.0}
        parts = [_part(page, 0.0), _part(page, model["y"] - 24.0)]
        browser.close()
    whole = Image.new("RGB", (2 * _WIDTH + 3 * _GAP, _HEIGHT + 2 * _GAP), _EDGE)
    for place, part in enumerate(parts):
        whole.paste(part, (_GAP + place * (_WIDTH + _GAP), _GAP))
    small = whole.resize((whole.width * 2 // 3, whole.height * 2 // 3), Image.Resampling.LANCZOS)
    return small.quantize(_COLOURS, Image.Quantize.MAXCOVERAGE, kmeans=8, dither=Image.Dither.NONE)


if __name__ == "__main__":
    report = monthly_report([load_model(name) for name in SHIPPED], simulated_market(), "2024-01")
    draw(html_page(report, gallery_of(report))).save(PICTURE, optimize=True)
    print(f"{PICTURE.name}: {PICTURE.stat().st_size / 1e3:.0f} kB")
