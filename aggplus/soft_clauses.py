"""Soft clauses on the desk: how a model ranks them, and what giving way means for target and result."""

from __future__ import annotations

from dataclasses import replace

from aggplus.model import Model
from constraints import TARGET_CLAUSE, priorities_of
from optimizer import Concession, RiskTarget, Settlement, Solved


def ranks_of(model: Model) -> dict[str, int]:
    """Priorities of the soft clauses by name, the risk target among them where the model ranks it.

    Parameters
    ----------
    model : Model
    """
    rank = model.target.priority
    return priorities_of(model.limits) | ({} if rank is None else {TARGET_CLAUSE: rank})


def target_after(target: RiskTarget, given_up: tuple[Concession, ...]) -> RiskTarget:
    """The target as it was solved with.

    Parameters
    ----------
    target : RiskTarget
    given_up : tuple of Concession
    """
    moved = next((given for given in given_up if given.clause == TARGET_CLAUSE), None)
    if moved is None:
        return target
    return replace(target, value=moved.to, basis=f"{target.basis}; {moved.words}")


def remarks_on(settlement: Settlement) -> tuple[str, ...]:
    """What a reader of the result has to know about how it came about.

    Parameters
    ----------
    settlement : Settlement
    """
    outcome, given_up = settlement.outcome, settlement.given_up
    remarks = outcome.remarks if isinstance(outcome, Solved) else ()
    if not given_up:
        return remarks
    return (
        f"the limits cannot all hold, so by priority {'; '.join(given.words for given in given_up)}. "
        "Certificate, shadow prices and exported problem are those of the limits after giving way",
        *remarks,
    )
