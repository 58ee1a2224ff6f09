"""Few names in the mandate: how they are written, refused and ruled out by arithmetic."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest
from pydantic import BaseModel, ConfigDict, Field

from constraints import (
    CompiledMandate,
    FewNames,
    Funds,
    Limits,
    MandateError,
    compile_mandate,
    out_of_reach,
    resolve_document,
    validate_document,
)
from constraints.clauses import Clause, FullyInvested, FundRange, LongOnly, PositionCap


class Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    limits: Limits = Field(default_factory=lambda: Limits.model_validate({}))


def limits(text: str) -> Limits:
    return validate_document(Model, tomllib.loads(text), "client.toml").limits


def mandate(n: int, *clauses: Clause) -> CompiledMandate:
    tickers = tuple(f"F{i}" for i in range(n))
    funds = Funds(tickers, np.array(["treasury"] * n), {}, np.ones(n))
    return compile_mandate([FullyInvested(), LongOnly(), *clauses], funds)


@pytest.mark.parametrize(
    ("text", "few"),
    [
        ("limits.max_holdings = 20\nlimits.min_weight = 0.01", FewNames(20, 0.01)),
        ("", FewNames(60, 0.0)),
        ('limits.diversification = "broad"', FewNames(200, 0.0)),
        ('limits.diversification = "broad"\nlimits.max_holdings = 30', FewNames(30, 0.0)),
        # A preset of 60 funds would rule out a cap of 1 %.
        ("limits.max_weight = 0.01", FewNames(None, 0.0)),
        ("limits.max_weight = 0.01\nlimits.min_weight = 0.005", FewNames(None, 0.005)),
    ],
)
def test_what_is_written_goes_before_the_preset(text: str, few: FewNames) -> None:
    assert limits(text).few_names == few


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("limits.max_holdings = 0", "limits.max_holdings = 0: expected at least 1 (Funds held at most)"),
        ("limits.max_holdings = 8.5", "limits.max_holdings = 8.5: expected a whole number"),
        ("limits.max_holdings = true", "limits.max_holdings = true: expected a whole number"),
        (
            "limits.max_holdings = 20\nlimits.max_weight = 0.04",
            "limits: max_holdings: 20 funds x 4 % = 80 %; 100 % must be invested",
        ),
        (
            "limits.max_holdings = 3",
            "limits: max_holdings: 3 funds x 25 % = 75 %; 100 % must be invested",
        ),
        (
            "limits.max_weight = 0.1\nlimits.min_weight = 0.2",
            "limits: min_weight = 0.2 is above max_weight = 0.1: no fund could be held",
        ),
        (
            'limits.diversification = "broad"\nlimits.min_weight = 0.2',
            "limits: min_weight = 0.2 is above max_weight = 0.05 of the preset 'broad': no fund could be held",
        ),
        ("limits.max_holding = 5", "unknown key limits.max_holding, did you mean max_holdings?"),
        ("limits.search_seconds = 0", "limits.search_seconds = 0: expected more than 0"),
        ("limits.search_nodes = 0", "limits.search_nodes = 0: expected at least 1"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(text: str, words: str) -> None:
    with pytest.raises(MandateError) as caught:
        limits(text)
    assert str(caught.value).startswith(f"client.toml: {words}")
    assert "\n" not in str(caught.value)


def test_a_document_that_extends_states_its_difference(tmp_path: Path) -> None:
    (tmp_path / "base.toml").write_text("[limits]\nmax_holdings = 12\nmin_weight = 0.02\n")
    (tmp_path / "client.toml").write_text('extends = "base.toml"\n[limits]\nmax_holdings = 8\n')
    document = resolve_document(tmp_path / "client.toml", lambda name, by: by.parent / name)
    assert validate_document(Model, document, "client.toml").limits.few_names == FewNames(8, 0.02)


@pytest.mark.parametrize(
    ("few", "words"),
    [
        (FewNames(8, 0.0), "at most 8 funds"),
        (FewNames(8, 0.02), "at most 8 funds, at least 2 % of each fund held"),
        (FewNames(None, 0.005), "at least 0.5 % of each fund held"),
    ],
)
def test_words(few: FewNames, words: str) -> None:
    assert few.words == words


def test_a_least_weight_limits_the_number_of_funds_too() -> None:
    assert FewNames(None, 0.1).most(50) == 10
    assert FewNames(7, 0.1).most(50) == 7
    assert FewNames(None, 1.0 / 3.0).most(50) == 3
    assert FewNames(7, 0.0).most(5) == 5


def test_caps_that_sum_to_exactly_one_can_hold() -> None:
    assert out_of_reach(mandate(30, PositionCap(0.1)), FewNames(10, 0.0)) == ()
    assert out_of_reach(mandate(30, PositionCap(0.1)), FewNames(10, 0.1)) == ()


def test_uneven_caps_are_added_from_the_largest() -> None:
    uneven = mandate(6, PositionCap(0.2), FundRange("F0", None, 0.15), FundRange("F1", None, 0.05))
    [found] = out_of_reach(uneven, FewNames(4, 0.0))
    assert found.sentence == "max_holdings: 4 funds x 20 % = 80 %; 100 % must be invested"
    # 4 x 20 % + 15 % + 5 %: all six are needed.
    assert found.reachable == 6.0
    [found] = out_of_reach(uneven, FewNames(5, 0.0))
    assert found.sentence == (
        "max_holdings: the 5 funds with the largest caps can hold 95 % together; 100 % must be invested"
    )
    assert out_of_reach(uneven, FewNames(6, 0.0)) == ()


def test_funds_that_must_be_held_take_their_places() -> None:
    # Places go to F0, however little it can hold.
    must = mandate(5, PositionCap(0.5), FundRange("F0", 0.01, 0.02))
    [found] = out_of_reach(must, FewNames(2, 0.0))
    assert found.clause == "max_holdings"
    assert found.reachable == 3.0
    [found] = out_of_reach(must, FewNames(3, 0.05))
    assert found.sentence == "F0 must be held, and its cap of 2 % is below the least weight of 5 %"
