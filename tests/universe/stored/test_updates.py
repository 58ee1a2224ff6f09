"""Markets built from files that grow and change; what should come out is worked out from the files by other code."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from universe import MarketError, load_market
from universe.sources import ColumnMap, Recipe
from universe.sources.price_table import read_price_table
from universe.stored.building import Outcome, build_market, update_market
from universe.stored.generations import alone, current_folder, disagreeing
from universe.stored.merging import replace

_DAYS = pd.bdate_range("2023-01-02", periods=120)
_NAMES = {"AGG": "Core Aggregate Bond ETF", "HYG": "High Yield Bond ETF", "TLT": "20+ Year Treasury Bond ETF"}


def _silent(_: int, __: int) -> None:
    return


def _returns(ticker: str) -> np.ndarray:
    return np.random.default_rng(sum(map(ord, ticker))).normal(0.0001, 0.004, len(_DAYS))


def _levels(ticker: str, scale: float = 1.0) -> pd.Series:
    return pd.Series(scale * 100 * np.cumprod(1 + _returns(ticker)), index=_DAYS)


class _Origin:
    """A file of prices and a market made from it."""

    def __init__(self, folder: Path) -> None:
        self.file, self.market = folder / "source.csv", folder / "market"
        self.listing = folder / "listing.csv"
        self.listing.write_text("ticker,name\n" + "".join(f"{t},{n}\n" for t, n in _NAMES.items()))
        self.recipe = Recipe("files", (self.file,), tuple(_NAMES), catalog=str(self.listing))

    def write(self, funds: Mapping[str, pd.Series], volume: float = 1000.0) -> None:
        rows = [
            pd.DataFrame({"date": s.index, "ticker": t, "adj_close": s.to_numpy(), "volume": volume})
            for t, s in funds.items()
        ]
        pd.concat(rows).to_csv(self.file, index=False)

    def build(self) -> Outcome:
        return build_market(self.recipe, self.market, None, _silent)

    def update(self) -> Outcome:
        return update_market(self.market, None, _silent)


@pytest.fixture
def origin(tmp_path: Path) -> _Origin:
    return _Origin(tmp_path)


def _of(outcome: Outcome, ticker: str) -> dict[str, Any]:
    return next(change for change in outcome.changes if change.ticker == ticker).to_dict()


def test_new_rows_follow_and_old_ones_keep_every_bit(origin: _Origin) -> None:
    origin.write({t: _levels(t)[:100] for t in _NAMES})
    origin.build()
    before = load_market(origin.market).prices
    # A last digit that is told otherwise is no revision: the kept one stays.
    origin.write({t: _levels(t) * (1 + 1e-8) for t in _NAMES})
    outcome = origin.update()
    after = load_market(origin.market).prices
    assert {c.status for c in outcome.changes} == {"appended"}
    assert sum(c.added for c in outcome.changes) == 60
    pd.testing.assert_frame_equal(after.iloc[:100], before, check_exact=True)
    expected = pd.DataFrame({t: _levels(t) for t in sorted(_NAMES)}).pct_change().iloc[1:]
    np.testing.assert_allclose(after.pct_change().iloc[1:], expected, atol=1e-7)


def test_a_past_that_was_scaled_is_taken_whole_and_no_return_changes(origin: _Origin) -> None:
    origin.write({t: _levels(t)[:100] for t in _NAMES})
    origin.build()
    # A distribution of 40 bp was paid after the last update: the whole past of HYG is scaled down.
    origin.write({t: _levels(t, 0.996 if t == "HYG" else 1.0) for t in _NAMES})
    outcome = origin.update()
    change = _of(outcome, "HYG")
    assert (change["status"], change["added"]) == ("readjusted", 20)
    assert change["ratio"] == pytest.approx(0.996)
    assert "revisions" not in change
    prices = load_market(origin.market).prices
    np.testing.assert_allclose(prices["HYG"], _levels("HYG", 0.996), rtol=1e-12)
    np.testing.assert_allclose(prices["HYG"].pct_change().iloc[1:], _returns("HYG")[1:], atol=1e-12)


def test_a_split_mid_overlap_changes_no_return(origin: _Origin) -> None:
    origin.write({t: _levels(t)[:100] for t in _NAMES})
    origin.build()
    origin.write({t: _levels(t, 0.5 if t == "TLT" else 1.0)[:101] for t in _NAMES})
    assert _of(origin.update(), "TLT")["status"] == "readjusted"
    np.testing.assert_allclose(load_market(origin.market).prices["TLT"].pct_change().iloc[1:], _returns("TLT")[1:101])


def test_a_revised_return_is_taken_and_kept_in_the_log_old_and_new(origin: _Origin) -> None:
    origin.write({t: _levels(t)[:100] for t in _NAMES})
    origin.build()
    revised = _levels("HYG")
    revised.iloc[95:] *= 1.0025  # 25 bp more on one day, and all later levels with it
    origin.write({t: revised if t == "HYG" else _levels(t) for t in _NAMES})
    outcome = origin.update()
    change = _of(outcome, "HYG")
    assert change["status"] == "revised"
    old = _returns("HYG")[95]
    (revision,) = change["revisions"]
    assert revision == {
        "date": f"{_DAYS[95]:%Y-%m-%d}",
        "old": pytest.approx(old),
        "new": pytest.approx((1 + old) * 1.0025 - 1),
    }
    lines = [json.loads(line) for line in (origin.market / "changes.jsonl").read_text().splitlines()]
    assert [line["action"] for line in lines] == ["build", "update"]
    assert change in lines[1]["changes"]


def test_a_revision_before_the_overlap_shows_when_the_past_is_fetched_whole(origin: _Origin) -> None:
    origin.write({t: _levels(t)[:100] for t in _NAMES})
    origin.build()
    changed = _levels("AGG", 0.99)
    changed.iloc[30] *= 1.01
    origin.write({t: changed if t == "AGG" else _levels(t) for t in _NAMES})
    change = _of(origin.update(), "AGG")
    assert change["status"] == "revised"
    assert [each["date"] for each in change["revisions"]] == [f"{day:%Y-%m-%d}" for day in _DAYS[30:32]]


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda s: s[40:], "from 2023-02-27 only"),
        (lambda s: s.drop(s.index[20:30]), "lacks 10 of 100 days"),
    ],
)
def test_a_past_that_is_no_longer_whole_leaves_the_fund_as_it_was(
    origin: _Origin, spoil: Callable[[pd.Series], pd.Series], why: str
) -> None:
    origin.write({t: _levels(t)[:100] for t in _NAMES})
    origin.build()
    before = load_market(origin.market).prices["AGG"]
    origin.write({t: spoil(_levels(t, 0.99)) if t == "AGG" else _levels(t) for t in _NAMES})
    change = _of(origin.update(), "AGG")
    assert change["status"] == "refused"
    assert why in str(change["why"])
    after = load_market(origin.market).prices["AGG"]
    pd.testing.assert_series_equal(after.dropna(), before, check_exact=True)


def test_another_fund_under_the_same_ticker_is_refused_and_told(origin: _Origin) -> None:
    """No day in common with what is kept: nothing to compare, and nothing is overwritten."""
    origin.write({t: _levels(t)[:100] for t in _NAMES})
    origin.build()
    later = _levels("AGG").set_axis(_DAYS + pd.Timedelta(days=400))
    origin.write({t: later if t == "AGG" else _levels(t) for t in _NAMES})
    change = _of(origin.update(), "AGG")
    assert (change["status"], "ratio" in change) == ("refused", False)
    np.testing.assert_array_equal(load_market(origin.market).prices["AGG"].dropna(), _levels("AGG")[:100])


def test_a_whole_past_without_a_change_keeps_every_bit(origin: _Origin) -> None:
    origin.write({"AGG": _levels("AGG")[:100]})
    old = read_price_table(origin.file, ColumnMap())
    origin.write({"AGG": _levels("AGG") * (1 + 1e-8)})
    rows, change = replace(old, read_price_table(origin.file, ColumnMap()), "")
    assert (change.status, change.added) == ("appended", 20)
    pd.testing.assert_frame_equal(rows.iloc[:100].reset_index(drop=True), old, check_exact=True)


def test_a_fund_that_cannot_be_had_loses_nothing(origin: _Origin) -> None:
    origin.write({t: _levels(t)[:100] for t in _NAMES})
    origin.build()
    before = load_market(origin.market).prices["TLT"]
    origin.write({t: _levels(t)[:110] for t in ("AGG", "HYG")})
    outcome = origin.update()
    assert outcome.failures == {"TLT": "not in the files"}
    pd.testing.assert_series_equal(load_market(origin.market).prices["TLT"].dropna(), before, check_exact=True)
    origin.write({t: _levels(t) for t in _NAMES})
    assert _of(origin.update(), "TLT") == {"ticker": "TLT", "status": "appended", "added": 20}


def test_when_no_fund_can_be_had_the_market_is_as_it_was(origin: _Origin) -> None:
    origin.write({t: _levels(t)[:100] for t in _NAMES})
    origin.build()
    state = current_folder(origin.market)
    origin.write({"BND": _levels("BND")})
    with pytest.raises(MarketError, match="no fund of 3 could be had"):
        origin.update()
    assert current_folder(origin.market) == state


def test_a_day_that_the_source_no_longer_has_is_kept_and_told(origin: _Origin) -> None:
    origin.write({t: _levels(t)[:100] for t in _NAMES})
    origin.build()
    origin.write({t: _levels(t).drop(_DAYS[97]) if t == "AGG" else _levels(t) for t in _NAMES})
    change = _of(origin.update(), "AGG")
    assert (change["status"], change["withdrawn"]) == ("appended", [f"{_DAYS[97]:%Y-%m-%d}"])
    np.testing.assert_allclose(load_market(origin.market).prices["AGG"], _levels("AGG"), rtol=1e-12)


def test_last_days_that_the_source_takes_back_are_kept_and_told(origin: _Origin) -> None:
    origin.write({t: _levels(t)[:100] for t in _NAMES})
    origin.build()
    origin.write({t: _levels(t)[: 97 if t == "AGG" else 100] for t in _NAMES})
    change = _of(origin.update(), "AGG")
    assert (change["status"], change["withdrawn"]) == ("unchanged", [f"{day:%Y-%m-%d}" for day in _DAYS[97:100]])
    np.testing.assert_allclose(load_market(origin.market).prices["AGG"], _levels("AGG")[:100], rtol=1e-12)


def test_an_end_before_the_last_day_is_refused_as_it_would_take_days_away(origin: _Origin) -> None:
    origin.write({t: _levels(t)[:100] for t in _NAMES})
    origin.build()
    origin.write({t: _levels(t, 0.99)[:100] for t in _NAMES})
    with pytest.raises(MarketError, match=f"lies before {_DAYS[99]:%Y-%m-%d}, the last day of"):
        update_market(origin.market, _DAYS[98].date(), _silent)
    assert update_market(origin.market, _DAYS[99].date(), _silent).rows == 300


def test_volumes_of_the_overlap_are_corrected_and_counted(origin: _Origin) -> None:
    origin.write({t: _levels(t)[:100] for t in _NAMES})
    origin.build()
    origin.write({t: _levels(t)[:100] for t in _NAMES}, volume=2000.0)
    change = _of(origin.update(), "AGG")
    assert (change["status"], change["corrected"]) == ("unchanged", 15)
    stored = pd.read_parquet(origin.market / "prices.parquet")
    assert (stored["volume"] == 2000.0).sum() == 45


def test_a_fund_that_stopped_is_no_failure(origin: _Origin) -> None:
    origin.write({t: _levels(t)[: 60 if t == "TLT" else 100] for t in _NAMES})
    origin.build()
    origin.write({t: _levels(t) for t in ("AGG", "HYG")})
    change = _of(origin.update(), "TLT")
    assert (change["status"], change["why"]) == ("stopped", "not in the files")


def test_an_update_without_news_says_so_and_is_logged(origin: _Origin) -> None:
    origin.write({t: _levels(t)[:100] for t in _NAMES})
    origin.build()
    prices = (origin.market / "prices.parquet").read_bytes()
    outcome = origin.update()
    assert {c.status for c in outcome.changes} == {"unchanged"}
    assert outcome.to_dict()["changes"] == []
    assert (origin.market / "prices.parquet").read_bytes() == prices


def test_what_was_changed_by_hand_is_not_lost(origin: _Origin) -> None:
    origin.write({t: _levels(t)[:100] for t in _NAMES})
    origin.build()
    catalog = origin.market / "catalog.csv"
    catalog.write_text(catalog.read_text().replace("high_yield", "bank_loan"))
    with pytest.raises(MarketError, match=r"catalog\.csv changed since"):
        origin.update()
    assert load_market(origin.market).catalog.loc["HYG", "sector"] == "bank_loan"


def test_two_at_once(origin: _Origin) -> None:
    origin.write({t: _levels(t)[:100] for t in _NAMES})
    origin.build()
    with alone(origin.market), pytest.raises(MarketError, match="being written by another process"):
        origin.update()
    origin.update()


def test_files_that_other_programs_read_are_in_the_folder(origin: _Origin) -> None:
    origin.write({t: _levels(t)[:100] for t in _NAMES})
    origin.build()
    origin.write({t: _levels(t) for t in _NAMES})
    origin.update()
    assert len(pd.read_parquet(origin.market / "prices.parquet")) == 360
    assert pd.read_csv(origin.market / "catalog.csv")["sector"].tolist() == ["aggregate", "high_yield", "treasury"]
    assert disagreeing(current_folder(origin.market)) == []


def test_a_market_that_is_taken_is_left_alone(origin: _Origin) -> None:
    origin.write({t: _levels(t)[:100] for t in _NAMES})
    origin.build()
    with pytest.raises(MarketError, match="holds a market; bring it up to date"):
        origin.build()
    other = origin.market.parent / "other"
    other.mkdir()
    (other / "notes.txt").write_text("mine")
    with pytest.raises(MarketError, match="is not empty"):
        build_market(origin.recipe, other, None, _silent)
    with pytest.raises(MarketError, match="was not made by `aggplus market build`"):
        update_market(other, None, _silent)


def test_a_build_that_fails_leaves_nothing(origin: _Origin) -> None:
    origin.write({t: _levels(t)[:100] for t in _NAMES})
    overrides = origin.market.parent / "overrides.csv"
    overrides.write_text("ticker,column,value\nAGG,sector,junk\n")
    recipe = Recipe("files", (origin.file,), tuple(_NAMES), catalog=str(origin.listing), overrides=overrides)
    before = set(origin.market.parent.iterdir())
    with pytest.raises(MarketError, match="unknown sector 'junk'"):
        build_market(recipe, origin.market, None, _silent)
    assert set(origin.market.parent.iterdir()) == before


def test_the_recipe_reads_back(tmp_path: Path) -> None:
    recipe = Recipe(
        "files",
        (tmp_path / 'a "b" \\ é.csv',),
        ("A", "BRK.B"),
        pd.Timestamp("2020-01-02").date(),
        ColumnMap({"adj_close": 'Adj "Close"'}),
        "financedatabase",
        tmp_path / "overrides.toml",
    )
    (tmp_path / "market.toml").write_text(recipe.to_toml(), encoding="utf-8")
    assert Recipe.from_toml(tmp_path / "market.toml") == recipe


_SPIKED, _LAST = 92, 100


def _spiked(ticker: str, scale: float = 1.0) -> pd.Series:
    levels = _levels(ticker, scale)[:_LAST]
    levels.iloc[_SPIKED] *= 1.05
    return levels


@pytest.mark.parametrize(
    ("first", "last", "told"),
    [
        (_SPIKED, _SPIKED, True),
        (_SPIKED - 3, _SPIKED - 1, True),  # the return out of it is another
        (_SPIKED + 1, None, True),  # and the one into it
        (_SPIKED - 9, None, True),
        (_SPIKED - 9, _SPIKED - 2, False),
        (_SPIKED + 2, _SPIKED + 4, False),
        (_SPIKED + 2, None, False),  # new days alone are no change
    ],
)
def test_a_line_of_the_quarantine_whose_close_was_mended_is_told(
    origin: _Origin, first: int, last: int | None, told: bool
) -> None:
    origin.write({t: _spiked(t) if t == "HYG" else _levels(t)[:_LAST] for t in _NAMES})
    assert origin.build().quarantine == ()
    line = f"{_DAYS[first]:%Y-%m-%d},{'' if last is None else f'{_DAYS[last]:%Y-%m-%d}'},{_DAYS[first]:%Y-%m-%d}"
    file = origin.market / "quarantine.csv"
    file.write_text(f"ticker,first,last,known_from,kind,why\nHYG,{line},spike,5 %\nAGG,{line},spike,5 %\n")
    before = file.read_bytes()
    # Mended, in a past that a distribution scales, and with new days.
    origin.write({t: _levels(t, 0.996) for t in _NAMES})
    outcome = origin.update()
    expected = {
        "ticker": "HYG",
        "kind": "spike",
        "first": f"{_DAYS[first]:%Y-%m-%d}",
        "last": None if last is None else f"{_DAYS[last]:%Y-%m-%d}",
    }
    assert outcome.to_dict()["quarantine"] == ([expected] if told else [])
    log = [json.loads(text) for text in (origin.market / "changes.jsonl").read_text().splitlines()]
    assert log[-1]["quarantine"] == outcome.to_dict()["quarantine"]
    assert file.read_bytes() == before
    assert origin.update().quarantine == ()


def test_a_day_under_quarantine_that_goes_or_comes_is_told(origin: _Origin) -> None:
    held = {t: _levels(t)[:_LAST] for t in _NAMES}
    origin.write(held | {"TLT": held["TLT"].drop(_DAYS[50])})
    origin.build()
    lines = [f"{t},{day},{day},{day},gap,x\n" for t, day in (("HYG", "2023-03-06"), ("TLT", f"{_DAYS[50]:%Y-%m-%d}"))]
    (origin.market / "quarantine.csv").write_text("ticker,first,last,known_from,kind,why\n" + "".join(lines))
    # Scaled pasts are fetched whole: of HYG without the day in question, of TLT with it.
    scaled = {t: 0.99 * levels for t, levels in held.items()}
    revised = scaled["HYG"].drop(pd.Timestamp("2023-03-06"))
    revised.iloc[90:] *= 1.002
    origin.write(scaled | {"HYG": revised})
    outcome = origin.update()
    assert [line.ticker for line in outcome.quarantine] == ["HYG", "TLT"]


def test_a_quarantine_that_cannot_be_read_stops_no_update(origin: _Origin) -> None:
    origin.write({t: _levels(t)[:_LAST] for t in _NAMES})
    origin.build()
    (origin.market / "quarantine.csv").write_text("ticker;first\n")
    origin.write({t: _levels(t) for t in _NAMES})
    outcome = origin.update()
    assert outcome.last == _DAYS[-1]
    assert any("quarantine.csv has the columns" in note for note in outcome.notes)
