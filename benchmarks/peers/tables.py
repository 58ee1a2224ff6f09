"""The figures of a report as tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from benchmarks.peers.registry import BATCHES, SINGLE
from benchmarks.table import Table, draw, figure


def tables(report: Mapping[str, Any]) -> list[Table]:
    """All tables of a report.

    Parameters
    ----------
    report : mapping
        As it is written to disk.
    """
    found = [_speed(meeting, report) for meeting in report["peers"]]
    found.append(_growth("Growth with the number of funds: ms a solve", report["by_funds"], "funds", _per_solve))
    found.append(
        _growth("Growth with the number of variants: seconds for all", report["by_variants"], "variants", _for_all)
    )
    found.append(_public_call(report["public_call"]))
    if report["first_calls"]:
        found.append(_first_calls(report["first_calls"]))
    return found


def origin(report: Mapping[str, Any]) -> list[str]:
    """Where the figures come from: machine, load, versions, threads.

    Parameters
    ----------
    report : mapping
    """
    load = report["load"]
    return [
        f"{report['machine']}; load {load['before']:.1f} before, {load['after']:.1f} after.",
        ", ".join(f"{name} {number}" for name, number in report["versions"].items()) + ".",
        f"Threads: {report['threads']}.",
    ]


def show(report: Mapping[str, Any]) -> None:
    """Print a report.

    Parameters
    ----------
    report : mapping
    """
    draw(origin(report), tables(report))


def _speed(meeting: Mapping[str, Any], report: Mapping[str, Any]) -> Table:
    setup, lines, same = meeting["setup"], meeting["lines"], report["same_answer"]
    ours = [SINGLE.title, *(batch.title for batch in BATCHES)]
    rows = tuple(_speed_row(title, line, ours) for title, line in lines.items())
    notes = [
        "x: how many times longer a solve takes than ours, median of the ratios within a round. first: import, set-up "
        "and first solve. timed: solves behind the median. † extrapolated from those. MB: beyond interpreter and "
        f"instance. same: expected return within {same['expected_return_bp']} bp of the certified optimum (found by "
        f"Clarabel, proven to {meeting['certified_within_bp']:.2g} bp), no limit broken and no risk target overshot by "
        f"more than {same['violation']:g}; how many portfolios were compared. Rounds: {meeting['rounds']}, of "
        f"{report['seconds_each']:g} s for each peer.",
        *[_proof(title, lines[title]["proof"]) for title in ours if lines[title].get("proof")],
    ]
    return Table(
        f"{setup['funds']} funds, {setup['variants']} variants x {setup['dates']} dates, covariance: "
        f"{setup['covariance']} (seed {setup['seed']})",
        (
            "route",
            "asked",
            "first s",
            "ms/solve",
            "timed",
            "batch s",
            "solves/s",
            "x one by one",
            *(f"x batch {batch.workers}" for batch in BATCHES),
            "MB",
            "off bp",
            "broken",
            "overshot",
            "same",
        ),
        rows,
        tuple(notes),
    )


def _speed_row(title: str, line: Mapping[str, Any], ours: Sequence[str]) -> tuple[str, ...]:
    if "missing" in line:
        return (title, line["missing"])
    mark = "" if line["whole"] else "†"
    return (
        title,
        line["asked"],
        f"{line['start_s']:.2f}",
        figure(line["solve_ms"]),
        f"{line['solves']:,}",
        figure(line["batch_s"]) + mark,
        figure(line["solves_per_s"]) + mark,
        *(figure(line["times_ours"][name]) if name in line["times_ours"] else "" for name in ours),
        f"{line['memory_mb']:.0f}",
        f"{line['off_bp']:.0e}",
        f"{line['violation']:.0e}",
        f"{line['overshoot']:.0e}",
        f"{'yes' if line['same'] else 'NO'}, {line['checked']}",
    )


def _proof(title: str, proof: Mapping[str, Any]) -> str:
    return (
        f"{title}: {proof['certified']:,} of {proof['variants']:,} certified, each looked at once more by the "
        f"certificate of single problems; largest gap {proof['gap_bp']:.1e} bp, violation {proof['violation']:.1e}, "
        f"KKT residual {proof['kkt_residual']:.1e}."
    )


def _growth(
    title: str, meetings: Sequence[Mapping[str, Any]], what: str, shown: Callable[[Mapping[str, Any]], str]
) -> Table:
    first = meetings[0]
    rows = tuple((name, *(_grown(meeting["lines"][name], shown) for meeting in meetings)) for name in first["lines"])
    fixed = {"funds": "variants", "variants": "funds"}[what]
    return Table(
        f"{title}, and memory ({first['setup'][fixed]} {fixed})",
        ("route", *(f"{meeting['setup'][what]:,} {what}" for meeting in meetings)),
        rows,
        ("Memory beyond interpreter and instance. † extrapolated from fewer solves.",),
    )


def _grown(line: Mapping[str, Any], shown: Callable[[Mapping[str, Any]], str]) -> str:
    if "missing" in line:
        return str(line["missing"])
    doubt = "" if line["same"] else ", not the same answer"
    return f"{shown(line)}, {line['memory_mb']:.0f} MB{doubt}"


def _per_solve(line: Mapping[str, Any]) -> str:
    return f"{figure(line['solve_ms'])} ms"


def _for_all(line: Mapping[str, Any]) -> str:
    return f"{figure(line['batch_s'])}{'' if line['whole'] else '†'} s"


def _public_call(figures: Mapping[str, Any]) -> Table:
    titles = {
        "whole_ms": "aggplus.solve",
        "estimate_ms": "the risk estimate in it",
        "beyond_estimate_ms": "beyond the risk estimate",
        "screens_ms": "of that: the screens",
        "solve_problem_ms": "of that: optimizer.solve_problem",
    }
    return Table(
        f"One call of the desk: baseline on the built-in market, {figures['funds']} eligible funds",
        ("stage", "ms"),
        tuple((title, figure(figures[key])) for key, title in titles.items()),
        (f"Medians of {figures['repeats']} calls, the stages in turns with the whole.",),
    )


def _first_calls(calls: Sequence[Mapping[str, Any]]) -> Table:
    return Table(
        "The first call in a new process: import and first solve",
        ("route", "s, nothing compiled yet", "s, compiled code on disk"),
        tuple((call["title"], figure(call["compiling_s"]), figure(call["cached_s"])) for call in calls),
    )
