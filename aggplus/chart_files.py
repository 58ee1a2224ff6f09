"""Pictures as files: PNG, or one HTML file that needs nothing else to be opened.

Colours are those of Okabe & Ito (2008), which the colour-blind can tell apart.
"""

from __future__ import annotations

import io
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aggplus.errors import OutputError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BLUE, VERMILION, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#666666"

_LIBRARY = {".png": "matplotlib", ".html": "plotly"}


def require_chart(path: Path) -> None:
    """Refuse a chart that cannot be drawn, before any work is done for it.

    Parameters
    ----------
    path : Path

    Raises
    ------
    OutputError
        When the extension is unknown or the library for it is not installed.
    """
    library = _LIBRARY.get(path.suffix.lower())
    if library is None:
        raise OutputError(f"{path}: a chart is drawn as .png or .html; expected a name that ends in one of them")
    if find_spec(library) is None:
        raise OutputError(f"{path}: needs {library}, which is not installed: pip install 'aggplus[charts]'")


def png_bytes(figure: Figure) -> bytes:
    """A figure of matplotlib as the content of a file.

    Parameters
    ----------
    figure : Figure
        With a canvas.
    """
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()


def html_page(figure: Any) -> bytes:
    """A figure of plotly as the content of a file.

    Parameters
    ----------
    figure : plotly Figure
    """
    # The library is in the file itself, and its logo, which is a link, is not.
    page = figure.to_html(include_plotlyjs=True, full_html=True, config={"displaylogo": False})
    return str(page).encode()
