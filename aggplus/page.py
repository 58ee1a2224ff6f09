"""A model portfolio as a notebook shows it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from aggplus.reasons import REASON_TITLES
from optimizer import Certificate
from universe import SECTORS

if TYPE_CHECKING:
    from aggplus.portfolio import ModelPortfolio


def as_html(portfolio: ModelPortfolio) -> str:
    """A small HTML fragment: holdings, risk against target, what gave way, and how many funds were left out why.

    Parameters
    ----------
    portfolio : ModelPortfolio
    """
    setting = portfolio.setting
    title = f"{setting.model.name} ({setting.model.id}) on {setting.asof:%Y-%m-%d}, {setting.market}"
    parts = [f"<h4>{escape(title)}: {portfolio.status}</h4>"]
    if portfolio.status == "solved":
        parts += [_holdings(portfolio), _risk(portfolio)]
    if portfolio.given_up:
        parts.append(_given_up(portfolio))
    parts += [f"<p>{escape(finding)}</p>" for finding in portfolio.findings]
    counts = setting.excluded["kind"].value_counts()
    left_out = [[title, str(counts[kind])] for kind, title in REASON_TITLES.items() if kind in counts.index]
    parts.append(_table([f"left out ({len(setting.excluded)})", "funds"], left_out))
    parts += [f"<p><small>{escape(warning)}</small></p>" for warning in setting.warnings]
    return "".join(parts)


def _holdings(portfolio: ModelPortfolio) -> str:
    rows = [
        [held.ticker, held.name, SECTORS[held.sector].title, f"{100 * held.weight:.2f} %"]
        for held in portfolio.positions
    ]
    return _table(["ticker", "name", "sector", "weight"], rows)


def _risk(portfolio: ModelPortfolio) -> str:
    risk, certificate, setting = portfolio.risk, portfolio.certificate, portfolio.setting
    if risk is None or certificate is None or portfolio.target_figure is None:
        return ""
    target, model = setting.target, setting.risk_model
    unit = "" if target.kind == "beta" else " %"
    binding = "binding" if portfolio.binding else "not binding"
    return _table(
        ["a year, ex ante", "portfolio", setting.model.benchmark],
        [
            ["expected return", f"{portfolio.expected_return:.2f} %", f"{model.mu_b:.2f} %"],
            ["volatility", f"{risk.volatility:.2f} %", f"{model.sigma_b:.2f} %"],
            ["beta", f"{risk.beta:.2f}", "1.00"],
            ["correlation", f"{risk.correlation:.2f}", "1.00"],
            [f"target: {target.kind.replace('_', ' ')} {target.value:.2f}{unit}", binding, ""],
            ["certificate", _proof(certificate), ""],
            *[["clause given from Python", name, ""] for name in setting.expressions],
        ],
    )


def _proof(certificate: Certificate) -> str:
    within = f"within {certificate.gap_bp:.2g} bp of the best possible"
    return within if certificate.proves == "optimality" else f"every clause holds; proven is: {within}"


def _given_up(portfolio: ModelPortfolio) -> str:
    rows = [[given.asked, given.got, str(given.priority)] for given in portfolio.given_up]
    return _table(["given up", "gave way to", "priority"], rows)


def _table(head: list[str], rows: list[list[str]]) -> str:
    heading = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><tr>{heading}</tr>{body}</table>"
