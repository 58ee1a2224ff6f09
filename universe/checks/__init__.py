"""What is suspicious in a market: findings with the numbers behind them. Nothing is mended here.

Every check looks at closes as they were known: a finding says from which day on it could be told (`known_from`), and
nothing that comes later takes it back. Checks of prices judge a fund's return by its closest peers'
(`universe.checks.expectation`), in units of its own noise, so that a day on which a whole sector moves is no error.
"""

from universe.checks.finding import KINDS, OF_PRICES, SEVERITIES, Finding, Severity
from universe.checks.market_check import MarketCheck, check_market, check_prices, to_quarantine
from universe.checks.repeated_rows import repeated_rows

__all__ = [
    "KINDS",
    "OF_PRICES",
    "SEVERITIES",
    "Finding",
    "MarketCheck",
    "Severity",
    "check_market",
    "check_prices",
    "repeated_rows",
    "to_quarantine",
]
