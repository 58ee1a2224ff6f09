"""A mandate over the real palette, its rows recomputed from the raw catalog."""

import csv
import math
import tomllib
from pathlib import Path

import numpy as np

from constraints import Limits, barred, clauses_of, compile_mandate, funds_of
from universe import Market

LIMITS = """
account_size_mm = 250.0
max_aum_share = 0.02
[[group]]
name = "credit"
sectors = ["high_yield", "bank_loan"]
tickers = ["TIP"]
max = 0.3
[expense_ratio_bp]
max = 25
"""


def test_rows_and_bounds_are_those_of_the_raw_catalog(real_market: Market, real_market_path: Path) -> None:
    with (real_market_path / "catalog.csv").open(encoding="utf-8", newline="") as lines:
        raw = {row["ticker"]: row for row in csv.DictReader(lines)}
    priced = sorted(set(real_market.prices.columns) & set(raw))
    clauses = clauses_of(Limits.model_validate(tomllib.loads(LIMITS)), None)

    out = barred(clauses, real_market.catalog.loc[priced])
    tickers = [ticker for ticker in priced if ticker not in out]
    mandate = compile_mandate(clauses, funds_of(real_market.catalog, tickers, np.ones(len(tickers))))

    assert set(out) == {t for t in priced if raw[t]["expense_ratio_bp"] == "" or raw[t]["aum_usd_mm"] == ""}
    assert len(tickers) > 300
    rows = dict(zip([label.clause for label in mandate.row_labels], mandate.A, strict=True))
    for i, ticker in enumerate(tickers):
        row = raw[ticker]
        assert rows["credit"][i] == (row["sector"] in ("high_yield", "bank_loan") or ticker == "TIP")
        assert rows["expense ratio"][i] == float(row["expense_ratio_bp"])
        assert math.isclose(mandate.upper[i], min(0.25, 0.02 * float(row["aum_usd_mm"]) / 250.0), rel_tol=1e-12)
