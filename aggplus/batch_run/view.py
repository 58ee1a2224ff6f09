"""A batch in print."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

import pandas as pd
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from aggplus.batch_run.result import BatchResult
from aggplus.performance import PerformanceError, backtest_overfitting, deflated_sharpe

_PERCENT = "percent"

_COLUMNS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "expected_return": ("exp. return", _PERCENT),
        "cumulative": ("cumulative", _PERCENT),
        "volatility": ("volatility", _PERCENT),
        "beta": ("beta", ".2f"),
        "alpha": ("alpha", _PERCENT),
        "sharpe": ("Sharpe", ".2f"),
        "drawdown": ("drawdown", _PERCENT),
        "turnover_per_year": ("turnover", ".2f"),
        "rebalances": ("solves", ".0f"),
        "names": ("names", ".0f"),
        "gap_bp": ("gap bp", ".2g"),
    }
)
"""Figures of a table that are shown, with title and format; `table.csv` has all of them."""


def batch_view(result: BatchResult) -> RenderableType:
    """A table of all variants, the reasons of those without a result, and what choosing the best of them is worth.

    Parameters
    ----------
    result : BatchResult
    """
    table = result.table
    shown = [name for name in _COLUMNS if name in table]
    page = Table(title=f"\n{result.task.words}", title_justify="left", title_style="bold", box=None, pad_edge=False)
    page.add_column("id", no_wrap=True)
    page.add_column("name")
    alike = table["status"].nunique() == 1 and not result.refusals
    if not alike:
        page.add_column("status", no_wrap=True)
    for name in shown:
        page.add_column(Text(_COLUMNS[name][0]), justify="right", no_wrap=True)
    for row in table.to_dict("records"):
        cells = [_cell(row[name], _COLUMNS[name][1]) for name in shown]
        page.add_row(Text(row["id"]), Text(row["name"]), *([] if alike else [row["status"]]), *cells)
    reasons = [Text(f"{refusal.model}: {refusal.why}", style="yellow") for refusal in result.refusals]
    return Group(page, *reasons, *(Text(sentence) for sentence in _luck(result.returns)))


def _cell(value: object, form: str) -> str:
    if not isinstance(value, int | float) or math.isnan(value):
        return ""
    return f"{100 * value:.2f} %" if form == _PERCENT else format(value, form)


def _luck(returns: pd.DataFrame | None) -> list[str]:
    """How much of the best of the variants is the luck of having tried many; nothing where that cannot be told."""
    if returns is None or returns.shape[1] < 2:
        return []
    judges: list[Callable[[pd.DataFrame], str]] = [_deflated, _overfitting]
    sentences = []
    for judge in judges:
        try:
            sentences.append(judge(returns))
        except PerformanceError as error:
            sentences.append(f"Luck cannot be judged: {error}")
    return sentences


def _deflated(returns: pd.DataFrame) -> str:
    found = deflated_sharpe(returns)
    return (
        f"Best by Sharpe ratio (over 0): {found.variant} with {found.sharpe:.2f}; the best of {found.trials} without "
        f"any skill would have {found.threshold:.2f}: deflated Sharpe ratio {100 * found.probability:.0f} %"
    )


def _overfitting(returns: pd.DataFrame) -> str:
    found = backtest_overfitting(returns)
    return (
        f"Probability of backtest overfitting: {100 * found.probability:.0f} % (how often the best of one half of "
        "history is below the median of the other)"
    )
