"""The catalog: types as promised, and a line that says where for whatever is wrong."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from universe import MarketError, read_catalog, validate_catalog

DTYPES = {
    "name": "str",
    "sector": "str",
    "issuer": "str",
    "sub_sector": "str",
    "currency_exposure": "str",
    "maturity_bucket": "str",
    "credit_quality": "str",
    "tax_status": "str",
    "leveraged_or_inverse": "boolean",
    "options_overlay": "boolean",
    "effective_duration_years": "float64",
    "expense_ratio_bp": "float64",
    "aum_usd_mm": "float64",
    "adv_usd_mm": "float64",
    "as_of": "datetime64[us]",
    "first_trade_date": "datetime64[us]",
    "delisted": "boolean",
    "last_price_date": "datetime64[us]",
}

FULL = """ticker,name,sector,issuer,currency_exposure,leveraged_or_inverse,aum_usd_mm,effective_duration_years,as_of,hue
TRUE,Truth ETF,treasury,,USD,False,12.5,-1.5,2024-01-31,red
NA,,high_yield,NA,USD-hedged,,,,,
1E5,"Numbers, ETF",tips,Émile,,True,1e3,7,2024-01-31 00:00:00,blue
"""


def catalog_file(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "catalog.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_catalog_is_read_as_promised(tmp_path: Path, encoding: str) -> None:
    catalog = read_catalog(catalog_file(tmp_path, FULL, encoding))
    assert catalog.index.name == "ticker"
    assert list(catalog.index) == ["1E5", "NA", "TRUE"]
    assert {name: str(dtype) for name, dtype in catalog.dtypes.items()} == DTYPES
    assert list(catalog["name"]) == ["Numbers, ETF", "", "Truth ETF"]
    assert catalog.loc["NA", "issuer"] == "NA"
    assert catalog.loc["1E5", "issuer"] == "Émile"
    assert list(catalog["currency_exposure"].isna()) == [True, False, False]
    assert list(catalog["leveraged_or_inverse"].fillna(False)) == [True, False, False]
    assert list(catalog["leveraged_or_inverse"].isna()) == [False, True, False]
    np.testing.assert_array_equal(catalog["aum_usd_mm"], [1000, np.nan, 12.5])
    np.testing.assert_array_equal(catalog["effective_duration_years"], [7, np.nan, -1.5])
    assert list(catalog["as_of"].isna()) == [False, True, False]
    assert catalog.loc["TRUE", "as_of"] == pd.Timestamp("2024-01-31")
    absent = ["adv_usd_mm", "tax_status", "options_overlay", "first_trade_date", "delisted"]
    assert catalog[absent].isna().all(axis=None)


def test_typed_frames_validate_as_text_does_and_validation_settles(tmp_path: Path) -> None:
    catalog = read_catalog(catalog_file(tmp_path, FULL))
    pd.testing.assert_frame_equal(validate_catalog(catalog, "again"), catalog)
    pd.testing.assert_frame_equal(validate_catalog(catalog.reset_index().iloc[::-1], "again"), catalog)


def test_a_flag_column_of_pandas_with_holes_is_read() -> None:
    frame = pd.DataFrame({"ticker": ["A", "B", "C"], "name": "x", "sector": "mbs", "delisted": [True, None, False]})
    assert validate_catalog(frame, "frame")["delisted"].tolist() == [True, pd.NA, False]


MINIMAL = "ticker,name,sector\n"

CASES = {
    "empty": ("", ["catalog.csv is empty", "ticker, name, sector"]),
    "header only": (MINIMAL, ["no rows"]),
    "no sector": ("ticker,name\nA,x\n", ["no column 'sector'", "found: ticker, name"]),
    "misspelt sector": ("ticker,name,Sektor\nA,x,mbs\n", ["no column 'sector'", "did you mean 'Sektor'?"]),
    "misspelt ticker": ("tiker,name,sector\nA,x,mbs\n", ["no column 'ticker'", "did you mean 'tiker'?"]),
    "misspelt optional": (
        "ticker,name,sector,aum_usd_m\nA,x,mbs,1\n",
        ["unknown column 'aum_usd_m'", "did you mean 'aum_usd_mm'?"],
    ),
    "optional in capitals": (
        "ticker,name,sector,AS OF\nA,x,mbs,\n",
        ["unknown column 'AS OF'", "did you mean 'as_of'?"],
    ),
    "column twice": ("ticker,name,sector,name\nA,x,mbs,y\n", ["column 'name' 2 times"]),
    "ticker twice": (MINIMAL + "A,x,mbs\nB,y,mbs\nA,z,mbs\n", ["row 3: ticker 'A' is already in row 1"]),
    "blank ticker": (MINIMAL + "A,x,mbs\n,y,mbs\n", ["row 2: the ticker is blank"]),
    "ticker in blanks": (MINIMAL + "A ,x,mbs\n", ["row 1: the ticker 'A ' has blanks around it"]),
    "unknown sector": (
        MINIMAL + "A,x,mbs\nB,y,high yeild\n",
        ["row 2 (B)", "unknown sector 'high yeild'", "did you mean 'high_yield'?"],
    ),
    "blank sector": (MINIMAL + "A,x,\n", ["row 1 (A): the sector is blank", "treasury"]),
    "textual number": ("ticker,name,sector,aum_usd_mm\nA,x,mbs,1\nB,y,mbs,12m\n", ["row 2 (B): aum_usd_mm is '12m'"]),
    "negative number": ("ticker,name,sector,adv_usd_mm\nA,x,mbs,-1\n", ["row 1 (A): adv_usd_mm is -1"]),
    "negative fee": ("ticker,name,sector,expense_ratio_bp\nA,x,mbs,-1\n", ["row 1 (A): expense_ratio_bp is -1"]),
    "infinite number": ("ticker,name,sector,aum_usd_mm\nA,x,mbs,inf\n", ["row 1 (A): aum_usd_mm is 'inf'"]),
    "flag neither way": (
        "ticker,name,sector,options_overlay\nA,x,mbs,perhaps\n",
        ["row 1 (A): options_overlay is 'perhaps'", "True, False"],
    ),
    "unreadable date": (
        "ticker,name,sector,first_trade_date\nA,x,mbs,1/2/20\n",
        ["row 1 (A): first_trade_date is '1/2/20'", "YYYY-MM-DD"],
    ),
    "no such date": ("ticker,name,sector,as_of\nA,x,mbs,2024-02-30\n", ["row 1 (A): as_of is '2024-02-30'"]),
    "short row": (MINIMAL + "A,x,mbs\nB,y\n", ["row 2 (B) has 2 fields; the header has 3"]),
    "long row": (MINIMAL + "A,x,mbs,7\n", ["row 1 (A) has 4 fields; the header has 3"]),
    "quote never closed in the header": ('ticker,"name,sector\nA,x,mbs\n', ["no column 'name'"]),
    "line break in a ticker": (MINIMAL + '"A\nB",x,mbs\n', ["row 1: the ticker 'A B' has characters"]),
    "quote never closed": (MINIMAL + 'A,"x,mbs\nB,y,mbs\n', ["row 1 (A) has 2 fields"]),
}


@pytest.mark.parametrize("case", CASES)
def test_a_wrong_catalog_is_refused_in_one_line(tmp_path: Path, case: str) -> None:
    text, expected = CASES[case]
    refused(catalog_file(tmp_path, text), ["catalog.csv", *expected])


def test_latin_1_is_refused_in_one_line(tmp_path: Path) -> None:
    refused(catalog_file(tmp_path, FULL, "latin-1"), ["catalog.csv is not UTF-8"])


def test_what_is_no_file_is_refused_in_one_line(tmp_path: Path) -> None:
    refused(tmp_path / "catalog.csv", ["catalog.csv does not exist"])
    refused(tmp_path, ["cannot be read"])


def test_tickers_that_are_not_text_are_refused() -> None:
    frame = pd.DataFrame({"ticker": [True], "name": ["x"], "sector": ["mbs"]})
    with pytest.raises(MarketError, match="row 1: the ticker is True, which is not text"):
        validate_catalog(frame, "frame")


def refused(path: Path, expected: list[str]) -> None:
    with pytest.raises(MarketError) as caught:
        read_catalog(path)
    message = str(caught.value)
    assert "\n" not in message
    for part in expected:
        assert part in message
