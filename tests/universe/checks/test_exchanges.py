"""Two funds that change places: by the levels of one day, and by their returns from a day on."""

import numpy as np
import pandas as pd
import pytest

from universe.checks import Finding, check_prices, to_quarantine
from universe.checks.evidence import evidence_of

AT = 300
ONE, OTHER = "F03", "F07"


def switches(panel: pd.DataFrame) -> list[Finding]:
    return [finding for finding in check_prices(panel) if finding.kind == "switch"]


def on_levels(panel: pd.DataFrame, gap: float) -> pd.DataFrame:
    """Two funds so that on the day before the other stands above the one by a fraction."""
    table = panel.copy()
    table[OTHER] *= (1.0 + gap) * table[ONE].iloc[AT - 1] / table[OTHER].iloc[AT - 1]
    return table


def exchange(panel: pd.DataFrame, first: int, last: int | None = None) -> pd.DataFrame:
    """The closes of the two under each other's ticker on some rows."""
    table = panel.copy()
    rows, pair = slice(first, last), [table.columns.get_loc(ONE), table.columns.get_loc(OTHER)]
    table.iloc[rows, pair] = table.iloc[rows, pair[::-1]].to_numpy()
    return table


@pytest.mark.parametrize("gap", [0.012, -0.02, 0.3])
def test_closes_that_change_places_are_known_on_the_day(panel: pd.DataFrame, gap: float) -> None:
    table = exchange(on_levels(panel, gap), AT)
    found = [f for f in switches(table) if f.severity == "warning"]
    assert {f.ticker for f in found} == {ONE, OTHER}
    assert len(found) == 2
    for finding, other in ((f, OTHER if f.ticker == ONE else ONE) for f in found):
        assert finding.date == finding.known_from == table.index[AT]
        assert finding.last is None
        assert finding.why.startswith(f"changes places with {other}: it goes from ")
        levels = [f"{table[ticker].iloc[row]:.5g}" for ticker in (finding.ticker, other) for row in (AT - 1, AT)]
        assert [word.rstrip(",") for word in finding.why.split() if word[0].isdigit()][:4] == levels
        assert finding.unit == "percent"
        assert finding.size == pytest.approx(100.0 * np.expm1(abs(np.log1p(gap))), rel=0.3)


def test_closes_that_land_elsewhere_have_not_changed_places(panel: pd.DataFrame) -> None:
    """The same steps, but from levels that are further apart."""
    near = exchange(on_levels(panel, 0.02), AT)
    elsewhere = near.assign(**{OTHER: 1.02 * near[OTHER]})
    assert not any("changes places" in f.why for f in check_prices(elsewhere))


@pytest.mark.parametrize("ticker", [ONE, OTHER])
@pytest.mark.parametrize("further", [0.99, 1.01])
def test_both_have_to_land_where_the_other_stood(panel: pd.DataFrame, ticker: str, further: float) -> None:
    table = exchange(on_levels(panel, 0.04), AT)
    table.iloc[AT:, table.columns.get_loc(ticker)] *= further
    assert not any("changes places" in f.why for f in check_prices(table))


def usual_distance(panel: pd.DataFrame) -> "pd.Series[float]":
    return pd.Series(evidence_of(panel).peers.noise[AT], index=panel.columns)


def test_a_gap_of_some_five_usual_distances_is_not_enough(panel: pd.DataFrame) -> None:
    table = exchange(on_levels(panel, 5.0 * usual_distance(panel)[[ONE, OTHER]].max()), AT)
    assert not any("changes places" in f.why for f in check_prices(table))


def test_a_step_within_the_noise_of_one_of_the_two_is_not_enough(panel: pd.DataFrame) -> None:
    own = np.random.default_rng(9).normal(0.0, 0.004, len(panel))
    own[AT] = 0.0
    noisy = panel.assign(**{ONE: panel[ONE] * np.exp(np.cumsum(own))})
    table = exchange(on_levels(noisy, 3.2 * usual_distance(noisy)[ONE]), AT)
    assert usual_distance(noisy)[ONE] > 4.0 * usual_distance(noisy)[OTHER]
    assert not any("changes places" in f.why for f in check_prices(table))


def test_a_step_that_one_of_the_two_often_takes_is_not_enough(panel: pd.DataFrame) -> None:
    own = np.zeros(len(panel))
    own[AT - 200 : AT - 10 : 20] = 0.02 * np.resize([1.0, -1.0], 10)
    often = panel.assign(**{ONE: panel[ONE] * np.exp(np.cumsum(own))})
    assert usual_distance(often)[ONE] < 0.002
    assert any("changes places" in f.why for f in check_prices(exchange(on_levels(often, 0.03), AT)))
    assert not any("changes places" in f.why for f in check_prices(exchange(on_levels(often, 0.015), AT)))


def test_one_close_at_another_fund_s_level_is_no_exchange(panel: pd.DataFrame) -> None:
    table = on_levels(panel, 0.02)
    table.iloc[AT:, table.columns.get_loc(ONE)] = table.iloc[AT:, table.columns.get_loc(OTHER)].to_numpy()
    assert not any("changes places" in f.why for f in check_prices(table))


def test_steps_that_everybody_takes_are_no_exchange(panel: pd.DataFrame) -> None:
    """On a day on which funds are far from their peers anyway two of them land at each other's level by chance."""
    table = exchange(on_levels(panel, 0.012), AT)
    random = np.random.default_rng(1)
    others = [ticker for ticker in table.columns if ticker not in (ONE, OTHER)]
    table.loc[table.index[AT] :, others] *= np.exp(random.choice([-0.03, 0.03], len(others)))
    found = [f for f in check_prices(table) if "changes places" in f.why]
    assert not {ONE, OTHER} & {f.ticker for f in found}


@pytest.mark.parametrize("sessions", [12, 60])
def test_closes_that_change_back_end_it(panel: pd.DataFrame, sessions: int) -> None:
    table = exchange(on_levels(panel, 0.05), AT, AT + sessions)
    warned = [f for f in switches(table) if f.severity == "warning"]
    assert {(f.ticker, f.date, f.last) for f in warned} == {
        (ticker, table.index[AT], table.index[AT + sessions - 1]) for ticker in (ONE, OTHER)
    }
    lines = to_quarantine(tuple(warned))
    assert set(lines["known_from"]) == {table.index[AT]}


def test_a_young_fund_s_exchange_is_known_once_both_can_be_judged(panel: pd.DataFrame) -> None:
    table = exchange(on_levels(panel, 0.05), AT)
    table.iloc[: AT - 20, table.columns.get_loc(ONE)] = np.nan
    found = [f for f in check_prices(table) if "changes places" in f.why]
    assert {f.ticker for f in found} == {ONE, OTHER}
    for finding in found:
        assert finding.date == table.index[AT]
        assert table.index[AT + 20] <= finding.known_from <= table.index[AT + 45]


def chained(panel: pd.DataFrame, ways: tuple[tuple[str, str], ...]) -> pd.DataFrame:
    """Funds that go on with the returns of another from their own last close."""
    returns, table = panel.pct_change(), panel.copy()
    for one, other in ways:
        closes = panel[one].iloc[AT - 1] * (1.0 + returns[other].iloc[AT:]).cumprod()
        table.iloc[AT:, table.columns.get_loc(one)] = closes.to_numpy()
    return table


CALM, LIVELY = "F08", "F26"


def test_two_that_go_on_as_each_other_are_a_warning_where_one_is_a_note(panel: pd.DataFrame) -> None:
    for ways in (((CALM, LIVELY),), ((LIVELY, CALM),)):
        (alone,) = switches(chained(panel, ways))
        assert (alone.ticker, alone.severity) == (ways[0][0], "note")
    found = switches(chained(panel, ((CALM, LIVELY), (LIVELY, CALM))))
    # The notes of either are not told beside it.
    assert {(f.ticker, f.severity) for f in found} == {(CALM, "warning"), (LIVELY, "warning")}
    assert len(found) == 2
    assert len({(f.date, f.known_from) for f in found}) == 1
    for finding, other in ((f, LIVELY if f.ticker == CALM else CALM) for f in found):
        assert abs(panel.index.get_loc(finding.date) - AT) <= 10
        assert panel.index[AT + 20] < finding.known_from <= panel.index[AT + 60]
        assert finding.why.startswith(f"moves like {other} and {other} like {finding.ticker} from about ")


def test_a_near_twin_of_one_of_the_two_has_not_changed_places(panel: pd.DataFrame) -> None:
    """What says that the calm fund is the lively one says as much that it is the twin."""
    own = np.random.default_rng(3).normal(0.0, 0.00005, len(panel))
    table = panel.assign(Z99=panel[LIVELY] * np.exp(np.cumsum(own)))
    found = switches(chained(table, ((CALM, LIVELY), (LIVELY, CALM))))
    assert {f.ticker for f in found if f.severity == "warning"} == {CALM, LIVELY}


CALMEST, LIVELIEST = "F14", "F29"


@pytest.mark.parametrize("place", [0, 30])
def test_a_fund_changes_places_with_one_other_only(panel: pd.DataFrame, place: int) -> None:
    """A twin goes on as the calmest fund, too, but that can go on as one of the two alone."""
    own = np.random.default_rng(3).normal(0.0, 0.00005, len(panel))
    panel.insert(place, "A00", panel[LIVELIEST] * np.exp(np.cumsum(own)))
    found = switches(chained(panel, ((CALMEST, LIVELIEST), (LIVELIEST, CALMEST), ("A00", CALMEST))))
    assert len([f for f in found if f" like {f.ticker} from" in f.why]) == 2


def test_two_of_which_one_hardly_traded_are_notes_at_most(panel: pd.DataFrame) -> None:
    severities = {}
    for trades in (0.9, 0.45):
        traded = np.random.default_rng(4).random(AT) < trades
        table = chained(panel, ((CALMEST, LIVELIEST), (LIVELIEST, CALMEST)))
        table.loc[table.index[:AT], CALMEST] = panel[CALMEST].iloc[:AT].where(traded).ffill().bfill()
        severities[trades] = {f.severity for f in switches(table)}
    assert severities == {0.9: {"warning"}, 0.45: {"note"}}
