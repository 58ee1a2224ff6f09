"""A chart as what it is shown by: a specification for a page, a vector picture for paper."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from aggplus.charts.theme import CONFIG, POINTER
from aggplus.errors import OutputError

if TYPE_CHECKING:
    import altair as alt

EXTRA = "report"
_LIBRARIES = {"altair": "altair", "vl_convert": "vl-convert-python", "jinja2": "jinja2"}

_CLIP = re.compile(r'(\bid="|="url\(#)(clip\d+)')

STARTER = """\
for (const figure of document.querySelectorAll("[data-chart]")) {
  const spec = JSON.parse(document.getElementById(figure.dataset.chart).textContent);
  vegaEmbed(figure, spec, {actions: false, renderer: "svg", ast: true, tooltip: {theme: "aggplus"}})
    .then(() => figure.setAttribute("data-drawn", ""))
    .catch((error) => { console.error(error); figure.textContent = "This chart could not be drawn."; });
}
"""
"""Draws every chart of a page. Expressions are interpreted (`ast`), so that a page may forbid code made from text."""


@dataclass(frozen=True, eq=False)
class Picture:
    """A chart with what is said of it.

    Parameters
    ----------
    key : str
        Names it on a page: letters, digits and hyphens.
    title : str
    words : str
        What it shows, for who cannot see it.
    spec : dict
        Of Vega-Lite, themed; as wide as what it stands in.
    """

    key: str
    title: str
    words: str
    spec: dict[str, Any]


def require_charts() -> None:
    """Refuse charts before any work is done for them.

    Raises
    ------
    OutputError
        When a library that draws them is not installed.
    """
    missing = [name for module, name in _LIBRARIES.items() if find_spec(module) is None]
    if missing:
        raise OutputError(
            f"charts are drawn with {' and '.join(missing)}, not installed: pip install 'aggplus[{EXTRA}]'"
        )


def picture_of(chart: alt.TopLevelMixin, *, key: str, title: str, words: str) -> Picture:
    """A chart of Altair with the house's theme.

    Parameters
    ----------
    chart : Chart or LayerChart of Altair
        Without a width, a configuration and a title of its own.
    key, title, words : str
        See `Picture`.
    """
    spec: dict[str, Any] = json.loads(chart.to_json(validate=False))
    spec.pop("$schema", None)
    spec |= {"config": CONFIG, "width": "container", "autosize": {"type": "fit-x", "contains": "padding"}}
    return Picture(key, title, words, spec | {"description": f"{title}. {words}"})


def svg_of(picture: Picture, width: int) -> str:
    """The chart as a vector picture.

    Parameters
    ----------
    picture : Picture
    width : int
        Pixels, axes included.
    """
    import vl_convert

    spec = picture.spec | {"width": width}
    if "layer" in spec:
        spec["layer"] = [layer for layer in spec["layer"] if layer.get("name") != POINTER]
        spec["params"] = [one for one in spec.get("params", ()) if POINTER not in one.get("views", ())]
    drawn = str(vl_convert.vegalite_to_svg(spec, vl_version=_version()))
    # Clips are numbered through the life of the process: numbered anew, the same chart is the same picture.
    numbers: dict[str, str] = {}
    return _CLIP.sub(lambda found: found[1] + numbers.setdefault(found[2], f"clip{len(numbers)}"), drawn)


def data_address(svg: str) -> str:
    """A vector picture as the address of an image, so that nothing in it can become a part of the page.

    Parameters
    ----------
    svg : str
    """
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


@cache
def library() -> str:
    """The program that draws charts in a browser, as text for one script element."""
    import vl_convert

    program = str(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", vl_version=_version()))
    if "</script" in program.lower() or "<!--" in program:
        raise ValueError("the library of the charts cannot stand in a page: it holds the end of a script")
    return program


def spec_text(picture: Picture) -> str:
    """The specification as text for a script element: no character in it can end the element.

    Parameters
    ----------
    picture : Picture
    """
    text = json.dumps(picture.spec, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def policy(*scripts: str) -> str:
    """What a browser may do with a page: run these scripts and no other, and fetch nothing.

    Parameters
    ----------
    *scripts : str
        The whole text of each script element.
    """
    digests = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in scripts)
    allowed = " ".join(f"'sha256-{digest}'" for digest in digests)
    return f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data:; form-action 'none'"


def _version() -> str:
    """The version of Vega-Lite that Altair writes, as vl-convert names it."""
    from altair import SCHEMA_VERSION

    return ".".join(SCHEMA_VERSION.lstrip("v").split(".")[:2])
