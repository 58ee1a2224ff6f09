"""Few names: how many funds may be held at most, and how little of each at least.

Neither is a row: a fund is held or it is not. With z_i = 1 for the funds held,

    sum_i z_i <= max_holdings,      min_weight z_i <= w_i <= z_i u_i,

so the two stand beside the rows and bounds of the mandate, and arithmetic says what it can of both together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from constraints.funds import Floats
from constraints.mandate import CompiledMandate
from constraints.reach import ROUNDING, Unreachable
from constraints.units import FUNDS, WEIGHT

MAX_HOLDINGS = "max_holdings"
MIN_WEIGHT = "min_weight"


@dataclass(frozen=True)
class FewNames:
    """What a mandate says about names.

    Parameters
    ----------
    max_holdings : int or None
        Funds with a weight above zero, at most; at least 1. None for any number.
    min_weight : float
        A fund has no weight or at least this, a fraction; zero for no such rule.
    """

    max_holdings: int | None
    min_weight: float

    @property
    def words(self) -> str:
        """In one phrase: "at most 8 funds, each at least 2 %"."""
        least = f"at least {WEIGHT.show(self.min_weight)} of each fund held"
        if self.max_holdings is None:
            return least
        most = f"at most {FUNDS.show(self.max_holdings)}"
        return f"{most}, {least}" if self.min_weight > 0.0 else most

    def most(self, n: int) -> int:
        """How many of n funds can be held at most, by both limits.

        Parameters
        ----------
        n : int
        """
        by_weight = int(1.0 / self.min_weight + ROUNDING) if self.min_weight > 0.0 else n
        return min(n, by_weight, n if self.max_holdings is None else self.max_holdings)


def out_of_reach(mandate: CompiledMandate, few: FewNames) -> tuple[Unreachable, ...]:
    """What bounds, the budget and the number of names rule out by arithmetic, or nothing.

    Parameters
    ----------
    mandate : CompiledMandate
        Fully invested and long only, its bounds not crossed.
    few : FewNames
    """
    upper, forced = mandate.upper, mandate.lower > 0.0
    small = upper < few.min_weight - ROUNDING
    stuck = np.flatnonzero(forced & small)
    if stuck.size:
        i = int(stuck[0])
        least, cap = WEIGHT.show(few.min_weight), WEIGHT.show(float(upper[i]))
        sentence = f"{mandate.tickers[i]} must be held, and its cap of {cap} is below the least weight of {least}"
        return (Unreachable(MIN_WEIGHT, few.min_weight, float(upper[i]), WEIGHT, sentence),)
    named, allowed = int(forced.sum()), len(mandate.tickers) if few.max_holdings is None else few.max_holdings
    if named > allowed:
        sentence = f"{FUNDS.show(named)} must be held, {MAX_HOLDINGS} allows {allowed}"
        return (Unreachable(MAX_HOLDINGS, allowed, named, FUNDS, sentence),)
    least_sum = float(np.maximum(mandate.lower, few.min_weight)[forced].sum())
    if least_sum > 1.0 + ROUNDING:
        sentence = (
            f"the {named} funds that must be held, each with at least {WEIGHT.show(few.min_weight)}, sum to "
            f"{WEIGHT.show(least_sum)}; 100 % can be invested"
        )
        return (Unreachable(MIN_WEIGHT, few.min_weight, 1.0 / named, WEIGHT, sentence),)
    caps = np.where(small, 0.0, upper)
    # Funds that must be held come first, whatever their caps.
    held = np.concatenate([caps[forced], np.sort(caps[~forced])[::-1]])[:allowed]
    most = float(held.sum())
    if most >= 1.0 - ROUNDING:
        return ()
    if int((caps > 0.0).sum()) <= allowed:
        return (_too_small(mandate, few, most, int(small.sum())),)
    if np.all(held == held[0]):
        sums = f"{held.size} funds x {WEIGHT.show(float(held[0]))} = {WEIGHT.show(most)}"
    else:
        sums = f"the {held.size} funds with the largest caps can hold {WEIGHT.show(most)} together"
    sentence = f"{MAX_HOLDINGS}: {sums}; 100 % must be invested"
    return (Unreachable(MAX_HOLDINGS, allowed, _names_for(caps, forced), FUNDS, sentence),)


def _too_small(mandate: CompiledMandate, few: FewNames, most: float, left_out: int) -> Unreachable:
    """The caps are too small for the least weight in too many funds, or by themselves."""
    if not left_out:
        n = len(mandate.tickers)
        sentence = f"the {n} eligible funds can hold at most {WEIGHT.show(most)} together under their caps"
        return Unreachable("fully invested", 1.0, most, WEIGHT, f"{sentence}; 100 % must be invested")
    who = "1 fund has a cap" if left_out == 1 else f"{left_out} funds have caps"
    sentence = (
        f"{MIN_WEIGHT}: {who} below {WEIGHT.show(few.min_weight)}, the others can hold at most {WEIGHT.show(most)} "
        "together; 100 % must be invested"
    )
    return Unreachable(MIN_WEIGHT, few.min_weight, most, WEIGHT, sentence)


def _names_for(caps: Floats, forced: NDArray[np.bool_]) -> float:
    """The least number of funds whose caps reach 100 %; infinite where all together do not."""
    room = np.cumsum(np.concatenate([caps[forced], np.sort(caps[~forced])[::-1]]))
    enough = np.flatnonzero(room >= 1.0 - ROUNDING)
    return float(enough[0] + 1) if enough.size else float("inf")
