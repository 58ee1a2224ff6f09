"""Each check of closes sees what is planted, where it is, from when it could be known, and nothing beside it."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from universe.checks import Finding, check_prices

AT = 300


def found(panel: pd.DataFrame, ticker: str = "F07") -> list[Finding]:
    """Errors and warnings; all of them at the fund."""
    findings = [finding for finding in check_prices(panel) if finding.severity != "note"]
    assert {finding.ticker for finding in findings} <= {ticker}, findings
    return findings


def column(panel: pd.DataFrame, ticker: str = "F07") -> int:
    return list(panel.columns).index(ticker)


def test_nothing_is_found_where_nothing_is_wrong(clean_panel: pd.DataFrame) -> None:
    assert [finding for finding in check_prices(clean_panel) if finding.severity != "note"] == []


@pytest.mark.parametrize("size", [0.03, -0.03, 0.15, -0.15])
@pytest.mark.parametrize("lasting", [1, 3])
def test_a_spike_is_found_with_its_days_and_its_size(panel: pd.DataFrame, size: float, lasting: int) -> None:
    panel.iloc[AT : AT + lasting, column(panel)] *= 1.0 + size
    (finding,) = found(panel)
    assert finding.kind == "spike"
    assert finding.date == panel.index[AT]
    assert finding.last == panel.index[AT + lasting - 1]
    assert finding.size == pytest.approx(100 * abs(size), rel=0.25)
    assert finding.severity == ("error" if abs(size) > 0.1 else "warning")
    # A large one is suspected at once, a small one when it is back.
    assert finding.known_from == panel.index[AT if abs(size) > 0.1 else AT + lasting]
    assert f"comes back on {panel.index[AT + lasting]:%Y-%m-%d}" in finding.why


def test_a_small_spike_is_a_note(panel: pd.DataFrame) -> None:
    panel.iloc[AT, column(panel)] *= 1.013
    (finding,) = [f for f in check_prices(panel) if f.date == panel.index[AT]]
    assert (finding.kind, finding.severity, finding.ticker) == ("spike", "note", "F07")


@pytest.mark.parametrize(
    ("factor", "kind"),
    [(10.0, "decimal_shift"), (0.01, "decimal_shift"), (0.5, "split"), (3.0, "split"), (1.3, "jump")],
)
def test_a_step_that_stays_is_named_by_its_ratio(panel: pd.DataFrame, factor: float, kind: str) -> None:
    panel.iloc[AT:, column(panel)] *= factor
    (finding,) = found(panel)
    assert (finding.kind, finding.severity) == (kind, "error")
    assert finding.date == finding.last == finding.known_from == panel.index[AT]
    if kind != "jump":
        assert finding.size == pytest.approx(factor)
        assert finding.unit == "times"


def test_a_run_of_shifted_closes_is_found_at_both_ends(panel: pd.DataFrame) -> None:
    panel.iloc[AT : AT + 30, column(panel)] *= 100.0
    assert [(f.kind, f.date, f.size) for f in found(panel)] == [
        ("decimal_shift", panel.index[AT], 100.0),
        ("decimal_shift", panel.index[AT + 30], 0.01),
    ]


def test_a_shift_across_a_gap_is_found_where_the_closes_go_on(panel: pd.DataFrame) -> None:
    panel.iloc[AT : AT + 3, column(panel)] = np.nan
    panel.iloc[AT + 3 :, column(panel)] *= 10.0
    assert {(f.kind, f.date) for f in found(panel)} == {
        ("gap", panel.index[AT]),
        ("decimal_shift", panel.index[AT + 3]),
    }


@pytest.mark.parametrize(("size", "words"), [(0.0075, "counted twice"), (-0.0075, "missing")])
def test_a_step_of_a_distribution_s_size_is_a_note_once_it_has_stayed(
    panel: pd.DataFrame, size: float, words: str
) -> None:
    panel.iloc[AT:, column(panel)] *= 1.0 + size
    assert found(panel) == []
    (note,) = [finding for finding in check_prices(panel) if finding.date == panel.index[AT]]
    assert (note.kind, note.ticker, note.unit) == ("distribution", "F07", "basis points")
    assert note.size == pytest.approx(75.0, rel=0.3)
    assert note.known_from == panel.index[AT + 5]
    assert words in note.why


def test_a_day_on_which_everybody_moves_is_no_error(panel: pd.DataFrame) -> None:
    panel.iloc[AT:] *= 0.9
    panel.iloc[AT + 1 :] *= 1.08
    assert found(panel) == []


def test_a_wrong_close_of_one_fund_is_no_error_of_its_peers(panel: pd.DataFrame) -> None:
    panel.iloc[AT, column(panel)] *= 100.0
    assert {finding.ticker for finding in check_prices(panel) if finding.date == panel.index[AT]} == {"F07"}


def test_a_stale_week_is_found_by_its_fifth_close(panel: pd.DataFrame) -> None:
    panel.iloc[AT : AT + 5, column(panel)] = panel.iloc[AT - 1, column(panel)]
    (finding,) = [f for f in found(panel) if f.kind == "stale"]
    assert (finding.date, finding.last, finding.size) == (panel.index[AT], panel.index[AT + 4], 5.0)
    assert finding.known_from <= panel.index[AT + 4]


def test_four_closes_alike_are_a_note(panel: pd.DataFrame) -> None:
    panel.iloc[AT : AT + 4, column(panel)] = panel.iloc[AT - 1, column(panel)]
    (finding,) = [f for f in check_prices(panel) if f.kind == "stale"]
    assert (finding.severity, finding.size) == ("note", 4.0)


def test_a_fund_that_stands_still_every_other_day_is_not_stale(panel: pd.DataFrame) -> None:
    random = np.random.default_rng(1)
    closes = panel.iloc[:, column(panel)].to_numpy().copy()
    for row in range(1, len(closes)):
        if random.random() < 0.5:
            closes[row] = closes[row - 1]
    panel.iloc[:, column(panel)] = closes
    findings = [finding for finding in check_prices(panel) if finding.kind == "stale"]
    # In its first month nothing is known of its habit.
    assert [finding for finding in findings if finding.date > panel.index[21]] == []
    assert {finding.severity for finding in findings} <= {"note"}


@pytest.mark.parametrize(("closes_before", "severity"), [(20, "note"), (30, "warning")])
def test_a_run_in_the_first_month_of_a_fund_is_a_note(panel: pd.DataFrame, closes_before: int, severity: str) -> None:
    place = column(panel)
    panel.iloc[: AT - closes_before, place] = np.nan
    panel.iloc[AT : AT + 8, place] = panel.iloc[AT - 1, place]
    (finding,) = [f for f in check_prices(panel) if f.kind == "stale"]
    assert (finding.ticker, finding.date, finding.severity) == ("F07", panel.index[AT], severity)
    assert ("in the first month" in finding.why) == (severity == "note")


def test_missing_rows_are_a_gap_known_when_closes_go_on(panel: pd.DataFrame) -> None:
    panel.iloc[AT : AT + 4, column(panel)] = np.nan
    panel.iloc[AT + 50, column(panel)] = np.nan
    gaps = [finding for finding in check_prices(panel) if finding.kind == "gap"]
    assert [(f.date, f.last, f.size, f.severity, f.known_from) for f in gaps] == [
        (panel.index[AT], panel.index[AT + 3], 4.0, "warning", panel.index[AT + 4]),
        (panel.index[AT + 50], panel.index[AT + 50], 1.0, "note", panel.index[AT + 51]),
    ]


def test_late_starts_and_early_ends_are_no_gaps(panel: pd.DataFrame) -> None:
    panel.iloc[:100, 0] = np.nan
    panel.iloc[400:, 1] = np.nan
    assert [finding for finding in check_prices(panel) if finding.kind == "gap"] == []


def test_a_session_without_anybody_and_a_holiday_with_a_close_are_the_market_s(panel: pd.DataFrame) -> None:
    holiday = pd.Timestamp("2020-12-25")
    more = pd.concat([panel.drop(index=panel.index[AT]), panel.iloc[[200]].set_axis([holiday])]).sort_index()
    of_market = [finding for finding in check_prices(more) if finding.ticker == ""]
    assert {(f.kind, f.date) for f in of_market} == {("market_gap", panel.index[AT]), ("no_session", holiday)}
    assert not any(finding.kind == "gap" for finding in check_prices(more))


def test_a_copied_column_is_a_twin_of_the_first(panel: pd.DataFrame) -> None:
    panel["F07"] = 3.7 * panel["F03"]
    (finding,) = [f for f in check_prices(panel) if f.kind == "twins"]
    assert (finding.ticker, finding.severity) == ("F07", "error")
    assert "the very same changes as F03" in finding.why


def test_a_series_that_goes_on_as_a_copy_is_a_twin_from_there_on(panel: pd.DataFrame) -> None:
    moved = panel["F03"].pct_change()
    panel.iloc[AT:, column(panel)] = panel.iloc[AT - 1, column(panel)] * (1.0 + moved.iloc[AT:]).cumprod()
    found = [f for f in check_prices(panel) if f.kind == "twins"]
    # The closes do not tell which of the two is the copy: a quarantine has to hold both.
    assert {f.ticker for f in found} == {"F03", str(panel.columns[column(panel)])}
    for finding in found:
        assert panel.index[AT] <= finding.date <= panel.index[AT + 21]
        assert finding.known_from < panel.index[AT + 42]
        assert "though not before" in finding.why


def test_a_series_that_goes_on_as_another_fund_is_a_switch(make_panel: Callable[..., pd.DataFrame]) -> None:
    panel = make_panel(seed=8)
    returns = panel.pct_change()
    spread = returns.std()
    calm, lively = spread.idxmin(), spread.idxmax()
    for one, other in ((calm, lively), (lively, calm)):
        place = list(panel.columns).index(one)
        chained = panel[one].iloc[AT - 1] * (1.0 + returns[other].iloc[AT:]).cumprod()
        panel.iloc[AT:, place] = chained.to_numpy()
    switches = [finding for finding in check_prices(panel) if finding.kind == "switch"]
    assert {finding.ticker for finding in switches} == {calm, lively}
    for finding in switches:
        assert abs(panel.index.get_loc(finding.date) - AT) <= 10
        assert finding.last is None
        assert finding.known_from <= panel.index[AT + 60]


def test_a_switch_of_a_fund_that_hardly_traded_is_a_note(make_panel: Callable[..., pd.DataFrame]) -> None:
    panel = make_panel(seed=8)
    returns = panel.pct_change()
    calm, lively = returns.std().idxmin(), returns.std().idxmax()
    random = np.random.default_rng(4)
    severities = {}
    for trades in (0.9, 0.3):
        table = panel.copy()
        place = list(table.columns).index(calm)
        before = table[calm].iloc[:AT].where(random.random(AT) < trades).ffill().bfill()
        chained = before.iloc[-1] * (1.0 + returns[lively].iloc[AT:]).cumprod()
        table.iloc[:, place] = np.append(before, chained)
        found = {f.severity for f in check_prices(table) if f.kind == "switch" and f.ticker == calm}
        severities[trades] = found
    assert severities == {0.9: {"warning"}, 0.3: {"note"}}


def test_an_unlikely_young_fund_is_judged_from_its_first_day_once_it_is_old_enough(panel: pd.DataFrame) -> None:
    panel.iloc[:200, column(panel)] = np.nan
    panel.iloc[210, column(panel)] *= 1.2
    (finding,) = found(panel)
    assert (finding.kind, finding.date) == ("spike", panel.index[210])
    assert panel.index[240] <= finding.known_from <= panel.index[270]
