"""Variants of a model: a grid document whose axes are options over a base.

>>> from aggplus.variants import read_grid
>>> models = read_grid("examples/variants.toml").models()  # doctest: +SKIP
"""

from aggplus.variants.gathering import Gathered, gather_models
from aggplus.variants.grid import Grid, read_grid

__all__ = ["Gathered", "Grid", "gather_models", "read_grid"]
