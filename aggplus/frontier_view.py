"""A frontier in print."""

from __future__ import annotations

import pandas as pd
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from aggplus.frontier_record import chosen_rows, largest_holdings
from aggplus.model_frontier import ModelFrontier
from optimizer import Frontier

_LARGEST = 4
"""Holdings named in a row."""


def frontier_view(frontier: ModelFrontier, most: int) -> RenderableType:
    """Corners, where the model's portfolio and the benchmark lie, and the proof.

    Parameters
    ----------
    frontier : ModelFrontier
    most : int
        Rows to show at most.
    """
    setting = frontier.portfolio.setting
    title = f"{setting.model.name} ({setting.model.id}) on {setting.asof:%Y-%m-%d}, {setting.market}"
    parts: list[RenderableType] = [Text(f"Efficient frontier of {title}", style="bold")]
    if (found := frontier.found) is not None:
        parts += [_extent(frontier, found, most), _table(frontier, most), Text(), *_verdicts(frontier, found)]
    else:
        parts += [Text(f"{frontier.status}: there is no frontier", style="bold red")]
        parts += [Text(f"  {finding}", style="bold red") for finding in frontier.findings]
    return Group(*parts, *(Text(f"Note: {warning}", style="yellow") for warning in frontier.warnings))


def holdings_view(weights: pd.Series, measure: str, risk: float) -> RenderableType:
    """The portfolio of the frontier at a risk.

    Parameters
    ----------
    weights : Series
        Fractions by ticker.
    measure : str
        `volatility` or `tracking_error`.
    risk : float
        A fraction.
    """
    title = Text(f"\nOn the frontier at a {measure.replace('_', ' ')} of {100 * risk:.6g} %", style="bold")
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("ticker", no_wrap=True)
    table.add_column("weight", justify="right", no_wrap=True)
    for ticker, weight in weights.items():
        table.add_row(Text(str(ticker)), f"{100 * weight:.2f} %")
    return Group(title, table)


def _extent(frontier: ModelFrontier, found: Frontier, most: int) -> Text:
    count = len(frontier.corners)
    kind = "corner portfolios" if found.points == "corners" else "points of a grid"
    shown = "" if count <= most else f"; {most} of them are shown, --all shows every one"
    return Text(f"{count} {kind}{shown}\n")


def _table(frontier: ModelFrontier, most: int) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("", no_wrap=True)
    for name in ("volatility", "exp. return", "beta", "track. error", "funds"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("largest", overflow="ellipsis", no_wrap=True)
    corners = frontier.corners
    for k in chosen_rows(len(corners), most):
        row = corners.iloc[k]
        table.add_row(
            str(k + 1),
            f"{100 * row['volatility']:.2f} %",
            f"{100 * row['expected_return']:.2f} %",
            f"{row['beta']:.2f}",
            f"{100 * row['tracking_error']:.2f} %",
            f"{int(row['holdings'])}",
            Text(largest_holdings(frontier, k, _LARGEST)),
        )
    portfolio, setting = frontier.portfolio, frontier.portfolio.setting
    if portfolio.risk is not None and portfolio.expected_return is not None:
        risk, funds = portfolio.risk, str(len(portfolio.weights))
        figures = f"{risk.volatility:.2f} %", f"{portfolio.expected_return:.2f} %", f"{risk.beta:.2f}"
        words = Text("the model's own portfolio")
        table.add_row(Text(setting.model.id), *figures, f"{risk.tracking_error:.2f} %", funds, words, style="bold")
    model = setting.risk_model
    table.add_row(
        Text(setting.model.benchmark),
        f"{model.sigma_b:.2f} %",
        f"{model.mu_b:.2f} %",
        "1.00",
        "0.00 %",
        "",
        "benchmark",
    )
    return table


def _verdicts(frontier: ModelFrontier, found: Frontier) -> list[Text]:
    certificate, below = found.certificate, frontier.below_frontier_bp
    every = "every portfolio of it" if found.points == "corners" else "every point"
    words = [
        f"certified, {every}: at most {certificate.gap_bp:.2g} bp a year could be gained at its risk, "
        f"no clause is broken by more than {certificate.max_violation:.1g}"
    ]
    if below is not None:
        target = frontier.portfolio.setting.target
        aim = f"{target.kind.replace('_', ' ')} target {target.value:.2f}{'' if target.kind == 'beta' else ' %'}"
        on = "on the frontier" if abs(below) < 0.01 else f"{below:.2f} bp a year below the frontier at its risk"
        words.append(f"{frontier.portfolio.setting.model.id} ({aim}) lies {on}")
    return [Text(line) for line in words]
