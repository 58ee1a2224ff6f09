"""What there is to know of a market, and of its funds one by one: labels, facts, prices, and who may hold them."""

from aggplus.fund_sheet.fund import Eligible, FundSheet, fund_sheets
from aggplus.fund_sheet.market import MarketSheet, SectorLine, market_sheet

__all__ = ["Eligible", "FundSheet", "MarketSheet", "SectorLine", "fund_sheets", "market_sheet"]
