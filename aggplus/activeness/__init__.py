"""How active funds and models are beside the benchmark: low correlation and unstable beta mark an active one.

>>> from aggplus.activeness import activeness
>>> activeness(market, ["BOND", "HYG"], {"ModelPort20": track.net}).table  # doctest: +SKIP
"""

from aggplus.activeness.activeness import Activeness
from aggplus.activeness.measuring import activeness
from aggplus.activeness.window import DEFAULT_WINDOW, Window

__all__ = [
    "DEFAULT_WINDOW",
    "Activeness",
    "Window",
    "activeness",
]
