"""Charts: one declaration is a chart with hover on a page and a vector picture on paper.

>>> from aggplus.charts import picture_of, svg_of
>>> drawn = picture_of(chart, key="growth", title="Growth of 1", words="...")  # doctest: +SKIP
>>> svg_of(drawn, width=640)                                                   # doctest: +SKIP
"""

from aggplus.charts.palette import (
    BENCHMARK_COLOUR,
    CASH_COLOUR,
    MODEL_COLOURS,
    SECTOR_COLOURS,
    colour_of_benchmark,
    colour_of_model,
)
from aggplus.charts.pictures import Picture, picture_of, require_charts, svg_of
from aggplus.charts.plate import Plate, plate_page, plate_svg
from aggplus.charts.through_time import Key

__all__ = [
    "BENCHMARK_COLOUR",
    "CASH_COLOUR",
    "MODEL_COLOURS",
    "SECTOR_COLOURS",
    "Key",
    "Picture",
    "Plate",
    "colour_of_benchmark",
    "colour_of_model",
    "picture_of",
    "plate_page",
    "plate_svg",
    "require_charts",
    "svg_of",
]
