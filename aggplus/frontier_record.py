"""A frontier as a JSON record, as CSV and as a notebook shows it."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING, Any

from aggplus.answer import NEGLIGIBLE_WEIGHT

if TYPE_CHECKING:
    from aggplus.model_frontier import ModelFrontier

SHOWN = 12
"""Corners in a table that is meant to be read."""

_SHARED = ("model", "name", "market", "benchmark", "asof")
_OF_PORTFOLIO = ("status", "findings", "weights", "risk", "expected_return", "certificate")
_PERCENTS = ("volatility", "expected_return", "net_return", "tracking_error")


def as_frontier_record(frontier: ModelFrontier) -> dict[str, Any]:
    """Plain Python values that `json` writes without help. Weights are fractions; risk and return annualised percent.

    Parameters
    ----------
    frontier : ModelFrontier
    """
    portfolio, found, model = frontier.portfolio.to_dict(), frontier.found, frontier.portfolio.setting.risk_model
    return {
        **{key: portfolio[key] for key in _SHARED},
        "status": frontier.status,
        "findings": list(frontier.findings),
        "measure": frontier.measure,
        "points": None if found is None else found.points,
        "corners": [
            {
                **{name: _plain(name, row[name]) for name in frontier.corners.columns},
                "weights": {
                    str(ticker): float(weight) for ticker, weight in held.items() if weight > NEGLIGIBLE_WEIGHT
                },
            }
            for (_, row), (_, held) in zip(frontier.corners.iterrows(), frontier.weights.iterrows(), strict=True)
        ],
        "certificate": None
        if found is None
        else {
            "gap_bp": found.certificate.gap_bp,
            "max_violation": found.certificate.max_violation,
            "kkt_residual": found.certificate.kkt_residual,
            "ok": found.certificate.ok,
        },
        "portfolio": {
            **{key: portfolio[key] for key in _OF_PORTFOLIO},
            "below_frontier_bp": frontier.below_frontier_bp,
        },
        "benchmark_point": {"volatility": model.sigma_b, "expected_return": model.mu_b},
        "warnings": list(frontier.warnings),
        "seconds": frontier.seconds,
        "versions": portfolio["versions"],
        "units": {
            "weights": "fraction of the portfolio",
            "volatility, tracking_error, expected_return, net_return": "percent a year; net of trading costs",
            "risk_tolerance": "fractions: 1 / it is the aversion to variance; null on a grid",
            "below_frontier_bp": "basis points a year, at the risk of the model's own portfolio",
        },
    }


def _plain(name: str, value: float) -> float | int | None:
    if name == "holdings":
        return int(value)
    return None if math.isnan(value) else float(value) * (100.0 if name in _PERCENTS else 1.0)


def csv_bytes(frontier: ModelFrontier) -> bytes:
    """One line a corner: its figures, then the weight of each fund that some corner holds; all as fractions.

    Parameters
    ----------
    frontier : ModelFrontier
    """
    return frontier.corners.join(frontier.weights).to_csv().encode()


def chosen_rows(count: int, most: int) -> list[int]:
    """At most `most` of `count` rows, evenly spread, with the first and the last.

    Parameters
    ----------
    count, most : int
    """
    if count <= most:
        return list(range(count))
    return [round(k * (count - 1) / (most - 1)) for k in range(most)]


def largest_holdings(frontier: ModelFrontier, row: int, count: int) -> str:
    """The largest holdings of a corner in words.

    Parameters
    ----------
    frontier : ModelFrontier
    row : int
        Position of the corner.
    count : int
        How many of them.
    """
    held = frontier.weights.iloc[row].sort_values(ascending=False, kind="stable").head(count)
    return ", ".join(f"{ticker} {100 * weight:.1f} %" for ticker, weight in held.items() if weight > 0.0)


def frontier_html(frontier: ModelFrontier) -> str:
    """A small HTML fragment: a readable number of corners, the model's point and the benchmark's.

    Parameters
    ----------
    frontier : ModelFrontier
    """
    setting, portfolio = frontier.portfolio.setting, frontier.portfolio
    title = f"Efficient frontier of {setting.model.name} ({setting.model.id}) on {setting.asof:%Y-%m-%d}"
    parts = [f"<h4>{escape(f'{title}, {setting.market}')}: {frontier.status}</h4>"]
    head = ["", "volatility", "exp. return", "beta", "tracking error", "funds", "largest"]
    table, rows = frontier.corners, []
    for at in chosen_rows(len(table), SHOWN):
        row = table.iloc[at]
        figures = [f"{100 * row[name]:.2f} %" for name in ("volatility", "expected_return")]
        figures += [f"{row['beta']:.2f}", f"{100 * row['tracking_error']:.2f} %", f"{int(row['holdings'])}"]
        rows.append([f"corner {at + 1} of {len(table)}", *figures, largest_holdings(frontier, at, 3)])
    if portfolio.risk is not None and portfolio.expected_return is not None:
        risk = portfolio.risk
        figures = [f"{risk.volatility:.2f} %", f"{portfolio.expected_return:.2f} %", f"{risk.beta:.2f}"]
        rows.append([setting.model.id, *figures, f"{risk.tracking_error:.2f} %", f"{len(portfolio.weights)}", ""])
    model = setting.risk_model
    rows.append([setting.model.benchmark, f"{model.sigma_b:.2f} %", f"{model.mu_b:.2f} %", "1.00", "0.00 %", "", ""])
    cells = ["".join(f"<td>{escape(cell)}</td>" for cell in row) for row in rows]
    body = "".join(f"<tr>{row}</tr>" for row in cells)
    parts.append(f"<table><tr>{''.join(f'<th>{escape(cell)}</th>' for cell in head)}</tr>{body}</table>")
    parts += [f"<p>{escape(finding)}</p>" for finding in frontier.findings]
    parts += [f"<p><small>{escape(warning)}</small></p>" for warning in frontier.warnings]
    return "".join(parts)
