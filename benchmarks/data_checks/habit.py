"""The coefficients of `universe.checks.habit`, fitted to a market up to the end of 2015.

Run with AGGPLUS_MARKET set: `python -m benchmarks.data_checks.habit` prints what stands in the module.
"""

from __future__ import annotations

import os

from sklearn.linear_model import LogisticRegression

from universe import load_market
from universe.checks.evidence import evidence_of
from universe.checks.habit import features

LAST = "2015-12-31"
_FIRST_ROW = 21


def fitted(folder: str) -> tuple[list[float], float]:
    """Coefficients and intercept."""
    prices = load_market(folder).prices.loc[:LAST].dropna(axis=1, how="all")
    evidence = evidence_of(prices)
    chosen = evidence.changes.span == 1
    chosen[:_FIRST_ROW] = False
    unchanged = evidence.changes.change[chosen] == 0.0
    model = LogisticRegression(C=100.0, max_iter=2000).fit(features(evidence)[chosen], unchanged)
    return [float(value) for value in model.coef_[0]], float(model.intercept_[0])


if __name__ == "__main__":
    coefficients, intercept = fitted(os.environ["AGGPLUS_MARKET"])
    print("COEFFICIENTS = (" + ", ".join(f"{value:.3f}" for value in coefficients) + ")")
    print(f"INTERCEPT = {intercept:.3f}")
