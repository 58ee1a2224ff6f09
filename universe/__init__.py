"""What can be bought: catalog, prices, screens and the built-in simulated market."""

from universe.catalog import read_catalog, validate_catalog
from universe.catalog_screens import look_ahead
from universe.eligibility import EXCLUSIONS, Eligibility
from universe.errors import MarketError
from universe.exchange import exchange_sessions
from universe.market import AsOf, Market, close_on, load_market, simulated_market, until
from universe.plain_closes import read_closes
from universe.prices import read_prices
from universe.rules import UniverseRules
from universe.screens import screen
from universe.sectors import CORE, SECTORS, Sector, resolve_sectors

__all__ = [
    "CORE",
    "EXCLUSIONS",
    "SECTORS",
    "AsOf",
    "Eligibility",
    "Market",
    "MarketError",
    "Sector",
    "UniverseRules",
    "close_on",
    "exchange_sessions",
    "load_market",
    "look_ahead",
    "read_catalog",
    "read_closes",
    "read_prices",
    "resolve_sectors",
    "screen",
    "simulated_market",
    "until",
    "validate_catalog",
]
