"""A solved model portfolio as a workbook."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from aggplus.clause_table import clause_table
from aggplus.portfolio import ModelPortfolio
from aggplus.reasons import REASON_TITLES
from aggplus.workbook.about import with_about
from aggplus.workbook.sheet import Column, Sheet, Shown, Value, in_print
from aggplus.workbook.writing import workbook_bytes
from constraints import BETA, VOLATILITY
from universe import SECTORS

_UNITS = {
    "weights": "fraction of the portfolio, shown as percent",
    "expected return, volatility, tracking error": "percent a year, as the number stands",
    "clauses": "weights as fractions shown as percent, otherwise the unit of the line",
    "shadow price": "basis points of expected return a year for one more unit of the limit; negative: its cost; "
    "blank: none is known",
}


def solve_workbook(portfolio: ModelPortfolio, holdings: Mapping[str, float] | None = None) -> bytes:
    """Holdings, trades, sectors, risk against target, clauses, proof, exclusions and notes, a sheet each.

    Parameters
    ----------
    portfolio : ModelPortfolio
    holdings : mapping of ticker to float, optional
        Weights held before, as given to the solve; they make the sheet of trades.

    Returns
    -------
    bytes
        Content of an .xlsx file. Of a portfolio that is not solved it has the findings and the exclusions.
    """
    setting = portfolio.setting
    facts: dict[str, Value | Shown] = {
        "model": setting.model.name,
        "model id": setting.model.id,
        "market": setting.market,
        "benchmark": setting.model.benchmark,
        "as of": Shown(setting.asof.date(), "date"),
        "status": portfolio.status,
        "eligible funds": Shown(len(setting.risk_model.tickers), "count"),
        "funds left out": Shown(len(setting.excluded), "count"),
    }
    sheets: list[Sheet] = []
    if portfolio.status == "solved":
        sheets += [_holdings(portfolio), *([] if holdings is None else [_trades(portfolio, holdings)])]
        sheets += [_sectors(portfolio), _risk(portfolio), _clauses(portfolio)]
        sheets += [_given_up(portfolio)] if portfolio.given_up else []
        sheets.append(_proof(portfolio))
    sheets.append(_exclusions(portfolio))
    before = [f"before {portfolio.backend} answered, {said}" for said in portfolio.fallbacks]
    return workbook_bytes(with_about(facts, _UNITS, [*portfolio.findings, *setting.warnings, *before], sheets))


def _holdings(portfolio: ModelPortfolio) -> Sheet:
    columns = (
        Column("ticker"),
        Column("name"),
        Column("sector"),
        Column("weight", "percent"),
        Column("expected return", "percent_of"),
        Column("volatility", "percent_of"),
        Column("beta", "figure"),
        Column("risk from"),
        Column("days of own risk", "count"),
    )
    rows = [
        (
            held.ticker,
            held.name,
            SECTORS[held.sector].title,
            held.weight,
            held.expected_return,
            held.volatility,
            held.beta,
            held.risk,
            held.risk_days,
        )
        for held in portfolio.positions
    ]
    return Sheet("Holdings", columns, rows)


def _trades(portfolio: ModelPortfolio, holdings: Mapping[str, float]) -> Sheet:
    columns = (
        Column("ticker"),
        Column("action"),
        Column("before", "percent"),
        Column("after", "percent"),
        Column("change", "percent"),
    )
    after = {str(ticker): float(weight) for ticker, weight in portfolio.weights.items()}
    rows = []
    for ticker in sorted({*holdings, *after}):
        held, kept = float(holdings.get(ticker, 0.0)), after.get(ticker, 0.0)
        if held != kept:
            rows.append((ticker, "BUY" if kept > held else "SELL", held, kept, kept - held))
    # Sales first, the largest trades first.
    rows.sort(key=lambda row: (row[4] > 0.0, -abs(row[4]), row[0]))
    return Sheet("Trades", columns, rows)


def _sectors(portfolio: ModelPortfolio) -> Sheet:
    counts = Counter(held.sector for held in portfolio.positions)
    rows = [(SECTORS[str(key)].title, float(w), counts[str(key)]) for key, w in portfolio.sectors.items()]
    return Sheet("Sectors", (Column("sector"), Column("weight", "percent"), Column("funds", "count")), rows)


def _risk(portfolio: ModelPortfolio) -> Sheet:
    setting, risk = portfolio.setting, portfolio.risk
    model, target = setting.risk_model, setting.target
    columns = (Column("figure"), Column("portfolio"), Column(setting.model.benchmark), Column("note"))
    rows: list[tuple[Value | Shown, ...]] = []
    if risk is not None:
        for name, own, other, unit in (
            ("expected return", portfolio.expected_return, model.mu_b, VOLATILITY),
            ("volatility", risk.volatility, model.sigma_b, VOLATILITY),
            ("beta", risk.beta, 1.0, BETA),
            ("correlation", risk.correlation, 1.0, BETA),
            ("tracking error", risk.tracking_error, 0.0, VOLATILITY),
        ):
            rows.append((name, in_print(own, unit), in_print(other, unit), ""))
    sign = "at most" if target.match == "at_most" else "exactly"
    words = f"target: {target.kind.replace('_', ' ')} {sign}"
    note = f"{target.algorithm}: {target.basis}; {'binds' if portfolio.binding else 'does not bind'}"
    rows.append((words, in_print(target.value, target.unit), None, note))
    rows.append(("reached", in_print(portfolio.target_figure, target.unit), None, ""))
    return Sheet("Risk", columns, rows)


def _clauses(portfolio: ModelPortfolio) -> Sheet:
    columns = (
        Column("clause"),
        Column("lower"),
        Column("upper"),
        Column("value"),
        Column("slack"),
        Column("binds"),
        Column("shadow price", "bp"),
        Column("unit"),
        Column("nearest fund"),
        Column("note"),
    )
    rows = [
        (
            line.clause,
            *(in_print(figure, line.unit) for figure in (line.lower, line.upper, line.value, line.slack)),
            line.binds,
            line.price_bp,
            line.unit.name,
            line.fund,
            line.note,
        )
        for line in clause_table(portfolio)
    ]
    return Sheet("Clauses", columns, rows)


def _given_up(portfolio: ModelPortfolio) -> Sheet:
    columns = (Column("clause"), Column("priority", "count"), Column("from"), Column("to"), Column("in words"))
    rows = [
        (given.clause, given.priority, in_print(given.start, given.unit), in_print(given.to, given.unit), given.words)
        for given in portfolio.given_up
    ]
    return Sheet("Given up", columns, rows)


def _proof(portfolio: ModelPortfolio) -> Sheet:
    certificate = portfolio.certificate
    rows: list[tuple[Value | Shown, ...]] = []
    if certificate is not None:
        rows = [
            ("proves", certificate.proves, "by the numbers of the problem alone"),
            ("gap", Shown(certificate.gap_bp, "small"), "bp a year that could be gained at most"),
            ("largest violation", Shown(certificate.max_violation, "small"), "of any clause"),
            ("residual of optimality", Shown(certificate.kkt_residual, "small"), "0 at an exact optimum"),
            ("backend", portfolio.backend, ""),
        ]
    return Sheet("Certificate", (Column("figure"), Column("value"), Column("what it is")), rows)


def _exclusions(portfolio: ModelPortfolio) -> Sheet:
    rows = [
        (str(ticker), REASON_TITLES[str(row["kind"])], str(row["reason"]))
        for ticker, row in portfolio.setting.excluded.iterrows()
    ]
    return Sheet("Exclusions", (Column("ticker"), Column("why"), Column("reason")), rows)
