"""Charts as a file: a page with hover, a vector picture, or pixels."""

from __future__ import annotations

from pathlib import Path

from aggplus.charts.pictures import require_charts
from aggplus.charts.plate import Plate, plate_page, plate_svg
from aggplus.errors import OutputError

_KINDS = (".html", ".png", ".svg")
_WIDTH = 900
_SCALE = 2
"""Pixels of a PNG for one of the chart's, so that it is sharp in print."""


def require_chart_file(path: Path) -> None:
    """Refuse a chart that cannot be drawn, before any work is done for it.

    Parameters
    ----------
    path : Path

    Raises
    ------
    OutputError
        When the extension is unknown, or a library that draws is not installed.
    """
    if path.suffix.lower() not in _KINDS:
        raise OutputError(f"{path}: a chart is drawn as .html, .png or .svg; expected a name that ends in one of them")
    require_charts()


def chart_file(plate: Plate, path: Path) -> bytes:
    """Charts as the content of a file.

    Parameters
    ----------
    plate : Plate
    path : Path
        Its extension says which kind.
    """
    kind = path.suffix.lower()
    if kind == ".html":
        return plate_page(plate)
    drawn = plate_svg(plate, _WIDTH)
    if kind == ".svg":
        return drawn.encode()
    import vl_convert

    return bytes(vl_convert.svg_to_png(drawn, scale=_SCALE))
