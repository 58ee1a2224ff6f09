"""A model portfolio in print: rich tables on a terminal, plain text when piped."""

from __future__ import annotations

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from aggplus.portfolio import ModelPortfolio
from aggplus.reasons import REASON_TITLES
from optimizer import Certificate
from universe import SECTORS

_EXAMPLES = 6
_NUMBER_WIDTH = 8
_TICKER_WIDTH = 6
_SECTOR_WIDTH = max(map(len, SECTORS))
_HOLDINGS_WIDTH = 76
"""Columns of the holdings table before the name."""
_GAP = 2


def show(portfolio: ModelPortfolio, page: Console) -> None:
    """Print a portfolio.

    Parameters
    ----------
    portfolio : ModelPortfolio
    page : Console
    """
    page.print(portfolio_view(portfolio, page.width))


def portfolio_view(portfolio: ModelPortfolio, width: int) -> RenderableType:
    """Holdings, sectors, risk against target, what was given up, what limits cost, and why funds were left out.

    Parameters
    ----------
    portfolio : ModelPortfolio
    width : int
        Columns of the page; names of funds are cut to fit.
    """
    parts: list[RenderableType] = [_heading(portfolio)]
    if portfolio.status == "solved":
        parts += [_holdings(portfolio, width), _sectors(portfolio), _risk(portfolio)]
        parts += [_given_up(portfolio)] if portfolio.given_up else []
        parts.append(_prices(portfolio))
    else:
        parts.append(Group(*(Text(f"  {finding}", style="bold red") for finding in portfolio.findings)))
    parts += [_excluded(portfolio), Group(*_notes(portfolio))]
    return Group(*(block for part in parts for block in (part, Text())))


def _heading(portfolio: ModelPortfolio) -> Text:
    setting = portfolio.setting
    words = f"{setting.model.name} ({setting.model.id}) on {setting.asof:%Y-%m-%d}, {setting.market}"
    outcome = {
        "solved": "solved",
        "infeasible": "infeasible: no portfolio is allowed",
        "failed": "failed: no backend found an answer that could be certified",
    }[portfolio.status]
    return Text.assemble((f"{words}\n", "bold"), (outcome, "green" if portfolio.status == "solved" else "bold red"))


def _table(title: str, *columns: str) -> Table:
    """A table whose first column is text and whose other columns are numbers."""
    table = Table(
        title=f"\n{title}", title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, _GAP, 0, 0)
    )
    for i, column in enumerate(columns):
        # Numbers keep their width on a narrow terminal; names give way.
        width = max(len(column), _NUMBER_WIDTH) if i else None
        table.add_column(Text(column), justify="right" if i else "left", no_wrap=True, min_width=width)
    return table


def _holdings(portfolio: ModelPortfolio, width: int) -> Table:
    inferred = any(held.risk == "inferred" for held in portfolio.positions)
    table = _table("Holdings", "ticker", "weight", "exp. return", "volatility", "beta")
    table.columns[0].min_width = _TICKER_WIDTH
    if inferred:
        table.add_column("inferred", justify="right", no_wrap=True, min_width=_NUMBER_WIDTH)
    table.add_column("sector", no_wrap=True, min_width=_SECTOR_WIDTH)
    table.add_column("name")
    room = max(0, width - _HOLDINGS_WIDTH - (_NUMBER_WIDTH + _GAP if inferred else 0))
    for held in portfolio.positions:
        table.add_row(
            Text(held.ticker),
            f"{100 * held.weight:.2f} %",
            f"{held.expected_return:.2f} %",
            f"{held.volatility:.2f} %",
            f"{held.beta:.2f}",
            *([f"{held.risk_days} days" if held.risk == "inferred" else ""] if inferred else []),
            held.sector,
            _cut(held.name, room),
        )
    return table


def _cut(name: str, room: int) -> Text:
    text = Text(name)
    text.truncate(room, overflow="ellipsis")
    return text


def _sectors(portfolio: ModelPortfolio) -> Table:
    table = _table("Sectors", "sector", "weight")
    for key, weight in portfolio.sectors.items():
        table.add_row(SECTORS[str(key)].title, f"{100 * weight:.2f} %")
    return table


def _risk(portfolio: ModelPortfolio) -> RenderableType:
    setting, risk, certificate = portfolio.setting, portfolio.risk, portfolio.certificate
    table = _table("Risk against target (a year, ex ante)", "", "portfolio", setting.model.benchmark)
    if risk is None or certificate is None or portfolio.target_figure is None:
        return table
    model, target = setting.risk_model, setting.target
    table.add_row("expected return", f"{portfolio.expected_return:.2f} %", f"{model.mu_b:.2f} %")
    table.add_row("volatility", f"{risk.volatility:.2f} %", f"{model.sigma_b:.2f} %")
    table.add_row("beta", f"{risk.beta:.2f}", "1.00")
    table.add_row("correlation", f"{risk.correlation:.2f}", "1.00")
    table.add_row("tracking error", f"{risk.tracking_error:.2f} %", "0.00 %")
    sign = "at most" if target.match == "at_most" else "exactly"
    unit = "" if target.kind == "beta" else " %"
    reached = f"{portfolio.target_figure:.2f}{unit}"
    table.add_row(f"target: {target.kind.replace('_', ' ')} {sign} {target.value:.2f}{unit}", reached, "")
    return Group(table, *_verdicts(portfolio, certificate))


def _verdicts(portfolio: ModelPortfolio, certificate: Certificate) -> list[Text]:
    target = portfolio.setting.target
    binds = "the target binds" if portfolio.binding else "the target does not bind: the best portfolio has less risk"
    proof = (
        f"certified ({portfolio.backend}): at most {certificate.gap_bp:.2g} bp a year could be gained, "
        f"no clause is broken by more than {certificate.max_violation:.1g}"
    )
    return [Text(f"{target.algorithm}: {target.basis}; {binds}"), Text(proof)]


def _given_up(portfolio: ModelPortfolio) -> Table:
    table = _table("Given up, the least important first", "clause", "gave way to", "priority")
    for given in portfolio.given_up:
        table.add_row(Text(given.asked), given.got, str(given.priority))
    return table


def _prices(portfolio: ModelPortfolio) -> RenderableType:
    if not portfolio.shadow_prices:
        return Text("No limit binds.")
    table = _table("What the limits cost", "clause", "limit", "bp a year for one more unit")
    for price in portfolio.shadow_prices:
        table.add_row(
            Text(price.clause),
            price.unit.show(float(f"{price.limit:.4g}")),
            f"{price.price_bp:+.2f} per {price.unit.name}",
        )
    return table


def _excluded(portfolio: ModelPortfolio) -> RenderableType:
    excluded = portfolio.setting.excluded
    n = len(portfolio.setting.risk_model.tickers)
    if excluded.empty:
        return Text(f"Left out: none of {n} funds.")
    table = _table(f"Left out: {len(excluded)} of {len(excluded) + n} funds ({n} eligible)", "why", "funds")
    table.add_column("for example", overflow="fold")
    for kind, title in REASON_TITLES.items():
        tickers = list(excluded.index[excluded["kind"] == kind])
        if tickers:
            more = ", ..." if len(tickers) > _EXAMPLES else ""
            table.add_row(title, str(len(tickers)), Text(", ".join(tickers[:_EXAMPLES]) + more))
    return table


def _notes(portfolio: ModelPortfolio) -> list[Text]:
    notes = [f"Note: {warning}" for warning in portfolio.setting.warnings]
    notes += [f"Note: before {portfolio.backend} answered, {said}" for said in portfolio.fallbacks]
    return [Text(note, style="yellow") for note in notes]
