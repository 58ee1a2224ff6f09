"""aggplus: `walk_forward` of a model that is solved again at month ends."""

from __future__ import annotations

import pandas as pd

from aggplus.model import load_model, model_document, model_of
from aggplus.walks import walk_forward
from benchmarks.walks.case import HALF_SPREAD, MONTH, MOST_A_FUND, WINDOW, Case

_PLAIN = {
    "risk_model": {"estimator": "ledoit_wolf_raw", "window_days": WINDOW, "lags": 0},
    "expected_return": {"estimator": "trailing", "window_days": WINDOW},
    "limits": {"max_weight": MOST_A_FUND, "group": model_document("baseline", None)["limits"]["group"]},
    "costs": {"half_spread_bp": 1e4 * HALF_SPREAD, "horizon_days": MONTH},
    "rebalance": {"triggers": {"calendar": "month_end"}},
}


def walk(case: Case) -> pd.Series:
    base = load_model("baseline")
    model = model_of({**model_document("baseline", None), **_PLAIN, "id": base.id, "name": base.name}, "the case")
    record = walk_forward(model, case.market, case.start, case.end)
    grown = (1.0 + record.daily["net"]).cumprod()
    worth: pd.Series = pd.concat([pd.Series(1.0, index=[case.start]), grown])
    return worth
