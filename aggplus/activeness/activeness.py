"""What measuring activeness comes to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from aggplus.activeness.window import Window


@dataclass(frozen=True, eq=False)
class Activeness:
    """Rolling correlation and beta of funds and models, and how active each is.

    Parameters
    ----------
    benchmark : str
    market : str
    simulated : bool
        Whether the market is no real one.
    window : Window
    start : Timestamp
        The close before the first return looked at.
    end : Timestamp
        The last.
    correlation, beta : DataFrame
        By date, one column a fund or model: over the window that ends on that date. Missing where a window has too few
        returns.
    table : DataFrame
        By fund or model, the most active first: `kind` ("fund", "model" or "benchmark"), `name`, `sector`, `first` and
        `last` return, number of `returns` and `windows`; means `correlation` and `beta`, and `latest_correlation` and
        `latest_beta`; `beta_deviation` (over the windows), `beta_noise` (what estimation alone would make of it),
        `instability` and `score` in [0, 1], missing for short histories; `unchanged`, the share of closes that repeat
        the one before; `note`.
    left_out : dict of str to str
        Who has no figures, and why.
    notes : tuple of str
        What to know, one line each.
    """

    benchmark: str
    market: str
    simulated: bool
    window: Window
    start: pd.Timestamp
    end: pd.Timestamp
    correlation: pd.DataFrame
    beta: pd.DataFrame
    table: pd.DataFrame
    left_out: dict[str, str]
    notes: tuple[str, ...]

    @property
    def rolling(self) -> pd.DataFrame:
        """The rolling figures one a row: date, name, correlation, beta."""
        long = [table.rename_axis(columns="name").stack() for table in (self.correlation, self.beta)]
        return pd.concat(long, axis=1, keys=["correlation", "beta"]).dropna().reset_index()

    def to_dict(self) -> dict[str, Any]:
        """Everything but the rolling figures as plain values."""
        table = self.table.astype(object).where(self.table.notna(), None)
        return {
            "benchmark": self.benchmark,
            "market": self.market,
            "simulated": self.simulated,
            "window": {"length": self.window.length, "unit": self.window.unit},
            "start": f"{self.start:%Y-%m-%d}",
            "end": f"{self.end:%Y-%m-%d}",
            "funds": [
                {"ticker": str(name)} | {key: _plain(value) for key, value in row.items()}
                for name, row in table.to_dict(orient="index").items()
            ],
            "left_out": dict(self.left_out),
            "notes": list(self.notes),
            "units": {
                "correlation, latest_correlation": "to the benchmark, -1 to 1; the mean over all windows, and the last",
                "beta_deviation, beta_noise": "of beta over the windows, and what estimation alone would make of it",
                "instability, score": "0 to 1",
                "unchanged": "fraction of closes",
            },
        }


def _plain(value: Any) -> Any:
    return f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else value
