"""What is left of a change once others stand on top of it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constraints import lost_setting, merge_documents

leaves = st.one_of(st.integers(0, 3), st.booleans(), st.lists(st.integers(0, 3), max_size=2))
rows = st.lists(st.sampled_from("xyz"), min_size=1, max_size=3, unique=True).flatmap(
    lambda names: st.tuples(*(st.fixed_dictionaries({"name": st.just(name), "max": leaves}) for name in names))
)
documents = st.recursive(
    st.dictionaries(st.sampled_from(["a", "b", "algorithm"]), leaves, max_size=3),
    lambda inner: st.dictionaries(st.sampled_from(["t", "u"]), st.one_of(inner, rows.map(list)), max_size=2),
    max_leaves=8,
)


@given(documents, documents)
def test_the_last_change_is_kept_whole(base: dict[str, Any], change: dict[str, Any]) -> None:
    assert lost_setting(change, merge_documents(base, change)) is None


@pytest.mark.parametrize(
    ("said", "later", "lost"),
    [
        ({"limits": {"max_weight": 0.1}}, {"limits": {"max_weight": 0.2}}, "limits.max_weight = 0.1"),
        ({"limits": {"max_weight": 0.1}}, {"limits": {"max_weight": 0.1}}, None),
        ({"limits": {"max_weight": 0.1}}, {"limits": {"max_holdings": 30}}, None),
        (
            {"target": {"algorithm": "dynamic_beta", "beta": 0.9}},
            {"target": {"algorithm": "dynamic_risk"}},
            "target.algorithm = 'dynamic_beta'",
        ),
        (
            {"risk_model": {"window_days": 99}},
            {"risk_model": {"estimator": "oas"}},
            "risk_model.window_days = 99",
        ),
        ({"risk_model": {"lags": 2}}, {"risk_model": {"horizon_days": 5}}, "risk_model.lags = 2"),
        (
            {"limits": {"group": [{"name": "credit", "max": 0.5}]}},
            {"limits": {"group": [{"name": "credit", "max": 0.4}]}},
            "limits.group.credit.max = 0.5",
        ),
        (
            {"limits": {"group": [{"name": "credit", "max": 0.5}]}},
            {"limits": {"group": [{"name": "credit", "min": 0.1}, {"name": "rates", "max": 0.4}]}},
            None,
        ),
        ({"limits": {"duration": {"max": 5.0}}}, {"limits": {"duration": 7.0}}, "limits.duration.max = 5.0"),
        (
            {"universe": {"sectors": ["core"]}},
            {"universe": {"sectors": ["core", "tips"]}},
            "universe.sectors = ['core']",
        ),
    ],
)
def test_what_a_later_change_takes_back(said: dict[str, Any], later: dict[str, Any], lost: str | None) -> None:
    base = {"risk_model": {"estimator": "exponential", "window_days": 252}, "target": {"algorithm": "dynamic_risk"}}
    document = merge_documents(merge_documents(base, said), later)
    assert lost_setting(said, document) == lost
