"""What a task comes to for one model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from aggplus.model_portfolios import Refusal


@dataclass(frozen=True, eq=False)
class Finished:
    """A model whose task is done.

    Parameters
    ----------
    model, name : str
        Its id and its name.
    record : dict
        The result as plain values.
    net : Series or None
        Daily net returns, as fractions by date; None of a task that has none.
    """

    model: str
    name: str
    record: dict[str, Any]
    net: pd.Series | None


class Fault(Refusal):
    """A model on which the program failed: not the input is to blame, but aggplus."""


Outcome = Finished | Refusal
"""A result, or the reason why there is none."""
