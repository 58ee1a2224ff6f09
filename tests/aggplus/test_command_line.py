"""The command line, from the outside: exit codes, one line for bad input, and nothing written then."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import aggplus
from aggplus.holdings_files import read_holdings, read_returns

OUTPUTS = ("--json", "out.json", "--export", "out.npz")

Refuse = Callable[..., str]


def solve_refused(refuse: Refuse, market: Path, *more: object, model: object = "baseline") -> str:
    """What `solve` says when it refuses, with both results asked for."""
    return refuse("solve", model, "--market", market, *OUTPUTS, *more)


def document(folder: Path, text: str, name: str = "client.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def says(line: str, *words: object) -> None:
    for word in words:
        assert str(word) in line, f"{word!r} is not in: {line}"


class TestExecutable:
    """A process of its own, as a user starts it."""

    def command(self, *arguments: object, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
        plain = {key: value for key, value in os.environ.items() if key not in ("AGGPLUS_MARKET", "FORCE_COLOR")}
        return subprocess.run(
            [sys.executable, "-m", "aggplus", *map(str, arguments)],
            cwd=folder,
            env={**plain, **environment},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def test_solves_prints_and_writes(self, small_folder: Path, tmp_path: Path) -> None:
        done = self.command("solve", "baseline", "--market", small_folder, *OUTPUTS, folder=tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
        record = json.loads((tmp_path / "out.json").read_text())
        assert record["status"] == "solved"
        for ticker, weight in record["weights"].items():
            assert f"{ticker}  " in done.stdout
            assert f"{100 * weight:.2f} %" in done.stdout
        with np.load(tmp_path / "out.npz") as arrays:
            assert float(arrays["target_value"]) == record["risk"]["target"]["value"]
        assert sorted(os.listdir(tmp_path)) == ["out.json", "out.npz"]

    def test_reads_the_market_from_the_environment(self, small_folder: Path, tmp_path: Path) -> None:
        done = self.command(
            "solve", "baseline", "--json", "out.json", folder=tmp_path, AGGPLUS_MARKET=str(small_folder)
        )
        assert done.returncode == 0, done.stderr
        assert json.loads((tmp_path / "out.json").read_text())["market"] == small_folder.name

    def test_bad_input_is_one_line_and_exit_code_2(self, tmp_path: Path) -> None:
        done = self.command("solve", "baseline", "--market", "nowhere", *OUTPUTS, folder=tmp_path)
        assert done.returncode == 2
        assert done.stdout == ""
        assert done.stderr.splitlines() == [
            "aggplus: market folder nowhere does not exist; expected a folder with prices.parquet or prices.csv, "
            "and catalog.csv"
        ]
        assert os.listdir(tmp_path) == []

    def test_infeasible_is_exit_code_3(self, small_folder: Path, tmp_path: Path) -> None:
        client = document(tmp_path, 'extends = "baseline"\n[limits]\nmax_weight = 0.01\n')
        done = self.command("solve", client, "--market", small_folder, folder=tmp_path)
        assert (done.returncode, done.stderr) == (3, "")
        assert "at most 21 % together" in done.stdout

    def test_a_terminal_that_knows_no_accents_ends_in_question_marks(self, small_market: Any, tmp_path: Path) -> None:
        for row in small_market.catalog:
            row["name"] = "Fonds d'épargne à très long nom … et davantage encore, sans fin ni cesse"
        market = small_market.write(tmp_path / "market")
        done = self.command("solve", "baseline", "--market", market, folder=tmp_path, PYTHONIOENCODING="ascii")
        assert (done.returncode, done.stderr) == (0, "")
        assert "Fonds d'?pargne" in done.stdout

    @pytest.mark.parametrize("result", [(), ("--json", "-")], ids=["tables", "json"])
    def test_a_reader_that_hangs_up_leaves_no_trace(
        self, small_folder: Path, tmp_path: Path, result: tuple[str, ...]
    ) -> None:
        with subprocess.Popen(
            [sys.executable, "-m", "aggplus", "solve", "baseline", "--market", str(small_folder), *result],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.close()
            said = process.stderr.read()
            process.wait(120)
        assert said == ""


class TestMarketFolder:
    def test_missing(self, refuse: Refuse, tmp_path: Path) -> None:
        line = solve_refused(refuse, tmp_path / "nix")
        says(line, tmp_path / "nix", "does not exist", "expected a folder with prices.parquet or prices.csv")

    def test_a_file(self, refuse: Refuse, tmp_path: Path) -> None:
        says(solve_refused(refuse, document(tmp_path, "", "file")), "is not a folder")

    def test_empty(self, refuse: Refuse, tmp_path: Path) -> None:
        (tmp_path / "empty").mkdir()
        line = solve_refused(refuse, tmp_path / "empty")
        says(line, "lacks files", "prices.parquet or prices.csv", "catalog.csv", "found nothing")

    @pytest.mark.parametrize("absent", ["catalog.csv", "prices.csv"])
    def test_without_one_of_its_files(self, refuse: Refuse, small_market: Any, tmp_path: Path, absent: str) -> None:
        folder = small_market.write(tmp_path / "market")
        (folder / absent).unlink()
        says(solve_refused(refuse, folder), folder, "lacks files", absent)


class TestPrices:
    @pytest.fixture
    def spoilt(self, refuse: Refuse, small_market: Any, tmp_path: Path) -> Callable[..., str]:
        """What `solve` says of a market whose long price table has been put through a function."""

        def told(spoil: Callable[[pd.DataFrame], pd.DataFrame], *more: object) -> str:
            folder = small_market.write_catalog(tmp_path / "market", small_market.catalog)
            small_market.write_prices(folder, spoil(small_market.long()))
            line = solve_refused(refuse, folder, *more)
            says(line, "prices.csv")
            return line

        return told

    @pytest.mark.parametrize("column", ["adj_close", "ticker", "date"])
    def test_column_missing(self, spoilt: Callable[..., str], column: str) -> None:
        others = [name for name in ("date", "ticker", "adj_close") if name != column]
        says(spoilt(lambda t: t.drop(columns=column)), f"no column {column!r}", f"found: {', '.join(others)}")

    def test_column_misspelt(self, spoilt: Callable[..., str]) -> None:
        says(spoilt(lambda t: t.rename(columns={"adj_close": "adj close"})), "no column 'adj_close'", "did you mean")

    def test_repeated_row(self, spoilt: Callable[..., str]) -> None:
        line = spoilt(lambda t: pd.concat([t, t.iloc[[5]]]))
        says(line, "AGG", "already in row 6", "expected one row for each")

    @pytest.mark.parametrize(("price", "shown"), [(0, "0"), (-1.5, "-1.5"), (np.inf, "inf"), ("abc", "'abc'")])
    def test_price_that_is_none(self, spoilt: Callable[..., str], price: object, shown: str) -> None:
        def spoil(table: pd.DataFrame) -> pd.DataFrame:
            prices: list[object] = list(table["adj_close"])
            prices[7] = price
            return table.assign(adj_close=pd.Series(prices, dtype=object))

        day = pd.bdate_range(end="2024-01-31", periods=300)[7]
        line = spoilt(spoil)
        says(line, "row 8", "AGG", f"{day:%Y-%m-%d}", f"the price is {shown}", "expected a positive number")

    def test_unsorted_dates(self, spoilt: Callable[..., str]) -> None:
        line = spoilt(lambda t: t.iloc[::-1])
        says(line, "row 2", "2024-01-30 comes after 2024-01-31", "expected ascending dates", "sort the file")

    def test_date_that_is_none(self, spoilt: Callable[..., str]) -> None:
        def spoil(table: pd.DataFrame) -> pd.DataFrame:
            table["date"] = table["date"].dt.strftime("%m/%d/%Y")
            return table

        says(spoilt(spoil), "row 1", "cannot be read", "expected YYYY-MM-DD")

    def test_benchmark_without_prices(self, refuse: Refuse, small_market: Any, tmp_path: Path) -> None:
        del small_market.prices["AGG"]
        line = solve_refused(refuse, small_market.write(tmp_path / "market"))
        says(line, "the benchmark AGG", "prices and a row in the catalog")

    def test_benchmark_without_a_catalog_row(self, refuse: Refuse, small_market: Any, tmp_path: Path) -> None:
        del small_market.catalog[0]
        line = solve_refused(refuse, small_market.write(tmp_path / "market"))
        says(line, "the benchmark AGG", "prices and a row in the catalog")

    def test_benchmark_without_a_price_that_day(self, refuse: Refuse, small_market: Any, tmp_path: Path) -> None:
        small_market.prices.loc["2024-01-30", "AGG"] = np.nan
        line = solve_refused(refuse, small_market.write(tmp_path / "market"), "--asof", "2024-01-30")
        says(line, "AGG has no price on 2024-01-30", "2024-01-29", "choose a day on which it traded")

    def test_benchmark_that_never_moves(self, refuse: Refuse, small_market: Any, tmp_path: Path) -> None:
        small_market.prices["AGG"] = 100.0
        says(solve_refused(refuse, small_market.write(tmp_path / "market")), "AGG never moves", "252 days")


class TestCatalog:
    @pytest.fixture
    def spoilt(self, refuse: Refuse, small_market: Any, tmp_path: Path) -> Callable[..., str]:
        def told(key: str, value: str) -> str:
            small_market.catalog[3][key] = value
            line = solve_refused(refuse, small_market.write(tmp_path / "market"))
            says(line, "catalog.csv row 4", small_market.catalog[3]["ticker"])
            return line

        return told

    def test_unknown_sector(self, spoilt: Callable[..., str]) -> None:
        says(spoilt("sector", "tresury"), "'tresury'", "did you mean 'treasury'?")

    def test_text_for_a_number(self, spoilt: Callable[..., str]) -> None:
        says(spoilt("aum_usd_mm", "big"), "aum_usd_mm is 'big'", "expected a number or a blank")

    def test_repeated_ticker(self, spoilt: Callable[..., str]) -> None:
        says(spoilt("ticker", "TR00"), "'TR00' is already in row 2")

    def test_line_break_in_a_ticker_stays_one_line(self, refuse: Refuse, small_market: Any, tmp_path: Path) -> None:
        small_market.catalog[3] |= {"ticker": "TR\n02", "sector": "tresury"}
        solve_refused(refuse, small_market.write(tmp_path / "market"))

    def test_column_missing_and_misspelt(self, refuse: Refuse, small_market: Any, tmp_path: Path) -> None:
        for row in small_market.catalog:
            row["sectr"] = row.pop("sector")
        line = solve_refused(refuse, small_market.write(tmp_path / "market"))
        says(line, "catalog.csv has no column 'sector'", "did you mean 'sectr'?")


class TestAsOf:
    @pytest.mark.parametrize(
        ("asked", "words"),
        [
            ("2001-01-01", ("2001-01-01 is before the first close", "2022-12-08 to 2024-01-31")),
            ("2030-01-01", ("2030-01-01 is after the last close", "2022-12-08 to 2024-01-31")),
            ("31/01/2024", ("'31/01/2024' cannot be read", "expected YYYY-MM-DD")),
            ("2024-02-30", ("'2024-02-30' cannot be read",)),
            ("", ("cannot be read",)),
        ],
    )
    def test_refused(self, refuse: Refuse, small_folder: Path, asked: str, words: tuple[str, ...]) -> None:
        says(solve_refused(refuse, small_folder, "--asof", asked), *words)

    @pytest.mark.parametrize(("asked", "used"), [("2024-01-15", "2024-01-12"), ("2024-01-28", "2024-01-26")])
    def test_holiday_uses_the_close_before_and_says_so(
        self, run: Callable[..., Any], small_folder: Path, asked: str, used: str
    ) -> None:
        ran = run("solve", "baseline", "--market", small_folder, "--asof", asked, "--json", "out.json")
        assert (ran.code, ran.err) == (0, "")
        note = f"{asked} has no close; the last close before it, {used}, is used"
        assert note in " ".join(ran.out.split())
        record = json.loads(Path("out.json").read_text())
        assert record["asof"] == used
        assert note in record["warnings"]

    def test_too_early_for_any_history_counts_the_reasons(self, refuse: Refuse, small_folder: Path) -> None:
        line = solve_refused(refuse, small_folder, "--asof", "2023-01-10")
        says(line, "no eligible fund on 2023-01-10", "21 history too short")


class TestModel:
    @pytest.fixture
    def told(self, refuse: Refuse, small_folder: Path, tmp_path: Path) -> Callable[[str], str]:
        """What `solve` says of a document that extends the baseline."""

        def solve(text: str) -> str:
            path = document(tmp_path, text)
            return solve_refused(refuse, small_folder, model=path)

        return solve

    def test_unknown_name(self, refuse: Refuse, small_folder: Path) -> None:
        line = solve_refused(refuse, small_folder, model="basline")
        says(line, "basline", "expected baseline, aggressive, conservative or the path", "did you mean 'baseline'?")

    @pytest.mark.parametrize("name", ["~nobody-of-that-name/x.toml", "x" * 300, ".", "nix/nix.toml"])
    def test_path_that_leads_nowhere(self, refuse: Refuse, small_folder: Path, name: str) -> None:
        says(solve_refused(refuse, small_folder, model=name), name, "expected baseline, aggressive, conservative")

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("[limits]\nmax_wieght = 0.2\n", ("unknown key limits.max_wieght", "did you mean max_weight?")),
            ("[limits]\nmax_weight = 'a quarter'\n", ("limits.max_weight = 'a quarter'", "expected a number")),
            ("[limits]\nmax_weight = 25\n", ("limits.max_weight = 25", "at most 1", "0.25 is 25 %")),
            ("[limits]\nmax_weight = nan\n", ("limits.max_weight = nan", "expected a finite number")),
            ("[universe]\nmin_history_days = 1.5\n", ("universe.min_history_days = 1.5", "expected a whole number")),
            ("[universe]\nsectors = ['tresury']\n", ("'tresury'", "did you mean 'treasury'?")),
            ("[target]\nalgorithm = 'dynamic_rsk'\n", ("target.algorithm = 'dynamic_rsk'", "did you mean")),
            ("[risk_model]\nestimator = 'ledoit'\n", ("risk_model.estimator = 'ledoit'", "'ledoit_wolf'")),
            ("[target]\n", ()),
            ("id = \n", ("not valid TOML", "line 2")),
            ("id = 'a b'\n", ("id = 'a b'",)),
        ],
    )
    def test_bad_value(self, told: Callable[[str], str], text: str, words: tuple[str, ...], tmp_path: Path) -> None:
        if words:
            says(told(f'extends = "baseline"\n{text}'), tmp_path / "client.toml", *words)
        else:
            says(told(f'id = "x"\nname = "x"\n{text}'), "target.algorithm is missing", "dynamic_risk")

    def test_target_missing(self, told: Callable[[str], str]) -> None:
        says(told('id = "x"\nname = "x"\n'), "target is missing")

    def test_several_faults_are_one_line(self, told: Callable[[str], str]) -> None:
        line = told('extends = "baseline"\nbenchmrk = "AGG"\n[limits]\nmax_weight = 2\n[costs]\nhalf_spread_bp = "x"\n')
        says(line, "benchmrk", "limits.max_weight = 2", "costs.half_spread_bp = 'x'")

    def test_extends_an_unknown_name(self, told: Callable[[str], str], tmp_path: Path) -> None:
        line = told('extends = "basline"\n')
        says(line, tmp_path / "client.toml", "extends = 'basline'", "did you mean 'baseline'?")

    def test_extends_in_a_circle(self, told: Callable[[str], str], tmp_path: Path) -> None:
        document(tmp_path, 'extends = "client.toml"\n', "other.toml")
        line = told('extends = "other.toml"\n')
        says(line, "extends itself (client.toml -> other.toml -> client.toml)", "remove")

    def test_extends_a_broken_document(self, told: Callable[[str], str], tmp_path: Path) -> None:
        document(tmp_path, "id = \n", "other.toml")
        says(told('extends = "other.toml"\n'), "client.toml: extends = 'other.toml'", "not valid TOML")

    def test_not_utf8(self, refuse: Refuse, small_folder: Path, tmp_path: Path) -> None:
        path = tmp_path / "latin.toml"
        path.write_bytes("name = 'é'".encode("latin-1"))
        says(solve_refused(refuse, small_folder, model=path), path, "UTF-8")

    def test_no_eligible_fund_counts_the_reasons(self, told: Callable[[str], str]) -> None:
        line = told('extends = "baseline"\n[universe]\nsectors = ["tips", "high_yield"]\nmin_aum_mm = 2550\n')
        says(line, "no eligible fund on 2024-01-31", "all 21", "13 sector not asked for", "8 AUM too small")

    @pytest.mark.parametrize(
        ("text", "where"),
        [
            ("[limits.fund.IG77]\nmax = 0.1\n", "limits.fund"),
            ("[[limits.group]]\nname = 'g'\ntickers = ['IG77']\nmax = 0.2\n", "limits.group"),
            ("[universe]\ninclude = ['IG77']\n", "include"),
            ("[universe]\nexclude = ['IG77']\n", "exclude"),
        ],
    )
    def test_unknown_ticker(self, told: Callable[[str], str], text: str, where: str) -> None:
        says(told(f'extends = "baseline"\n{text}'), where, "'IG77'", "not in the catalog", "did you mean 'IG")

    def test_unknown_benchmark(self, told: Callable[[str], str]) -> None:
        says(told('extends = "baseline"\nbenchmark = "AGGG"\n'), "the benchmark AGGG", "did you mean 'AGG'?")


class TestHoldings:
    @pytest.fixture
    def told(self, refuse: Refuse, small_folder: Path, tmp_path: Path) -> Callable[[str | bytes], str]:
        def solve(content: str | bytes) -> str:
            path = tmp_path / "held.csv"
            path.write_bytes(content.encode() if isinstance(content, str) else content)
            return solve_refused(refuse, small_folder, "--holdings", path)

        return solve

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            ("tick,weight\nAGG,0.5\n", ("held.csv: no column 'ticker'", "found tick, weight", "ticker, weight")),
            ("ticker,weight,weight\nAGG,1,0\n", ("'weight' more than once",)),
            ("ticker|weight\nAGG|0.5\n", ("held.csv: no column 'ticker'", "found ticker|weight")),
            ("ticker;weight\nAGG;1.250\n", ("held.csv, line 2: weight 1.250 can be read in two ways",)),
            ("ticker\tweight\nAGG\t0,125\n", ("held.csv, line 2: weight '0,125' is no number",)),
            ("ticker,weight\nAGG,0.5\nAGG,0.1\n", ("held.csv, line 3: AGG is there twice", "one line of it")),
            ("ticker,weight\n\n\nAGG,half\n", ("held.csv, line 4: weight 'half' is no number", "0.25")),
            ("ticker,weight\nAGG,nan\n", ("line 2: weight 'nan' is no number",)),
            ("ticker,weight\nAGG,inf\n", ("line 2: weight 'inf' is no number",)),
            ("ticker,weight\nAGG,50%\n", ("line 2: weight '50%' is no number", "a fraction such as 0.25")),
            ("ticker,weight\nAGG,-0.1\n", ("holdings: AGG = -0.1", "at least 0")),
            ("ticker,weight\nAGG,0.6\nTR01,0.5\n", ("holdings: the weights sum to 1.1", "at most 1")),
            ("ticker,weight\nAGG,0.5,\n", ("line 2: 3 fields; expected 2",)),
            ("ticker,weight\nAGG\n", ("line 2: 1 field",)),
            ("ticker,weight\n,0.5\n", ("line 2: no ticker",)),
            ('ticker,weight\n"AGG,0.5\n', ("held.csv: not a CSV table",)),
            ("ticker,weight\nAGGX,0.5\n", ("holdings: 'AGGX' is not in the catalog", "did you mean 'AGG'?")),
            ("", ("held.csv: empty", "ticker, weight")),
            (b"\xff\xfet\x00", ("held.csv: no column 'ticker'", "found t;")),
            (b"\xff\xfet", ("held.csv: neither UTF-8, UTF-16 nor Windows-1252",)),
        ],
    )
    def test_bad_file(self, told: Callable[..., str], content: str | bytes, words: tuple[str, ...]) -> None:
        says(told(content), *words)

    def test_missing_file(self, refuse: Refuse, small_folder: Path) -> None:
        says(solve_refused(refuse, small_folder, "--holdings", "nix.csv"), "nix.csv: cannot be read", "No such file")

    @pytest.mark.parametrize(
        "content",
        [
            "ticker;weight\nAGG;0,125\nTR01;0,5\n".encode("utf-16"),
            b"Ticker;Weight;Note\r\nAGG;0.125;\r\nTR01;0.5;caf\xe9\r\n",
            b"sep=;\nticker;weight\nAGG;0,125\nTR01;5e-1\n",
            b"ticker\tweight\n\nAGG\t0.125\nTR01\t+0.5\n",
        ],
    )
    def test_holdings_and_records_are_read_as_accounts_are(self, tmp_path: Path, content: bytes) -> None:
        held, record = tmp_path / "held.csv", tmp_path / "record.csv"
        held.write_bytes(content)
        assert read_holdings(held) == {"AGG": 0.125, "TR01": 0.5}
        record.write_bytes(b"date;return\n2024-01-03;-0,0012\n2024-01-02;0,001\n")
        assert read_returns(record).to_dict() == {
            pd.Timestamp("2024-01-02"): 0.001,
            pd.Timestamp("2024-01-03"): -0.0012,
        }

    def test_byte_order_mark_blanks_and_more_columns_are_fine(
        self, run: Callable[..., Any], small_folder: Path, tmp_path: Path
    ) -> None:
        held = tmp_path / "held.csv"
        held.write_text("\ufeffticker,, weight\n AGG ,0,0.5\nTR01,1,0.5\n\n", encoding="utf-8")
        client = document(tmp_path, 'extends = "baseline"\n[limits]\nmax_turnover = 0.5\n')
        ran = run("solve", client, "--market", small_folder, "--holdings", held, "--json", "out.json")
        assert (ran.code, ran.err) == (0, "")
        record = json.loads(Path("out.json").read_text())
        before = {"AGG": 0.5, "TR01": 0.5}
        traded = sum(abs(record["weights"].get(t, 0.0) - before.get(t, 0.0)) for t in {*before, *record["weights"]})
        assert record["turnover"] == pytest.approx(traded / 2, abs=1e-9)
        assert record["turnover"] <= 0.5 + 1e-9


class TestRecord:
    @pytest.mark.parametrize(
        ("content", "words"),
        [
            ("day,return\n2024-01-02,0.1\n", ("record.csv: no column 'date'", "found day, return")),
            ("date,return\n01/02/2024,0.1\n", ("record.csv, line 2: date '01/02/2024'", "expected YYYY-MM-DD")),
            ("date,return\n2024-01-02,0.1\n2024-01-02,0.2\n", ("line 3: 2024-01-02 is there twice",)),
            ("date,return\n2024-01-02,good\n", ("line 2: return 'good' is no number", "0.0012")),
            ("date,return\n2024-01-02,\n", ("line 2: return '' is no number",)),
        ],
    )
    def test_bad_file(
        self, refuse: Refuse, small_folder: Path, tmp_path: Path, content: str, words: tuple[str, ...]
    ) -> None:
        (tmp_path / "record.csv").write_text(content)
        says(solve_refused(refuse, small_folder, "--record", tmp_path / "record.csv", model="aggressive"), *words)


class TestOutputs:
    """A result that cannot be written is refused before any is."""

    def test_folder_that_does_not_exist(self, refuse: Refuse, small_folder: Path) -> None:
        line = refuse("solve", "baseline", "--market", small_folder, "--export", "out.npz", "--json", "no/out.json")
        says(line, "no/out.json", "the folder no does not exist", "make it first")

    def test_line_break_in_a_name_stays_one_line(self, refuse: Refuse, small_folder: Path) -> None:
        line = refuse("solve", "baseline", "--market", small_folder, "--json", "no\nwhere/out.json")
        says(line, "no where/out.json", "does not exist")

    @pytest.mark.parametrize(("option", "other"), [("--json", "--export"), ("--export", "--json")])
    def test_a_folder_in_its_place(self, refuse: Refuse, small_folder: Path, option: str, other: str) -> None:
        Path("results").mkdir()
        line = refuse("solve", "baseline", "--market", small_folder, other, "out", option, "results")
        says(line, "results", "it is a folder", "give the name of a file")

    def test_name_too_long(self, refuse: Refuse, small_folder: Path) -> None:
        line = refuse("solve", "baseline", "--market", small_folder, "--json", "x" * 300)
        says(line, "cannot be written", "choose another name")

    def test_no_permission(self, refuse: Refuse, small_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        # The superuser may write anywhere, so the system's answer is given for it.
        monkeypatch.setattr(os, "access", lambda _, mode: mode != os.W_OK)
        line = refuse("solve", "baseline", "--market", small_folder, "--export", "ok.npz", "--json", "out.json")
        says(line, "cannot be written", "no permission")

    def test_the_same_file_twice(self, refuse: Refuse, small_folder: Path) -> None:
        line = refuse("solve", "baseline", "--market", small_folder, "--json", "out", "--export", "./out")
        says(line, "out: asked for twice")

    def test_is_refused_before_the_market_is_read(self, refuse: Refuse) -> None:
        says(refuse("solve", "baseline", "--market", "nix", "--json", "no/out.json"), "the folder no does not exist")

    def test_demo_into_a_file(self, refuse: Refuse, tmp_path: Path) -> None:
        says(refuse("demo", "--out", document(tmp_path, "", "file")), "file: cannot be made a folder")


class TestUsage:
    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (
                ("solve", "baseline", "--backend", "gurobi"),
                ("--backend", "'gurobi'", "'auto', 'parametric', 'osqp', 'conic'"),
            ),
            (("solve", "baseline", "--as-off", "2024-01-31"), ("--as-off", "aggplus solve --help")),
            (("solve", "baseline", "more"), ("more", "aggplus solve --help")),
            (("solve",), ("MODEL", "aggplus solve --help")),
            (("solve", "baseline", "--json"), ("--json",)),
            (("slove", "baseline"), ("slove", "solve")),
        ],
    )
    def test_one_line(self, refuse: Refuse, words: tuple[str, ...], said: tuple[str, ...]) -> None:
        says(refuse(*words), *said)

    @pytest.mark.parametrize("words", [("--help",), ("solve", "--help"), ("demo", "--help")])
    def test_help_goes_to_standard_output(self, run: Callable[..., Any], words: tuple[str, ...]) -> None:
        ran = run(*words)
        assert (ran.code, ran.err) == (0, "")
        assert "Usage" in ran.out

    def test_no_words_at_all_shows_the_help(self, run: Callable[..., Any]) -> None:
        ran = run()
        assert ran.code == 2
        assert "Usage" in ran.out + ran.err
        assert "aggplus: \n" not in ran.err


class TestInfeasible:
    @pytest.fixture
    def told(self, run: Callable[..., Any], small_folder: Path, tmp_path: Path) -> Callable[[str], str]:
        """What stands in print for a client whom nothing can satisfy, after the record has been checked."""

        def solve(text: str, *, backend: str = "auto") -> str:
            client = document(tmp_path, f'extends = "baseline"\n{text}')
            ran = run("solve", client, "--market", small_folder, *OUTPUTS, "--backend", backend)
            assert (ran.code, ran.err) == (3, "")
            record = json.loads(Path("out.json").read_text())
            assert record["status"] == "infeasible"
            assert record["weights"] == record["sectors"] == {}
            assert record["findings"]
            assert record["shadow_prices"] == []
            empty = ("certificate", "expected_return", "backend", "turnover")
            assert [record[key] for key in empty] == [None] * len(empty)
            assert record["risk"]["volatility"] is None
            assert record["risk"]["benchmark_volatility"] > 0.0
            with np.load("out.npz") as arrays:
                assert np.isnan(arrays["w"]).all()
            printed = " ".join(ran.out.split())
            for finding in record["findings"]:
                assert finding in printed
            return printed

        return solve

    def test_caps_too_small_says_the_sum_in_reach(self, told: Callable[..., str]) -> None:
        says(told("[limits]\nmax_weight = 0.01\n"), "21 x 1 %", "at most 21 % together", "100 % must be invested")

    def test_sector_minimum_out_of_reach(self, told: Callable[..., str]) -> None:
        # Three TIPS funds at 25 % each.
        says(told("[limits.sector.tips]\nmin = 0.9\n"), "tips", "at least 90 %", "at most 75 %")

    def test_minimum_on_a_fund_that_is_not_eligible(self, told: Callable[..., str]) -> None:
        text = "[universe]\nexclude = ['TR01']\n[limits.fund.TR01]\nmin = 0.1\n"
        says(told(text), "fund TR01", "at least 10 %", "at most 0 %", "no eligible fund counts")

    @pytest.mark.parametrize("backend", ["auto", "parametric", "osqp", "conic"])
    def test_volatility_below_the_least_in_reach(
        self, told: Callable[..., str], small: aggplus.Market, backend: str
    ) -> None:
        printed = told("[target]\nalgorithm = 'constant_volatility'\nvalue = 0.001\n", backend=backend)
        says(printed, "volatility cannot go below", "the target is 0.1 %")
        floor = float(printed.split("cannot go below ")[1].split(" %")[0])
        calm = aggplus.load_model("baseline").model_copy(
            update={"objective": aggplus.load_model("baseline").objective.model_copy(update={"goal": "min_volatility"})}
        )
        least = aggplus.solve(calm, small).risk
        assert least is not None
        assert floor == pytest.approx(least.volatility, rel=1e-3)

    def test_clauses_that_clash_only_together(self, told: Callable[..., str]) -> None:
        # Each can hold by itself, both leave 10 % without a home.
        text = (
            "[limits.sector]\ntreasury = { max = 0.3 }\nig_corporate = { max = 0.2 }\n"
            "[[limits.group]]\nname = 'rest'\nsectors = ['tips', 'high_yield', 'aggregate']\nmax = 0.4\n"
        )
        says(told(text), "cannot hold together", "treasury", "ig_corporate", "rest", "10 %")
