"""Files in the forms that people have, against the table they were written from."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from universe import MarketError
from universe.sources import ColumnMap, FilesSource
from universe.sources.listing import open_listing, read_listing
from universe.sources.overrides import apply_overrides, read_overrides
from universe.sources.price_table import read_price_table
from universe.sources.ticker_file import read_tickers

_DAYS = pd.bdate_range("2024-01-02", periods=5)
_PANEL = pd.DataFrame(
    {"AGG": [100.0, 100.1, np.nan, 100.3, 100.2], "BRK.B": [50.0, 50.5, 50.4, 50.6, 50.7]}, index=_DAYS.rename("date")
)


def _long() -> pd.DataFrame:
    return _PANEL.reset_index().melt("date", var_name="ticker", value_name="adj_close")


def _write(frame: pd.DataFrame, path: Path, *, index: bool = False) -> Path:
    if path.suffix == ".parquet":
        frame.to_parquet(path, index=index)
    else:
        frame.to_csv(path, index=index, date_format="%Y-%m-%d")
    return path


def _panel(table: pd.DataFrame) -> pd.DataFrame:
    return table.pivot(index="date", columns="ticker", values="adj_close")


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
@pytest.mark.parametrize("form", ["long", "wide", "shuffled", "renamed", "yahoo"])
def test_every_form_gives_the_same_table(tmp_path: Path, form: str, suffix: str) -> None:
    columns = ColumnMap()
    path = tmp_path / f"p{suffix}"
    if form == "wide":
        _write(_PANEL, path, index=True)
    elif form == "shuffled":
        _write(_long().sample(frac=1.0, random_state=1), path)
    elif form == "renamed":
        columns = ColumnMap.from_words(["date=Day", "ticker=Symbol", "adj_close=Adj Close"])
        _write(_long().set_axis(["Day", "Symbol", "Adj Close"], axis=1), path)
    elif form == "yahoo":
        path = tmp_path / "many"
        path.mkdir()
        columns = ColumnMap.from_words(["adj_close=Adj Close", "close=Close"])
        for ticker in _PANEL:
            frame = _PANEL[ticker].rename("Adj Close").to_frame().assign(Close=1.0).rename_axis("Date")
            _write(frame.reset_index(), path / f"{ticker}{suffix}")
    else:
        _write(_long(), path)
    source = FilesSource([path], columns)
    assert source.tickers() == ("AGG", "BRK.B")
    fetched = source.prices(("AGG", "BRK.B", "NONE"), None, None)
    expected = _PANEL.rename_axis(columns="ticker")
    pd.testing.assert_frame_equal(_panel(fetched.table), expected, check_freq=False, check_column_type=False)
    assert fetched.failures == {"NONE": "not in the files"}
    inner = source.prices(("AGG",), _DAYS[1].date(), _DAYS[3].date()).table
    assert inner["date"].tolist() == [_DAYS[1], _DAYS[3]]


def test_more_than_adjusted_closes(tmp_path: Path) -> None:
    frame = _long().assign(close=10.0, volume=[0, *range(1, 10)], dividends=0.25)
    path = _write(frame, tmp_path / "p.csv")
    table = read_price_table(path, ColumnMap({"distribution": "dividends"}))
    assert table["close"].eq(10.0).all()
    assert table["distribution"].eq(0.25).all()
    assert table["split"].isna().all()
    assert table["volume"].min() == 0.0


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (
            lambda f: f.assign(adj_close=f["adj_close"].mask(f.index == 1, -3.0)),
            r"row 2 \(AGG, 2024-01-03\): adj_close is -3.0",
        ),
        (
            lambda f: f.assign(adj_close=f["adj_close"].astype(str).mask(f.index == 1, "x")),
            r"row 2 \(AGG, .*adj_close is text",
        ),
        (lambda f: f.assign(date=f["date"].astype(str).mask(f.index == 3, "3/1/2024")), r"row 4: date '3/1/2024'"),
        (lambda f: pd.concat([f, f.iloc[[1]]]), r"row 11: AGG on 2024-01-03 is in an earlier row"),
        (lambda f: f.rename(columns={"adj_close": "price"}), r"no column 'adj_close'.*--map adj_close=NAME"),
        (lambda f: f.assign(ticker=f["ticker"].mask(f.index == 0, " AGG")), r"row 1: the ticker ' AGG' has blanks"),
        (lambda f: f.assign(volume=-1.0), r"volume is -1.0"),
    ],
)
def test_bad_cells_are_named(tmp_path: Path, spoil: Callable[[pd.DataFrame], pd.DataFrame], why: str) -> None:
    path = _write(spoil(_long()), tmp_path / "p.csv")
    with pytest.raises(MarketError, match=why):
        read_price_table(path, ColumnMap())


@pytest.mark.parametrize(
    ("text", "why"),
    [("", "is empty"), ("date;AGG\n2024-01-02;1,5\n", "has ';' between its columns; expected commas")],
)
def test_what_is_no_table_is_told_as_what_it_is(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "p.csv"
    path.write_text(text)
    with pytest.raises(MarketError, match=why):
        read_price_table(path, ColumnMap())


def test_files_that_overlap_are_refused(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        _write(_long(), tmp_path / name)
    with pytest.raises(MarketError, match=r"AGG on 2024-01-02 is in more than one file"):
        FilesSource([tmp_path], ColumnMap()).tickers()


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["adj_close"], "expected OURS=THEIRS"),
        (["adj_clos=x"], "did you mean 'adj_close'"),
        (["close=x", "volume=x"], "mapped to both close and volume"),
        (["close=x", "close=y"], "mapped twice"),
    ],
)
def test_a_map_that_makes_no_sense(words: list[str], why: str) -> None:
    with pytest.raises(MarketError, match=why):
        ColumnMap.from_words(words)


def test_a_map_from_toml_and_a_column_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "map.toml").write_text('adj_close = "Adj Close"\n')
    columns = ColumnMap.from_toml(tmp_path / "map.toml")
    assert columns.name("adj_close") == "Adj Close"
    path = _write(_long().rename(columns={"adj_close": "Adj. Close"}), tmp_path / "p.csv")
    with pytest.raises(MarketError, match=r"no column 'Adj Close', mapped to adj_close .* did you mean 'Adj. Close'"):
        read_price_table(path, columns)
    (tmp_path / "map.toml").write_text("adj_close = 3\n")
    with pytest.raises(MarketError, match="expected the name of a column"):
        ColumnMap.from_toml(tmp_path / "map.toml")


def test_tickers_from_lines_and_from_a_column(tmp_path: Path) -> None:
    path = tmp_path / "t.txt"
    path.write_text("# funds\nAGG\n\nNA\nAGG\n")
    assert read_tickers(path) == ("AGG", "NA")
    path.write_text("name,ticker\nCore,AGG\nJunk,HYG\n")
    assert read_tickers(path) == ("AGG", "HYG")
    for text, why in (("", "holds no ticker"), ("AGG\nHY G\tX,Y\n", "line 2"), ("a,b\n1,2\n", "none is 'ticker'")):
        path.write_text(text)
        with pytest.raises(MarketError, match=why):
            read_tickers(path)


def test_overrides_from_csv_and_toml_win_and_are_marked(tmp_path: Path) -> None:
    (tmp_path / "o.csv").write_text("ticker,column,value\nAGG,sector,treasury\nAGG,aum_usd_mm,5\nZZZ,name,x\n")
    (tmp_path / "o.toml").write_text('[AGG]\nsector = "treasury"\naum_usd_mm = 5\n["ZZZ"]\nname = "x"\n')
    catalog = pd.DataFrame({"ticker": ["AGG", "HYG"], "sector": ["aggregate", "high_yield"]}).set_index("ticker")
    for name in ("o.csv", "o.toml"):
        changed, strangers = apply_overrides(catalog, read_overrides(tmp_path / name))
        assert changed.loc["AGG", ["sector", "aum_usd_mm", "overridden"]].tolist() == [
            "treasury",
            "5",
            "aum_usd_mm sector",
        ]
        assert changed.loc["HYG", "sector"] == "high_yield"
        assert pd.isna(changed.loc["HYG", "overridden"])
        assert strangers == ("ZZZ",)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("ticker,value\nAGG,x\n", "expected the columns ticker,column,value"),
        ("ticker,column,value\nAGG,secter,x\n", "row 1: 'secter' is no column of a catalog; did you mean 'sector'"),
        ("ticker,column,value\nAGG,sector,x\nAGG,sector,y\n", "given twice"),
        ("ticker,column,value\nAGG,sector\n", "row 1 has 2 fields"),
    ],
)
def test_overrides_that_make_no_sense(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "o.csv").write_text(text)
    with pytest.raises(MarketError, match=why):
        read_overrides(tmp_path / "o.csv")


def test_a_listing_of_any_kind(tmp_path: Path) -> None:
    path = tmp_path / "l.csv"
    path.write_text("Symbol,Fund Name,category,whatever\nAGG,Core Bond,Intermediate Core Bond,1\nHYG,High Yield,,2\n")
    assert read_listing(path)[["ticker", "name"]].to_numpy().tolist() == [["AGG", "Core Bond"], ["HYG", "High Yield"]]
    assert open_listing(str(path), ["HYG"])["ticker"].tolist() == ["HYG"]
    path.write_text("tiker,name\nAGG,x\n")
    with pytest.raises(MarketError, match="did you mean 'tiker'"):
        read_listing(path)
    path.write_text("ticker,name\nAGG\n")
    with pytest.raises(MarketError, match=r"row 1 \(AGG\) has 1 fields"):
        read_listing(path)
