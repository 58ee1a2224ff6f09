"""Charts below one another under one title and one legend: as a page of their own, or as one vector picture."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from html import escape

from aggplus.charts.pictures import STARTER, Picture, library, policy, spec_text, svg_of
from aggplus.charts.theme import FAINT, FONT, INK
from aggplus.charts.through_time import Key

_CLIP = re.compile(r'(\bid="|url\(#)(clip\d+)')
_SIZE = re.compile(r'<svg[^>]* width="([\d.]+)" height="([\d.]+)"')

_TITLE, _HEADING, _LINE, _GAP = 15, 12, 20, 10
"""Pixels: letters of the title and of a chart's own heading, the height of a line, and between two charts."""
_MARGIN = 16
_LETTER = 0.56
"""Width of a letter by its height."""
_SWATCH = 26


@dataclass(frozen=True, eq=False)
class Plate:
    """Charts that belong together.

    Parameters
    ----------
    title : str
    words : str
        What they show, on a page.
    pictures : tuple of Picture
        With keys of their own; several have their titles above them.
    keys : tuple of Key
        The legend of all of them.
    """

    title: str
    words: str
    pictures: tuple[Picture, ...]
    keys: tuple[Key, ...] = ()


def plate_page(plate: Plate) -> bytes:
    """A page that needs nothing else to be opened.

    Parameters
    ----------
    plate : Plate
    """
    program, title = library(), escape(plate.title)
    legend = "".join(
        f'<li><span style="border-top: 3px {"dashed" if key.dashed else "solid"} {key.colour}"></span>'
        f"{escape(key.label)}</li>"
        for key in plate.keys
    )
    figures = "".join(
        f"<figure>{f'<h2>{escape(picture.title)}</h2>' if len(plate.pictures) > 1 else ''}"
        f'<div data-chart="spec-{picture.key}"></div></figure>'
        for picture in plate.pictures
    )
    specs = "".join(
        f'<script type="application/json" id="spec-{picture.key}">{spec_text(picture)}</script>\n'
        for picture in plate.pictures
    )
    page = f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy(program, STARTER)}">
<title>{title}</title>
<style>body {{ margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: {INK}; font-family: {FONT}; }}
h1, h2, li {{ overflow-wrap: anywhere; }} h1 {{ font-size: 1.2rem; }} h2 {{ font-size: 0.9rem; margin: 1rem 0 0; }}
.vega-embed {{ width: 100%; }} figure {{ margin: 0; }} ul {{ list-style: none; padding: 0; font-size: 0.85rem; }}
li {{ display: inline-block; margin-right: 1.5rem; }}
li span {{ display: inline-block; width: 1.4rem; margin-right: 0.4rem; vertical-align: middle; }}</style></head>
<body><h1>{title}</h1><p>{escape(plate.words)}</p>
{f"<ul>{legend}</ul>" if legend else ""}
{figures}
{specs}<script>{program}</script>
<script>{STARTER}</script>
</body></html>
"""
    return page.encode()


def plate_svg(plate: Plate, width: int) -> str:
    """One vector picture, with title and legend.

    Parameters
    ----------
    plate : Plate
    width : int
        Pixels, a margin included.
    """
    inside = width - 2 * _MARGIN
    parts: list[str] = []
    y = 0.0
    for line in textwrap.wrap(plate.title, int(inside / (_LETTER * _TITLE)), break_on_hyphens=False):
        y += _LINE
        parts.append(_text(0.0, y, line, _TITLE, INK, bold=True))
    y = _legend(plate.keys, parts, y, inside)
    for picture in plate.pictures:
        y += _GAP
        if len(plate.pictures) > 1:
            y += _LINE
            parts.append(_text(0.0, y, picture.title, _HEADING, INK, bold=True))
            y += _GAP / 2
        drawn = svg_of(picture, inside)
        size = _SIZE.search(drawn)
        if size is None:
            raise ValueError(f"the picture {picture.key} has no size")
        # Clips are told apart by the chart: all stand in one document now.
        own = _CLIP.sub(rf"\g<1>{picture.key}-\g<2>", drawn)
        parts.append(own.replace("<svg", f'<svg y="{y:g}"', 1))
        y += float(size[2])
    body, height = "\n".join(parts), y + 2 * _MARGIN
    size_of_all = f'width="{width}" height="{height:g}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size_of_all} viewBox="0 0 {width} {height:g}">\n'
        f'<rect {size_of_all} fill="white"/>\n'
        f'<g transform="translate({_MARGIN} {_MARGIN})">\n{body}\n</g>\n</svg>\n'
    )


def _legend(keys: tuple[Key, ...], parts: list[str], y: float, width: int) -> float:
    """Draw the legend in lines, and give where it ends."""
    x = float(width)
    for key in keys:
        length = _SWATCH + _LETTER * _HEADING * len(key.label) + 2 * _GAP
        if x + length > width:
            x, y = 0.0, y + _LINE
        dashes = ' stroke-dasharray="5 3"' if key.dashed else ""
        line = f'x1="{x:g}" y1="{y - 4:g}" x2="{x + _SWATCH - 6:g}" y2="{y - 4:g}"'
        parts.append(f'<line {line} stroke="{key.colour}" stroke-width="3"{dashes}/>')
        parts.append(_text(x + _SWATCH, y, key.label, _HEADING, FAINT, bold=False))
        x += length
    return y


def _text(x: float, y: float, words: str, size: int, colour: str, *, bold: bool) -> str:
    weight = ' font-weight="bold"' if bold else ""
    font = escape(FONT, quote=True)
    plain = "".join(letter if letter.isprintable() else " " for letter in words)
    place = f'x="{x:g}" y="{y:g}" font-family="{font}" font-size="{size}" fill="{colour}"{weight}'
    return f"<text {place}>{escape(plain)}</text>"
