"""docs/data-checks.md, from the figures of the last whole run."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import beta

from benchmarks.markdown import markdown_table
from universe.checks import KINDS

_TITLES = {
    "spike": "spike and back, 2 to 20 %",
    "gap": "missing row run, 2 to 10 sessions",
    "distribution": "doubled distribution, 20 to 50 bp",
    "stale": "stale week, 5 closes",
    "shift": "decimal shift",
    "swap": "swapped ticker",
    "small_spike": "harder: spike of 1 to 2 %",
    "missing_distribution": "harder: missing distribution, 20 to 50 bp",
    "chained_swap": "harder: swapped ticker without a jump",
}

_BARRED, _BAR = ("spike", "shift", "swap", "stale"), 0.95

_MATERIAL = 20.0
"""Basis points that a stale week must hide to be of the size of the smallest distribution that is planted."""

_NO_MARKET = 10
"""Sessions on which the closes of no fund that is traded repeat."""

_HEAD = Path(__file__).with_name("head.md")
_JUDGED = Path(__file__).with_name("judged.csv")
"""Alarms of distributions that were looked at by hand, and what they are."""


def page(report: Mapping[str, Any]) -> str:
    """The page as Markdown."""
    outcomes = [outcome for one in report["rounds"] for outcome in one["outcomes"]]
    made = ", ".join(f"{name} {what}" for name, what in report["versions"].items())
    seeds = [one["seed"] for one in report["rounds"]]
    return "\n".join(
        [
            _HEAD.read_text(encoding="utf-8"),
            "## How good they are\n",
            _paragraph(
                f"From one run of `make bench-data` on {report['funds']} fixed-income ETFs, {report['first']} to",
                f"{report['last']}, {report['fund_years']:,.0f} fund-years;",
                "the page is from `make bench-docs`, nothing is",
                "typed by hand but the last column of the last table.",
                f"Made with {made} on {report['machine']}. The check of this market takes",
                f"{report['seconds']:.1f} s.",
            ),
            _paragraph(
                "Errors are planted in copies of the market, 50 of",
                "each kind a round, each in a fund of its own: a fund",
                "drawn uniformly among those with at least 252 closes,",
                "and a day uniformly among its closes with 63 before",
                f"them and 42 after; {len(seeds)} rounds, seeds {seeds[0]}",
                f"to {seeds[-1]}, not looked at before. Thresholds were",
                "chosen on other seeds (0 to 29) in the prices up to",
                "2015; what the checks say of the whole market as it is",
                "was in sight while they were written, and seeds 100 to",
                "109, 200 to 209 and 300 to 309 were looked at for earlier states of",
                "them. Errors are in the adjusted closes alone; a",
                "distribution that is counted twice or missing arises",
                "like that. Where a fund has plain closes it is one that",
                "the fund did pay, drawn among those of 20 to 50 basis",
                "points; elsewhere a step of that size at the start of a",
                "month. Found means:",
                "an error or a warning of a fitting kind at that fund",
                "within five days (a swap: from 15 days before to 90",
                "after). Intervals are Clopper and Pearson's, 95 %.",
            ),
            _detection(outcomes),
            _verdict(outcomes),
            "### Distributions, with and without plain closes\n",
            _by_closes(report, outcomes),
            "### By how lively the fund is\n",
            _paragraph(
                "Share found, by the fund's usual daily move in the",
                "half year before (basis points) and by the share of",
                "its closes of the year before that repeat the one before.",
            ),
            _by_class(outcomes),
            "### By size\n",
            _by_size(outcomes),
            "### Stale weeks: what is found against what is raised\n",
            _paragraph(
                "The bound is the chance of the run by the fund's own",
                "habit and its peers' moves; runs of the market as it",
                "is, March 2020 apart, against planted weeks.",
                "Runs that begin in the first 21 closes of a fund are",
                "notes and left out; no error is planted so early.",
            ),
            _curve(report),
            "### Stale weeks: by what they hide\n",
            _by_what_is_hidden(outcomes),
            "## False alarms\n",
            _alarms(report),
            _examples(report),
        ]
    )


def _paragraph(*lines: str) -> str:
    return " ".join(lines) + "\n"


def _share(outcomes: Sequence[Mapping[str, Any]], key: str = "warned") -> str:
    count = len(outcomes)
    if not count:
        return ""
    hits = sum(bool(outcome[key]) for outcome in outcomes)
    return f"{100 * hits / count:.1f} %"


def _interval(outcomes: Sequence[Mapping[str, Any]]) -> str:
    count, hits = len(outcomes), sum(bool(outcome["warned"]) for outcome in outcomes)
    low = 0.0 if hits == 0 else float(beta.ppf(0.025, hits, count - hits + 1))
    high = 1.0 if hits == count else float(beta.ppf(0.975, hits + 1, count - hits))
    return f"{100 * low:.1f} to {100 * high:.1f} %"


def _of(outcomes: Sequence[Mapping[str, Any]], fault: str) -> list[Mapping[str, Any]]:
    return [outcome for outcome in outcomes if outcome["fault"] == fault]


def _detection(outcomes: Sequence[Mapping[str, Any]]) -> str:
    rows = []
    for fault, title in _TITLES.items():
        mine = _of(outcomes, fault)
        days = [outcome["days"] for outcome in mine if outcome["warned"]]
        median = f"{np.median(days):.0f}" if days else ""
        rows.append([title, str(len(mine)), _share(mine), _interval(mine), _share(mine, "noted"), median])
    columns = ["planted", "number", "found", "95 %", "with notes", "sessions until known"]
    return markdown_table(columns, rows, words=1)


def _verdict(outcomes: Sequence[Mapping[str, Any]]) -> str:
    found = {fault: float(np.mean([o["warned"] for o in _of(outcomes, fault)])) for fault in _BARRED}
    reached = [_TITLES[fault] for fault, share in found.items() if share >= _BAR]
    material = [o for o in _of(outcomes, "stale") if o["hides"] >= _MATERIAL]
    missed = [_TITLES[fault] for fault, share in found.items() if share < _BAR]
    return _paragraph(
        f"The bar set beforehand was {100 * _BAR:.0f} % for each of these four.",
        f"Reached: {'; '.join(reached) or 'none'}. Not reached: {'; '.join(missed) or 'none'}.",
        "A week in which a close stands still cannot be told from one of a fund that often does. Of the",
        f"{len(material)} weeks in which a close is off by {_MATERIAL:.0f} basis points or more (the size of the",
        f"smallest distribution planted) {_share(material)} are found ({_interval(material)}).",
    )


def _by_closes(report: Mapping[str, Any], outcomes: Sequence[Mapping[str, Any]]) -> str:
    rows = []
    for fault in ("distribution", "missing_distribution"):
        for detail in ("with closes", "without closes"):
            mine = [o for o in _of(outcomes, fault) if o["detail"] == detail]
            if mine:
                title = f"{_TITLES[fault].removeprefix('harder: ')}, {detail}"
                rows.append([title, str(len(mine)), _share(mine), _interval(mine), _share(mine, "noted")])
    table = markdown_table(["planted", "number", "found", "95 %", "with notes"], rows, words=1)
    said = _paragraph(
        "Closes stand beside the adjusted ones on",
        f"{report['years_with_closes']:,.0f} of the fund-years. Without them a",
        "distribution is smaller than most funds' daily distance from their peers. With them it is known exactly what",
        "was counted, and the question is whether it was paid: what is not found lies in the first six distributions",
        "of a fund, in December, or in funds whose distributions or returns beside their peers vary as much.",
    )
    return "\n".join([table, said])


_CLASSES: Mapping[str, Callable[[Mapping[str, Any]], bool]] = {
    "moves below 5": lambda o: o["volatility"] < 5,
    "5 to 15": lambda o: 5 <= o["volatility"] < 15,
    "15 to 40": lambda o: 15 <= o["volatility"] < 40,
    "above 40": lambda o: o["volatility"] >= 40,
    "unchanged below 5 %": lambda o: o["unchanged"] < 0.05,
    "5 to 15 %": lambda o: 0.05 <= o["unchanged"] < 0.15,
    "above 15 %": lambda o: o["unchanged"] >= 0.15,
}


def _by_class(outcomes: Sequence[Mapping[str, Any]]) -> str:
    rows = []
    for fault, title in _TITLES.items():
        mine = _of(outcomes, fault)
        rows.append([title, *(_share([o for o in mine if belongs(o)]) for belongs in _CLASSES.values())])
    counts = [sum(belongs(o) for o in outcomes) for belongs in _CLASSES.values()]
    rows.append(["number", *map(str, counts)])
    return markdown_table(["planted", *_CLASSES], rows, words=1)


def _by_size(outcomes: Sequence[Mapping[str, Any]]) -> str:
    rows = []
    steps = {"spike": (0.02, 0.03, 0.05, 0.10, 0.20), "distribution": (0.002, 0.003, 0.004, 0.005)}
    for fault, edges in steps.items():
        for low, high in itertools.pairwise(edges):
            mine = [o for o in _of(outcomes, fault) if low <= abs(o["size"]) < high]
            size = f"{100 * low:g} to {100 * high:g} %"
            rows.append([f"{fault}, {size}", str(len(mine)), _share(mine), _share(mine, "noted")])
    return markdown_table(["planted", "number", "found", "with notes"], rows, words=1)


def _curve(report: Mapping[str, Any]) -> str:
    planted = [against for one in report["rounds"] for against in one["stale"]]
    calm = report["fund_years"] - report["panic_fund_years"]
    rows = []
    for bound in (2.5, 3.0, 3.5, 4.0, 4.5, 5.0, 6.0):
        found = sum(against >= bound for against in planted) / len(planted)
        raised = sum(against >= bound for against in report["stale"])
        rows.append([f"one in {10**bound:,.0f}", f"{100 * found:.1f} %", f"{1000 * raised / calm:.1f}"])
    return markdown_table(["bound", "found", "alarms per 1,000 fund-years"], rows, words=1)


def _by_what_is_hidden(outcomes: Sequence[Mapping[str, Any]]) -> str:
    stale = _of(outcomes, "stale")
    rows = []
    for low, high in itertools.pairwise((0.0, 5.0, 10.0, _MATERIAL, 50.0, 100.0, np.inf)):
        mine = [o for o in stale if low <= o["hides"] < high]
        title = f"{low:g} basis points and more" if high == np.inf else f"{low:g} to {high:g} basis points"
        rows.append([title, str(len(mine)), _share(mine), _interval(mine), _share(mine, "noted")])
    said = _paragraph("The most by which one of the five closes is off the true one.")
    return "\n".join([said, markdown_table(["hidden", "number", "found", "95 %", "with notes"], rows, words=1)])


def _alarms(report: Mapping[str, Any]) -> str:
    calm = report["fund_years"] - report["panic_fund_years"]
    outside = [alarm for alarm in report["alarms"] if not alarm["panic"]]
    inside = [alarm for alarm in report["alarms"] if alarm["panic"]]
    rows = []
    for kind in KINDS:
        mine = [alarm for alarm in outside if alarm["kind"] == kind]
        notes = [note for note in report["notes"] if note["kind"] == kind]
        panic = sum(alarm["kind"] == kind for alarm in inside)
        if mine or notes or panic:
            rates = f"{1000 * len(mine) / calm:.1f}", f"{1000 * len(notes) / report['fund_years']:.1f}"
            rows.append([KINDS[kind], str(len(mine)), rates[0], str(panic), rates[1]])
    total = f"{1000 * len(outside) / calm:.1f}"
    of_notes = f"{1000 * len(report['notes']) / report['fund_years']:.1f}"
    rows.append(["all", str(len(outside)), total, str(len(inside)), of_notes])
    columns = ["kind", "alarms", "per 1,000 fund-years", "in March 2020", "notes per 1,000"]
    further = sum(one["further_alarms"] for one in report["rounds"]) / (2 * len(report["rounds"]))
    said = _paragraph(
        "Errors and warnings of closes in the market as it is, one a place, where nothing was planted; March 2020 (24",
        f"February to 30 April, {report['panic_fund_years']:.0f}",
        "fund-years) apart. Many are flaws of the data, which nobody",
        "has marked: all count here.",
    )
    long_runs = sum(alarm["kind"] == "stale" and alarm["size"] >= _NO_MARKET for alarm in outside)
    facts = long_runs + sum(alarm["kind"] == "gap" for alarm in outside)
    judged = _paragraph(
        f"{facts} of these are facts rather than suspicions: sessions that are missing, and closes that repeat on",
        f"{_NO_MARKET} sessions or more. Without them {len(outside) - facts}",
        f"are left, {100 * (len(outside) - facts) / calm:.2f}",
        f"per 100 fund-years; with them {100 * len(outside) / calm:.2f}. The bar set beforehand was 2.",
    )
    verdicts = _verdicts()
    looked_at = [verdicts.get((a["ticker"], a["date"]), ("unclear", ""))[0] for a in outside if _is_distribution(a)]
    true = looked_at.count("wrong")
    by_hand = _paragraph(
        f"Of the {len(looked_at)} distributions {true} were found wrong when looked at by hand,",
        f"{looked_at.count('right')} right and {looked_at.count('unclear')} unclear (below).",
        f"Without those {true}, and with the facts,",
        f"{100 * (len(outside) - true) / calm:.2f} alarms per 100 fund-years are left.",
    )
    caused = f"Planted errors cause {further:.1f} further alarms a copy of the market, at other funds.\n"
    return "\n".join([said, markdown_table(columns, rows, words=1), judged, by_hand, caused])


def _is_distribution(alarm: Mapping[str, Any]) -> bool:
    return bool(alarm["kind"] == "distribution")


def _verdicts() -> dict[tuple[str, str], tuple[str, str]]:
    with _JUDGED.open(encoding="utf-8", newline="") as lines:
        return {(row["ticker"], row["date"]): (row["verdict"], row["why"]) for row in csv.DictReader(lines)}


def _examples(report: Mapping[str, Any]) -> str:
    outside = [alarm for alarm in report["alarms"] if not alarm["panic"]]
    parts = ["\n### The largest, to judge by\n"]
    for kind in ("spike", "jump", "stale", "switch"):
        mine = sorted((a for a in outside if a["kind"] == kind), key=lambda a: -a["size"])[:8]
        rows = [[a["ticker"], a["date"], a["why"]] for a in mine]
        if rows:
            parts += [f"{KINDS[kind].capitalize()}:\n", markdown_table(["ticker", "date", "why"], rows, words=3)]
    return "\n".join([*parts, _distributions([a for a in outside if _is_distribution(a)])])


def _distributions(alarms: Sequence[Mapping[str, Any]]) -> str:
    """All of them, with what they are by hand: the amounts before and after were looked at."""
    verdicts = _verdicts()
    rows = []
    for alarm in sorted(alarms, key=lambda a: (a["date"], a["ticker"])):
        verdict, because = verdicts.get((alarm["ticker"], alarm["date"]), ("not looked at", ""))
        rows.append([alarm["ticker"], alarm["date"], alarm["why"], f"{verdict}: {because}" if because else verdict])
    if not rows:
        return ""
    table = markdown_table(["ticker", "date", "why", "by hand the source is"], rows, words=4)
    parts = [f"{KINDS['distribution'].capitalize()}; the last column is by hand:\n", table]
    return "\n".join(parts)
