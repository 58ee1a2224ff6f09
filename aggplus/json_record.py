"""A solve as a JSON record. Weights are fractions; risk and return annualised percent; prices basis points."""

from __future__ import annotations

from dataclasses import asdict
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from optimizer import Concession, ShadowPrice

if TYPE_CHECKING:
    from aggplus.portfolio import ModelPortfolio

_VERSIONS_OF = ("aggplus", "clarabel", "cvxpy", "numpy", "osqp", "pandas", "scikit-learn", "scipy")


def as_record(portfolio: ModelPortfolio) -> dict[str, Any]:
    """Plain Python values that `json` writes without help.

    Parameters
    ----------
    portfolio : ModelPortfolio
    """
    setting, risk, certificate = portfolio.setting, portfolio.risk, portfolio.certificate
    target = setting.target
    return {
        "model": setting.model.id,
        "name": setting.model.name,
        "market": setting.market,
        "benchmark": setting.model.benchmark,
        "asof": f"{setting.asof:%Y-%m-%d}",
        "status": portfolio.status,
        "findings": list(portfolio.findings),
        "weights": {str(ticker): float(weight) for ticker, weight in portfolio.weights.items()},
        "positions": [asdict(position) for position in portfolio.positions],
        "sectors": {str(sector): float(weight) for sector, weight in portfolio.sectors.items()},
        "eligible": len(setting.risk_model.tickers),
        "excluded": {str(ticker): str(reason) for ticker, reason in portfolio.excluded.items()},
        "excluded_counts": {str(kind): int(n) for kind, n in setting.excluded["kind"].value_counts().items()},
        "risk": {
            "volatility": None if risk is None else risk.volatility,
            "benchmark_volatility": setting.risk_model.sigma_b,
            "beta": None if risk is None else risk.beta,
            "correlation": None if risk is None else risk.correlation,
            "tracking_error": None if risk is None else risk.tracking_error,
            "target": {
                "algorithm": target.algorithm,
                "kind": target.kind,
                "value": target.value,
                "match": target.match,
                "basis": target.basis,
                "figure": portfolio.target_figure,
                "binding": portfolio.binding,
            },
        },
        "expected_return": portfolio.expected_return,
        "benchmark_expected_return": setting.risk_model.mu_b,
        "turnover": portfolio.turnover,
        "certificate": None
        if certificate is None
        else {
            "gap_bp": certificate.gap_bp,
            "max_violation": certificate.max_violation,
            "kkt_residual": certificate.kkt_residual,
            "ok": certificate.ok,
            "proves": certificate.proves,
        },
        "expressions": list(setting.expressions),
        "shadow_prices": shadow_price_record(portfolio.shadow_prices),
        "given_up": given_up_record(portfolio.given_up),
        "backend": portfolio.backend,
        "fallbacks": list(portfolio.fallbacks),
        "warnings": list(setting.warnings),
        "seconds": portfolio.seconds,
        "versions": versions(),
        "units": {
            "weights, positions.weight, sectors, turnover": "fraction of the portfolio",
            "risk, expected_return, positions.expected_return, positions.volatility": "percent a year",
            "positions.risk_days": "daily returns of the fund's own behind its risk",
            "shadow_prices.limit, shadow_prices.value": "weights as fractions, otherwise the unit named",
            "given_up.from, given_up.to": "weights as fractions, otherwise the unit named",
            "price_bp_per_pct": "basis points of expected return a year for one more unit of the limit",
        },
    }


def versions() -> dict[str, str]:
    """Versions of what makes numbers, by name."""
    return {name: version(name) for name in _VERSIONS_OF}


def shadow_price_record(prices: tuple[ShadowPrice, ...]) -> list[dict[str, Any]]:
    """Shadow prices as plain Python values; weights as fractions, otherwise in the unit named.

    Parameters
    ----------
    prices : tuple of ShadowPrice
    """
    return [
        {
            "clause": price.clause,
            "limit": price.limit,
            "value": price.value,
            "price_bp_per_pct": price.price_bp,
            "unit": price.unit.name,
        }
        for price in prices
    ]


def given_up_record(given_up: tuple[Concession, ...]) -> list[dict[str, Any]]:
    """Soft clauses that gave way as plain Python values; weights as fractions, otherwise in the unit named.

    Parameters
    ----------
    given_up : tuple of Concession
    """
    return [
        {
            "clause": given.clause,
            "side": given.side,
            "priority": given.priority,
            "from": given.start,
            "to": given.to,
            "unit": given.unit.name,
            "words": given.words,
        }
        for given in given_up
    ]
