"""What every backend is: a function from a problem to a claim."""

from __future__ import annotations

from typing import Protocol

from optimizer.problem import Claim, NoClaim, Problem


class Backend(Protocol):
    """A way to solve the problem. Its answer is a claim, to be certified by others."""

    def __call__(self, problem: Problem) -> Claim | NoClaim:
        """Solve.

        Parameters
        ----------
        problem : Problem

        Returns
        -------
        Claim or NoClaim
            Never raises for a problem that it cannot solve: it says so in `NoClaim`.
        """
