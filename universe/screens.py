"""Screens: every fund of the catalog is eligible on a day, or has one plain reason why not."""

from __future__ import annotations

import pandas as pd

from universe.catalog_screens import screen_figures, screen_labels
from universe.eligibility import Eligibility, Sieve
from universe.errors import MarketError
from universe.market import Market
from universe.price_record import PriceRecord, price_record
from universe.quarantine import quarantined, span_words
from universe.rules import UniverseRules
from universe.wording import did_you_mean, fund_count, listed


def screen(market: Market, asof: pd.Timestamp, rules: UniverseRules, window_days: int) -> Eligibility:
    """Screen the catalog of a market by what was known at the close of a day.

    The screens run in the order of `EXCLUSIONS`, and the first that a fund fails gives its reason. Of the prices
    only those up to `asof` are looked at; ``delisted`` and ``last_price_date`` of the catalog, which tell the
    future, are not looked at. AUM and ADV are as the catalog has them: where their date is later than `asof`, the
    result carries a warning. If no fund passes, `Eligibility.eligible` is empty.

    Parameters
    ----------
    market
        Prices and catalog.
    asof
        A trading day of the market (see `universe.market.close_on`).
    rules
        What the funds must be like.
    window_days
        Daily returns that risk and return are estimated from: a fund needs a close on each of the last
        ``window_days + 1`` sessions. Nothing is ever filled.

    Raises
    ------
    MarketError
        If `asof` is not a trading day, or `rules` includes or excludes a ticker that is not in the catalog.
    ValueError
        If `window_days` is not positive.
    """
    if window_days < 1:
        raise ValueError(f"window_days is {window_days}; expected at least 1")
    if asof not in market.prices.index:
        raise MarketError(f"{asof:%Y-%m-%d} is not a trading day of {market.name}; take the last close before it")
    roster = market.roster
    for key in ("include", "exclude"):
        for ticker in getattr(rules, key):
            if ticker not in roster.position:
                hint = did_you_mean(ticker, roster.tickers)
                raise MarketError(f"{key}: ticker {ticker!r} is not in the catalog{hint}")

    sieve = Sieve(roster.tickers)
    sieve.refuse("excluded_by_name", roster.named(rules.exclude), lambda _: "excluded by name")
    exempt = roster.named(rules.include)
    warnings = screen_labels(sieve, roster, rules, exempt)
    warnings += screen_figures(sieve, roster, asof, rules, exempt)
    warnings += _screen_prices(sieve, market, asof, rules, window_days)
    warnings += _screen_quarantine(sieve, market, asof, window_days)
    return sieve.result(asof, tuple(warnings))


def _screen_prices(
    sieve: Sieve, market: Market, asof: pd.Timestamp, rules: UniverseRules, window_days: int
) -> list[str]:
    day = f"{asof:%Y-%m-%d}"
    later_start = market.roster.first_trade_date > asof.to_datetime64()
    record = price_record(market, asof, sieve.still_in, window_days + 1, rules.min_history_days)
    contradicted = sieve.tickers[later_start & sieve.still_in & (record.closes > 0)]
    sieve.refuse("not_trading", later_start, lambda _: f"not trading by {day}")
    sieve.refuse("no_prices", record.closes == 0, lambda _: f"no prices by {day}")
    sieve.refuse("stale", record.sessions_since > rules.max_stale_days, lambda i: _stale_words(record, i))
    sieve.refuse(
        "history",
        record.closes < rules.min_history_days,
        lambda i: f"history of {_days(record.closes[i])} is shorter than {rules.min_history_days}",
    )
    sieve.refuse(
        "gap",
        record.missing > 0,
        lambda i: (
            f"{record.missing[i]} close{'s' if record.missing[i] > 1 else ''} missing "
            f"in the last {window_days + 1} sessions"
        ),
    )
    limit = rules.max_unchanged_share
    if limit is not None:
        share = record.unchanged_share
        sieve.refuse(
            "unchanged",
            share > limit,
            lambda i: (
                f"{100 * share[i]:.1f} % of its closes in the last {rules.min_history_days} "
                f"sessions repeat the one before, more than {100 * limit:g} %"
            ),
        )
    if not len(contradicted):
        return []
    return [
        f"{fund_count(len(contradicted))} with closes by {day} left out as not trading yet, by the catalog's "
        f"first_trade_date: {listed(list(contradicted))}"
    ]


def _screen_quarantine(sieve: Sieve, market: Market, asof: pd.Timestamp, window_days: int) -> list[str]:
    row = int(market.prices.index.searchsorted(asof, side="right")) - 1
    spans = quarantined(market.quarantine, market.prices.index[max(0, row - window_days)], asof)
    if spans.empty:
        return []
    first = {str(span["ticker"]): span_words(span) for _, span in spans.iloc[::-1].iterrows()}
    held_back = market.roster.named(tuple(first))
    refused = [str(ticker) for ticker in sieve.tickers[held_back & sieve.still_in]]
    sieve.refuse(
        "quarantined",
        held_back,
        lambda i: f"quarantined prices in the last {window_days + 1} sessions: {first[str(sieve.tickers[i])]}",
    )
    if not refused:
        return []
    its = "its" if len(refused) == 1 else "their"
    return [f"{fund_count(len(refused))} left out because {its} prices are quarantined: {listed(refused)}"]


def _stale_words(record: PriceRecord, i: int) -> str:
    sessions = int(record.sessions_since[i])
    return f"no close since {record.last_close(i):%Y-%m-%d} ({sessions} session{'s' if sessions > 1 else ''})"


def _days(count: int) -> str:
    return f"{count} day{'s' if count != 1 else ''}"
