"""What is worked out once a market must be worked out again where the market is another, and read as the table says."""

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from universe import UniverseRules, close_on, screen, simulated_market, until
from universe.dates import day_from_text, days_from_text

RULES = UniverseRules(sectors=("core", "high_yield"), min_aum_mm=100)


def test_a_market_with_another_catalog_is_screened_by_that() -> None:
    market = simulated_market()
    asof = close_on(market, None).date
    ticker = screen(market, asof, RULES, 126).eligible[0]
    catalog = market.catalog.copy()
    catalog.loc[ticker, ["aum_usd_mm", "sector"]] = [1.0, "tips"]
    assert screen(replace(market, catalog=catalog), asof, RULES, 126).kind[ticker] == "sector"
    assert screen(market, asof, RULES, 126).eligible[0] == ticker


def test_a_market_with_other_prices_is_screened_by_those() -> None:
    market = simulated_market()
    asof = close_on(market, None).date
    whole = screen(market, asof, RULES, 126)
    fewer = replace(market, prices=market.prices.drop(columns=whole.eligible[:3]))
    found = screen(fewer, asof, RULES, 126)
    assert list(found.eligible) == list(whole.eligible[3:])
    assert (found.kind[whole.eligible[:3]] == "no_prices").all()


@pytest.mark.parametrize("day", ["2016-06-30", "2018-12-31", None])
def test_a_market_that_was_cut_is_screened_as_the_whole(day: str | None) -> None:
    market = simulated_market()
    asof = close_on(market, day).date
    whole, cut = screen(market, asof, RULES, 126), screen(until(market, asof), asof, RULES, 126)
    afresh = screen(replace(market, prices=market.prices.loc[:asof].copy()), asof, RULES, 126)
    for other in (cut, afresh):
        assert list(other.eligible) == list(whole.eligible)
        pd.testing.assert_frame_equal(other.left_out, whole.left_out)
        assert other.warnings == whole.warnings


@given(
    st.one_of(
        st.dates().map(str),
        st.datetimes().map(str),
        st.from_regex(r"[0-9]{4}-[0-3][0-9]-[0-3][0-9]([T ][0-2][0-9]:.*)?", fullmatch=True),
        st.text(alphabet="0129-T: ²٣", max_size=12),
    )
)
def test_one_day_is_read_as_many_are(text: str) -> None:
    many, one = days_from_text([text])[0], day_from_text(text)
    assert many.item() == one
