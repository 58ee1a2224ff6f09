"""How every chart looks: calm lines, no frame, letters that are on any machine."""

from __future__ import annotations

from typing import Any

FONT = "'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', sans-serif"
INK, FAINT, GRID = "#222222", "#5A5A5A", "#E6E6E6"

CONFIG: dict[str, Any] = {
    "background": "white",
    "font": FONT,
    "view": {"stroke": None},
    "axis": {
        "labelColor": FAINT,
        "titleColor": FAINT,
        "labelFontSize": 11,
        "titleFontSize": 11,
        "titleFontWeight": "normal",
        "gridColor": GRID,
        "domainColor": GRID,
        "tickColor": GRID,
        "labelOverlap": True,
        "labelFlush": False,
    },
    "axisX": {"grid": False, "domainColor": "#999999", "tickColor": "#999999"},
    "axisY": {"domain": False, "ticks": False, "labelPadding": 6, "tickCount": 5},
    "legend": {"disable": True},
    "line": {"strokeWidth": 1.8, "strokeJoin": "round"},
    "text": {"font": FONT, "fontSize": 11, "color": INK},
}
"""Configuration of Vega-Lite. Legends stand beside the chart, in text that wraps."""

POINTER = "pointer"
"""Name of a layer that only answers to a pointer, and has no place on paper."""
