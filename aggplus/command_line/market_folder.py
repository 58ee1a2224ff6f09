"""Which market is meant."""

from __future__ import annotations

import os

_VARIABLE = "AGGPLUS_MARKET"


def named_market(option: object) -> str | None:
    """The folder of `--market`, else of the environment; None for the built-in market.

    Parameters
    ----------
    option : Path or str, optional
        As the command line has it.
    """
    return (os.environ.get(_VARIABLE) or None) if option is None else str(option)
