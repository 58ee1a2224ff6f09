"""The figures of a report as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from benchmarks.table import Table, figure
from benchmarks.walks.growth import exponent
from benchmarks.walks.registry import LIBRARIES, OURS

BAR_S, BAR_MB = 30.0, 2000.0
"""What two workers may take for all variants of the example."""


def origin(report: Mapping[str, Any]) -> list[str]:
    """Where the figures come from: market, machine, load, versions.

    Parameters
    ----------
    report : mapping
    """
    load = report["load"]
    return [
        f"Walked: {report['market']}.",
        f"{report['machine']}; load {load['before']:.1f} before, {load['after']:.1f} after.",
        ", ".join(f"{name} {number}" for name, number in report["versions"].items()) + ".",
        "One thread of linear algebra each. load: one-minute load average of the machine before the run that is shown, "
        "the best of its rounds; other work on the machine lengthens seconds.",
    ]


def tables(report: Mapping[str, Any]) -> list[Table]:
    """All tables of a report.

    Parameters
    ----------
    report : mapping
        As it is written to disk.
    """
    plan = report["plan"]
    return [
        _variants(report["variants"], plan),
        _shares(report["shares"]),
        _growth("Growth with the number of variants", "variants", report["by_variants"], plan["start"]),
        _growth("Growth with the number of years", "years", report["by_years"], plan["start"]),
        _peers(report["peers"], plan),
        _agreement(report["peers"]),
    ]


def _variants(runs: Mapping[str, Mapping[str, Any]], plan: Mapping[str, Any]) -> Table:
    rows = tuple((workers, *_batch_cells(run)) for workers, run in runs.items())
    notes = ["rounds: seconds of the walks in every round. MB: the largest resident memory of each process, added up."]
    there = [run for run in runs.values() if "missing" not in run]
    if len({run["returns_sha256"] for run in there}) == 1 and len(there) > 1:
        notes.append(
            f"The returns are the same to the last bit in every run: SHA-256 {there[0]['returns_sha256'][:16]}…"
        )
    if plan["name"] == "full" and "missing" not in runs["2"]:
        notes.append(_verdict(runs["2"]))
    count = there[0]["variants"] if there else 0
    return Table(
        f"{count} variants of examples/variants.toml, {plan['start']} to {plan['end']}, triggers read daily",
        ("workers", "walks s", "loading s", "whole process s", "peak MB", "sessions", "solves", "load", "rounds"),
        rows,
        tuple(notes),
    )


def _batch_cells(run: Mapping[str, Any]) -> tuple[str, ...]:
    if "missing" in run:
        return (run["missing"],)
    return (
        figure(run["walk_s"]),
        figure(run["load_s"]),
        figure(run["whole_s"]),
        _mb(run["peak_mb"]),
        f"{run['sessions']:,}",
        f"{run['solves']:,}",
        f"{run['load']:.1f}",
        ", ".join(figure(seconds) for seconds in run["rounds"]),
    )


def _verdict(run: Mapping[str, Any]) -> str:
    peak = run["peak_mb"]
    time = f"{figure(run['walk_s'])} s is {'within' if run['walk_s'] <= BAR_S else 'MORE THAN'} {BAR_S:g} s"
    if peak is None:
        return f"The bar on two workers: {time}; memory could not be measured."
    memory = f"{figure(peak)} MB is {'within' if peak <= BAR_MB else 'MORE THAN'} {BAR_MB:,.0f} MB"
    return f"The bar on two workers: {time}, {memory}."


def _mb(peak: float | None) -> str:
    return "unknown" if peak is None else figure(peak)


def _shares(run: Mapping[str, Any]) -> Table:
    title = "Where the time goes: the same variants, one process, one thread"
    if "missing" in run:
        return Table(title, ("part", "s", "share"), (("all", run["missing"]),))
    seconds = run["seconds"]
    total = sum(seconds.values())
    rows = [(part, figure(value), f"{100 * value / total:.0f} %") for part, value in seconds.items()]
    return Table(
        title,
        ("part", "s", "share"),
        (*rows, ("all", figure(total), "100 %")),
        (
            "Parts do not overlap: what a part calls of another is the other's. problems and answers: limits as rows, "
            "targets, shadow prices, the portfolio as a result. The walk before it in the same process, without a "
            f"stopwatch: {figure(run['unwatched_s'])} s; load {run['load']:.1f}.",
        ),
    )


def _growth(title: str, what: str, sizes: Sequence[Mapping[str, Any]], start: str) -> Table:
    rows = []
    for workers in ("1", "2"):
        runs = [size[workers] for size in sizes]
        there = [run for run in runs if "missing" not in run]
        # Years as the sessions that they have.
        grown = [run["variants" if what == "variants" else "sessions"] for run in there]
        power = f"{exponent(grown, [run['walk_s'] for run in there]):.2f}" if len(there) > 1 else ""
        cells = [run.get("missing") or f"{figure(run['walk_s'])} s, load {run['load']:.1f}" for run in runs]
        rows.append((f"{workers} worker{'s' * (workers != '1')}", *cells, power))
        rows.append(("", *("" if "missing" in run else f"{_mb(run['peak_mb'])} MB" for run in runs), ""))
    until = sorted({size["end"] for size in sizes})
    notes = (
        f"Walks from {start} to {', '.join(until)}. exponent: of seconds in {what}, fitted to their logarithms; 1 is "
        "linear. Two workers have to be started first, which takes the same time whatever there is to do."
    )
    if what == "variants":
        notes += " Ten universes throughout, so that more variants share more estimates."
    return Table(title, ("", *(f"{size['size']:,} {what}" for size in sizes), "exponent"), tuple(rows), (notes,))


def _peers(runs: Mapping[str, Mapping[str, Any]], plan: Mapping[str, Any]) -> Table:
    ours = runs[OURS]
    rows = list[tuple[str, ...]]()
    for name, run in runs.items():
        if "missing" in run:
            rows.append((name, run["missing"]))
            continue
        ratios = ["", ""]
        if "missing" not in ours:
            ratios = [figure(run[key] / ours[key]) for key in ("first_s", "again_s")]
        seconds = [figure(run["first_s"]), figure(run["again_s"])]
        rows.append((name, *seconds, *ratios, _mb(run["peak_mb"]), f"{run['load']:.1f}"))
    there = next((run for run in runs.values() if "missing" not in run), None)
    funds = "" if there is None else f", {there['funds']} funds, {there['credit_funds']} of them credit"
    return Table(
        f"One variant by the month, {plan['start']} to {plan['end']}{funds}",
        ("library", "first s", "again s", "x first", "x again", "peak MB", "load"),
        tuple(rows),
        (
            "At every month end: the largest total return over the last 126 days, net of 2 bp on what is traded, at no "
            "more than the AGG's volatility by the same Ledoit-Wolf estimate over 126 days; long only, fully invested, "
            "at most 25 % a fund and 60 % in high yield and bank loans. The funds are the baseline's palette on the "
            "first day, those with all their closes until the last: known only afterwards, for all alike.",
            "first: the first walk in a process, without imports and the market; again: the one after it. x: how many "
            "times longer than aggplus.",
            *(f"{name}: {LIBRARIES[name].how}." for name in runs),
        ),
    )


def _agreement(runs: Mapping[str, Mapping[str, Any]]) -> Table:
    rows = []
    for name, run in runs.items():
        if "missing" in run:
            continue
        figures = (f"{run['cumulative']:.2f} %", f"{run['volatility']:.2f} %", f"{run['months']:.0f}")
        rows.append((name, *figures, _apart(run, runs[OURS])))
    return Table(
        "Whether they walk the same way",
        ("library", "cumulative", "volatility", "months", "apart"),
        tuple(rows),
        (
            "cumulative: net of costs. volatility: of monthly returns, a year. apart: the largest difference of a "
            "month's return from aggplus's.",
            *(f"What differs, {name}: {LIBRARIES[name].differs}." for name in runs),
        ),
    )


def _apart(run: Mapping[str, Any], ours: Mapping[str, Any]) -> str:
    if "missing" in ours or len(run["worth"]) != len(ours["worth"]):
        return "not comparable"
    pairs = zip(_returns(run["worth"]), _returns(ours["worth"]), strict=True)
    return f"{1e4 * max(abs(a - b) for a, b in pairs):.1f} bp"


def _returns(worth: Sequence[float]) -> list[float]:
    return [after / before - 1.0 for before, after in pairwise(worth)]
