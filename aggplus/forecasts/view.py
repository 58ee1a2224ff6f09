"""A forecast report in print."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from aggplus.forecasts.choice import BARS
from aggplus.forecasts.report import ForecastReport

_KINDS = ("benchmark", "sector", "random", "model")


def report_view(report: ForecastReport) -> Iterator[RenderableType]:
    """The tables of a report, one after the other.

    Parameters
    ----------
    report : ForecastReport
    """
    for period in report.periods:
        yield from _titled(f"{period}: mean over the portfolios of each kind, and over kinds", _by_kind(report, period))
        yield from _titled(f"{period}: realised against forecast volatility", _portfolios(report, period))
        yield from _titled(f"{period}: beta to {report.benchmark}", _betas(report, period))
    yield from _titled(f"Ratio of realised to forecast volatility by year, {report.default}", _years(report))
    yield Text("* what the models stand on; calm: without 24 February to 15 April 2020\n")
    choice = report.choice
    if choice is not None:
        first = next(iter(report.periods))
        yield Text(
            f"The rule chooses {choice.estimator} on {first}; the models stand on {report.default}.", style="bold"
        )
    for words in report.record.failures:
        yield Text(f"Note: no portfolio on {words}", style="yellow")


def _by_kind(report: ForecastReport, period: str) -> Table:
    kinds = report.kinds[period]
    table = _table("estimator")
    for figure in ("QLIKE, month", "QLIKE, day", "bias, month", "bias, day"):
        table.add_column(figure, justify="right")
    for kind in _KINDS:
        table.add_column(kind, justify="right")
    for name in kinds.index.get_level_values("estimator").unique():
        of_name = kinds.loc[name]
        means = of_name.mean()
        cells = [f"{means[figure]:.3f}" for figure in ("monthly_qlike", "daily_qlike", "monthly_bias", "daily_bias")]
        cells += [f"{of_name.loc[kind, 'monthly_qlike']:.3f}" if kind in of_name.index else "" for kind in _KINDS]
        table.add_row(_marked(report, str(name)), *cells)
    return table


def _portfolios(report: ForecastReport, period: str) -> Table:
    judged = report.judged[period]
    table = _table("estimator")
    columns = ("ratio", "monthly bias", "calm", "daily bias", "calm")
    figures = ("ratio", "monthly_bias", "calm_monthly_bias", "daily_bias", "calm_daily_bias")
    table.add_column("portfolio")
    for column in columns:
        table.add_column(column, justify="right")
    for name in _beside(report):
        for (_, kind, portfolio), row in _rows(judged[judged.index.get_level_values("estimator") == name]):
            if kind in ("benchmark", "model"):
                table.add_row(_marked(report, name), Text(portfolio), *(_figure(row[key]) for key in figures))
    return table


def _betas(report: ForecastReport, period: str) -> Table:
    betas = dict(_rows(report.betas[period]))
    table = _table("estimator")
    table.add_column("portfolio")
    for column in ("ex ante", "realised, daily", "realised, monthly"):
        table.add_column(column, justify="right")
    judged = report.judged[period]
    for name in _beside(report):
        for (_, kind, portfolio), _ in _rows(judged[judged.index.get_level_values("estimator") == name]):
            if kind == "model":
                row = betas[name, portfolio]
                cells = [_figure(row[key]) for key in ("ex_ante", "daily", "monthly")]
                table.add_row(_marked(report, name), Text(portfolio), *cells)
    return table


def _years(report: ForecastReport) -> Table:
    ratio = report.years["ratio"].unstack("year")
    table = _table("portfolio")
    for year in ratio.columns:
        table.add_column(str(year), justify="right")
    for (*_, portfolio), row in _rows(ratio):
        table.add_row(Text(portfolio), *map(_figure, row.values()))
    return table


def _rows(table: pd.DataFrame) -> Iterator[tuple[tuple[str, ...], dict[str, float]]]:
    """Keys of several levels, as words, and the row of each."""
    for key, row in zip(table.index.to_list(), table.to_numpy().tolist(), strict=True):
        yield tuple(map(str, key)), dict(zip(map(str, table.columns), row, strict=True))


def _beside(report: ForecastReport) -> list[str]:
    """The candidates that are worth a look portfolio by portfolio: the bars, the default and its daily form."""
    names = [str(name) for name in report.record.table["estimator"].unique()]
    return [name for name in names if name in (*BARS, "Ledoit-Wolf", report.default)] or names


def _marked(report: ForecastReport, name: str) -> Text:
    return Text(f"{name} *" if name == report.default else name)


def _figure(value: float) -> str:
    return "" if pd.isna(value) else f"{value:.2f}"


def _titled(title: str, table: Table) -> Iterator[RenderableType]:
    # A title within the table would be broken to the width of a narrow one.
    yield Text(title, style="bold")
    yield table
    yield Text()


def _table(first: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(first, no_wrap=True)
    return table
