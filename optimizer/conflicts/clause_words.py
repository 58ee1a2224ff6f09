"""Limits and their moves as a client would say them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from constraints import BETA, TARGET_CLAUSE, VOLATILITY
from optimizer.conflicts.clause_limits import Limit

_PLAIN = frozenset({"position cap", TARGET_CLAUSE})
"""Clauses whose name says which side they are."""

_FROM_BENCHMARK: Mapping[str, str] = MappingProxyType({"below": " below", "above": " above"})

_FEWEST, _MOST = 4, 17
"""Significant digits of estimates in print, and of any number."""


def limit_words(limit: Limit) -> str:
    """A limit: "high_yield at least 30 %".

    Parameters
    ----------
    limit : Limit
    """
    estimated = limit.clause == TARGET_CLAUSE and limit.unit in (VOLATILITY, BETA)
    shown = limit.unit.show(_rounded(limit.value, _FEWEST) if estimated else limit.value)
    if limit.clause in _PLAIN:
        return f"{limit.clause} {shown}"
    bound = "at least" if limit.side == "min" else "at most"
    return f"{limit.clause} {bound} {shown}{_FROM_BENCHMARK.get(limit.side, '')}"


def move_words(limit: Limit, to: float) -> str:
    """A limit on its way to another value: "raise the position cap from 5 % to 6.3 %".

    Parameters
    ----------
    limit : Limit
    to : float
        In units of the optimizer.
    """
    start, end = apart(limit, limit.value, to)
    higher = to > limit.value
    if limit.clause == TARGET_CLAUSE:
        return f"let the {limit.clause} {'rise' if higher else 'fall'} from {start} to {end}"
    if limit.clause in _PLAIN:
        return f"{'raise' if higher else 'lower'} the {limit.clause} from {start} to {end}"
    if limit.side in _FROM_BENCHMARK:
        return f"let {limit.clause} lie {end} {limit.side} (at most {start} now)"
    bound = "at least" if limit.side == "min" else "at most"
    return f"let {limit.clause} {'rise' if higher else 'fall'} to {end} ({bound} {start} now)"


def concession_words(limit: Limit, to: float) -> tuple[str, str]:
    """A limit that gave way, and to what: "credit at most 30 %", "34.5 %".

    Parameters
    ----------
    limit : Limit
    to : float
        In units of the optimizer.
    """
    start, end = apart(limit, limit.value, to)
    if limit.clause in _PLAIN:
        return f"{limit.clause} {start}", end
    bound = "at least" if limit.side == "min" else "at most"
    return f"{limit.clause} {bound} {start}{_FROM_BENCHMARK.get(limit.side, '')}", end


def apart(limit: Limit, one: float, other: float) -> tuple[str, str]:
    """Two values of a limit in print, with as many digits as it takes to tell them apart.

    Parameters
    ----------
    limit : Limit
    one, other : float
        In units of the optimizer.
    """
    shown = limit.unit.show(one), limit.unit.show(other)
    for digits in range(_FEWEST, _MOST):
        shown = limit.unit.show(_rounded(one, digits)), limit.unit.show(_rounded(other, digits))
        if shown[0] != shown[1]:
            break
    return shown


def listed(words: Sequence[str]) -> str:
    """A and B; A, B and C.

    Parameters
    ----------
    words : sequence of str
        At least one.
    """
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _rounded(value: float, digits: int) -> float:
    return float(f"{value:.{digits}g}")
