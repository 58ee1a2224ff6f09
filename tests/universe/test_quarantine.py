"""Quarantine: read strictly, looked at point in time, and never more than what a person left in the file."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from universe import Market, MarketError, UniverseRules, load_market, screen, simulated_market, until
from universe.quarantine import (
    QUARANTINE_FILE,
    merged,
    quarantine_bytes,
    quarantined,
    read_quarantine,
    require_not_quarantined,
)

HEADER = "ticker,first,last,known_from,kind,why\n"
DAYS = pd.bdate_range("2024-01-01", periods=30)
RULES = UniverseRules(min_aum_mm=None, min_history_days=5)


def day(number: int) -> str:
    return f"{DAYS[number]:%Y-%m-%d}"


def market(folder: Path, quarantine: str | None = None) -> Market:
    folder.mkdir(exist_ok=True)
    labels = "currency_exposure,tax_status,leveraged_or_inverse,options_overlay"
    rows = [f"{ticker},Fund {ticker},treasury,USD,taxable,False,False" for ticker in ("AGG", "BIL", "TLT")]
    (folder / "catalog.csv").write_text("\n".join([f"ticker,name,sector,{labels}", *rows]))
    random = np.random.default_rng(3)
    closes = 100.0 * np.cumprod(1.0 + random.normal(0.0, 0.003, (30, 3)), axis=0)
    panel = pd.DataFrame(closes, index=DAYS.rename("date"), columns=["AGG", "BIL", "TLT"])
    panel.to_csv(folder / "prices.csv", date_format="%Y-%m-%d")
    if quarantine is not None:
        (folder / QUARANTINE_FILE).write_text(quarantine)
    return load_market(folder)


def left_out(known: Market, number: int, window: int) -> set[str]:
    found = screen(known, DAYS[number], RULES, window)
    return set(found.kind.index[found.kind == "quarantined"])


def test_a_folder_without_the_file_has_none_and_nobody_is_left_out(tmp_path: Path) -> None:
    known = market(tmp_path / "m")
    assert known.quarantine.empty
    assert left_out(known, 20, 10) == set()
    assert simulated_market().quarantine.empty


def test_a_fund_is_left_out_while_its_window_touches_the_span_and_from_the_day_it_is_known(tmp_path: Path) -> None:
    known = market(tmp_path / "m", f"{HEADER}TLT,{day(12)},{day(13)},{day(15)},spike,up and back\n")
    out = [number for number in range(8, 30) if left_out(known, number, 5)]
    # A window of five returns at session 18 begins with the close of session 13, the last of the span.
    assert out == [15, 16, 17, 18]
    found = screen(known, DAYS[16], RULES, 5)
    words = f"quarantined prices in the last 6 sessions: spike, {day(12)} to {day(13)}"
    assert found.excluded["TLT"] == words
    assert "1 fund left out because its prices are quarantined: TLT" in found.warnings
    assert "quarantined prices in the risk window" in found._repr_html_()


def test_an_open_span_goes_on_and_a_released_one_does_not_count(tmp_path: Path) -> None:
    lines = f"TLT,{day(12)},,{day(14)},switch,moves like BIL\nBIL,{day(12)},{day(12)},{day(12)},released,it is right\n"
    known = market(tmp_path / "m", HEADER + lines)
    assert [number for number in range(10, 30) if left_out(known, number, 5)] == list(range(14, 30))
    assert left_out(known, 20, 15) == {"TLT"}


def test_what_is_cut_off_later_changes_nothing(tmp_path: Path) -> None:
    known = market(
        tmp_path / "m", f"{HEADER}TLT,{day(12)},,{day(14)},switch,x\nBIL,{day(20)},{day(20)},{day(25)},s,x\n"
    )
    for number in range(10, 30):
        assert left_out(until(known, DAYS[number]), number, 6) == left_out(known, number, 6)


def test_a_benchmark_in_quarantine_is_refused_by_its_span(tmp_path: Path) -> None:
    known = market(tmp_path / "m", f"{HEADER}AGG,{day(12)},{day(12)},{day(13)},spike,x\n")
    require_not_quarantined(known.quarantine, "AGG", DAYS[4], DAYS[12])
    require_not_quarantined(known.quarantine, "BIL", DAYS[4], DAYS[20])
    with pytest.raises(MarketError, match=f"the benchmark AGG has quarantined prices .*: spike, {day(12)}; mend"):
        require_not_quarantined(known.quarantine, "AGG", DAYS[4], DAYS[20])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty; expected the columns ticker, first, last, known_from, kind, why"),
        ("ticker,first\nTLT,2024-01-02\n", "has the columns ticker, first; expected"),
        ("ticker;first;last;known_from;kind;why\n", "with commas between"),
        (HEADER + "TLT,2024-01-02\n", "row 1 has 2 fields; the header has 6"),
        (HEADER + ",2024-01-02,2024-01-02,2024-01-02,spike,x\n", "row 1: the ticker is blank"),
        (HEADER + "TLTT,2024-01-02,2024-01-02,2024-01-02,spike,x\n", r"not in the catalog; did you mean 'TLT'\?"),
        (HEADER + "TLT,1/2/2024,2024-01-02,2024-01-02,spike,x\n", r"row 1 \(TLT\): first is '1/2/2024'; expected YYYY"),
        (HEADER + "TLT,2024-01-02,soon,2024-01-02,s,x\n", "last is 'soon'; expected YYYY-MM-DD, or a blank"),
        (HEADER + "TLT,2024-01-02,2024-01-02,,s,x\n", "known_from is ''; expected YYYY-MM-DD"),
        (HEADER + "TLT,2024-01-03,2024-01-02,2024-01-03,s,x\n", "last 2024-01-02 is before first 2024-01-03"),
        (HEADER + "TLT,2024-01-03,,2024-01-02,s,x\n", "known_from 2024-01-02 is before first 2024-01-03"),
        (HEADER + "TLT,2024-01-03,,2024-01-03,,x\n", "kind is blank"),
        (HEADER + "TLT,2024-01-03,,2024-01-03,s,x\nBIL,2024-01-03,,,s,x\n", r"row 2 \(BIL\)"),
    ],
)
def test_a_malformed_file_is_refused_by_row_and_reason(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(MarketError, match=words):
        market(tmp_path / "m", text)


def test_bytes_that_are_no_text_and_a_folder_of_that_name_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "m"
    market(folder)
    (folder / QUARANTINE_FILE).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(MarketError, match="is not UTF-8 text"):
        load_market(folder)
    (folder / QUARANTINE_FILE).unlink()
    (folder / QUARANTINE_FILE).mkdir()
    with pytest.raises(MarketError, match="cannot be read as CSV"):
        load_market(folder)


TICKERS = pd.Index(["AGG", "BIL", "TLT"])
SPANS = st.lists(
    st.tuples(
        st.sampled_from(list(TICKERS)),
        st.integers(0, 29),
        st.one_of(st.none(), st.integers(0, 5)),
        st.integers(0, 9),
        st.sampled_from(["spike", "released", "two, words"]),
        st.sampled_from(["", 'says "so", twice', "plain"]),
    ),
    max_size=6,
)


def table(folder: Path, spans: list[tuple[str, int, int | None, int, str, str]]) -> pd.DataFrame:
    rows = []
    for ticker, first, length, wait, kind, why in spans:
        begin = DAYS[first]
        last = "" if length is None else f"{begin + pd.Timedelta(days=length):%Y-%m-%d}"
        known = begin + pd.Timedelta(days=wait)
        quoted = why.replace('"', '""')
        rows.append(f'{ticker},{begin:%Y-%m-%d},{last},{known:%Y-%m-%d},"{kind}","{quoted}"\n')
    path = folder / "q.csv"
    path.write_text(HEADER + "".join(rows))
    return read_quarantine(path, TICKERS)


@given(spans=SPANS, more=SPANS)
def test_written_and_read_it_is_the_same_and_a_merge_adds_only_what_is_new(
    tmp_path_factory: pytest.TempPathFactory,
    spans: list[tuple[str, int, int | None, int, str, str]],
    more: list[tuple[str, int, int | None, int, str, str]],
) -> None:
    folder = tmp_path_factory.mktemp("q")
    kept, found = table(folder, spans), table(folder, more)
    (folder / "again.csv").write_bytes(quarantine_bytes(kept))
    pd.testing.assert_frame_equal(read_quarantine(folder / "again.csv", TICKERS), kept)
    both = merged(kept, found)
    assert set(quarantine_bytes(kept).splitlines()) <= set(quarantine_bytes(both).splitlines())
    assert len(merged(both, found)) == len(both)
    for row in found.itertuples():
        # Every span found is in quarantine afterwards, whole, or a person has released some of it.
        last = pd.Timestamp.max if pd.isna(row.last) else row.last
        mine = both[both["ticker"] == row.ticker]
        meets = (mine["first"] <= last) & (mine["last"].isna() | (mine["last"] >= row.first))
        covers = (mine["first"] <= row.first) & (mine["last"].isna() | (mine["last"] >= last))
        assert (covers | (meets & (mine["kind"] == "released"))).any()


def test_a_run_that_has_grown_is_quarantined_to_its_new_end(tmp_path: Path) -> None:
    kept = table(tmp_path, [("TLT", 10, 4, 0, "stale", "")])
    grown = merged(kept, table(tmp_path, [("TLT", 10, 9, 0, "stale", "")]))
    assert list(grown["last"]) == [DAYS[10] + pd.Timedelta(days=4), DAYS[10] + pd.Timedelta(days=9)]


def test_what_spreadsheets_leave_is_read(tmp_path: Path) -> None:
    known = market(tmp_path / "m", f"\ufeff{HEADER}\n,,,,,\nTLT,2024-01-03,,2024-01-03,Released,x\n   \n")
    assert list(known.quarantine["kind"]) == ["released"]
    assert left_out(known, 20, 15) == set()


@given(spans=SPANS, asof=st.integers(5, 29), window=st.integers(1, 5))
def test_lines_not_known_yet_do_not_count(
    tmp_path_factory: pytest.TempPathFactory,
    spans: list[tuple[str, int, int | None, int, str, str]],
    asof: int,
    window: int,
) -> None:
    whole = table(tmp_path_factory.mktemp("q"), spans)
    first, last = DAYS[asof - window], DAYS[asof]
    told = whole[whole["known_from"] <= last]
    pd.testing.assert_frame_equal(quarantined(whole, first, last), quarantined(told, first, last))
    for row in quarantined(whole, first, last).itertuples():
        assert row.kind != "released"
        assert row.first <= last
        assert pd.isna(row.last) or row.last >= first
