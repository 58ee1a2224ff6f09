"""A clause given from Python: a name, and a function from the weights to cvxpy constraints."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import cvxpy as cp
import numpy as np

from constraints import TARGET_CLAUSE
from optimizer.errors import OptimizerError
from optimizer.expressions.weights import Weights
from universe.wording import clipped


@dataclass(frozen=True)
class ExpressionClause:
    """A clause that its author states in cvxpy.

    Parameters
    ----------
    name : str
        As it is printed.
    states : callable
        From `Weights` to a cvxpy constraint written with <=, >= or ==, or to several.
    """

    name: str
    states: Callable[[Weights], object]


def expression(name: str, states: Callable[[Weights], object]) -> ExpressionClause:
    """A clause from any convex cvxpy expression of the weights.

    >>> import cvxpy as cp
    >>> clause = expression("effective number of funds", lambda w: cp.sum_squares(w.weights) <= 0.1)

    Parameters
    ----------
    name : str
        As it is printed.
    states : callable
        From `Weights` to a cvxpy constraint written with <=, >= or ==, or to several. It is asked anew on every day.

    Raises
    ------
    OptimizerError
        When there is no name, or `states` is not a function.
    """
    if not isinstance(name, str) or not name.strip():
        raise OptimizerError(f"a clause needs a name to be printed by: found {clipped(repr(name))}")
    if not callable(states):
        raise OptimizerError(
            f"clause {clipped(name)!r}: expected a function from the weights to a cvxpy constraint, as in "
            f"lambda w: cp.sum_squares(w.weights) <= 0.1; found a {type(states).__name__}"
        )
    return ExpressionClause(clipped(name), states)


@dataclass(frozen=True, eq=False)
class Stated:
    """One constraint of a clause: excess <= 0, or excess == 0, entry by entry.

    Parameters
    ----------
    clause : str
    constraint : Constraint
        As its author wrote it; the solver's dual values are read from it.
    """

    clause: str
    constraint: cp.Constraint

    @property
    def excess(self) -> cp.Expression:
        """Convex, or affine for an equality."""
        return self.constraint.expr

    @property
    def equality(self) -> bool:
        """Whether the excess has to be zero."""
        return isinstance(self.constraint, cp.constraints.Equality)


def state_clauses(clauses: object, weights: Weights, taken: Iterable[str]) -> tuple[Stated, ...]:
    """What the clauses ask of these weights.

    Parameters
    ----------
    clauses : sequence of ExpressionClause
    weights : Weights
    taken : iterable of str
        Names of the mandate's own clauses.

    Raises
    ------
    OptimizerError
        When a clause is no `ExpressionClause`, its name is taken, its function raises, or what it returns is not a
        convex cvxpy constraint on these weights alone.
    """
    if not isinstance(clauses, Sequence):
        found = type(clauses).__name__
        raise OptimizerError(f"clauses: found a {found}; expected a list of expression(name, function)")
    names, stated = {TARGET_CLAUSE, *taken}, list[Stated]()
    for clause in clauses:
        if not isinstance(clause, ExpressionClause):
            raise OptimizerError(
                f"clauses: found a {type(clause).__name__}; expected expression(name, function from the weights)"
            )
        if clause.name in names:
            raise OptimizerError(f"clause {clause.name!r}: the model has a clause of that name; choose another one")
        names.add(clause.name)
        stated.extend(Stated(clause.name, constraint) for constraint in _constraints(clause, weights))
    return tuple(stated)


def _constraints(clause: ExpressionClause, weights: Weights) -> Iterator[cp.Constraint]:
    try:
        returned = clause.states(weights)
        several = list(returned) if isinstance(returned, list | tuple | set | Iterator) else [returned]
    except OptimizerError as error:
        raise OptimizerError(f"clause {clause.name!r}: {error}") from None
    except Exception as error:
        # Whatever an author's function does, a client sees one line that names the clause.
        words = " ".join(f"{type(error).__name__}: {error}".split())
        raise OptimizerError(f"clause {clause.name!r}: its function raised {words:.200}") from error
    if not several:
        raise OptimizerError(f"clause {clause.name!r}: its function returned no constraint")
    for constraint in several:
        _check(clause.name, constraint, weights)
        yield constraint


def _check(name: str, constraint: object, weights: Weights) -> None:
    if not isinstance(constraint, cp.constraints.constraint.Constraint):
        raise OptimizerError(
            f"clause {name!r}: its function returned a {type(constraint).__name__}; expected a cvxpy constraint, "
            "as in cp.sum_squares(w.weights) <= 0.1"
        )
    if not isinstance(constraint, cp.constraints.Inequality | cp.constraints.Equality):
        raise OptimizerError(
            f"clause {name!r}: its function returned a {type(constraint).__name__} constraint; expected one written "
            "with <=, >= or == (for a matrix, lambda_min(...) >= 0)"
        )
    others = [variable for variable in constraint.variables() if variable is not weights.weights]
    if others:
        raise OptimizerError(
            f"clause {name!r}: it uses the variable {others[0].name()!r}; expected no other variable than w.weights "
            "(an atom such as cp.cvar or cp.sum_largest takes the place of an auxiliary one)"
        )
    if any(parameter.value is None for parameter in constraint.parameters()):
        raise OptimizerError(f"clause {name!r}: it has a cvxpy parameter without a value; expected numbers")
    if not constraint.is_dcp():
        raise OptimizerError(f"clause {name!r}: it is not convex by cvxpy's rules: {_not_convex(constraint)}")
    for constant in (*constraint.constants(), *constraint.parameters()):
        value = constant.value.toarray() if hasattr(constant.value, "toarray") else np.asarray(constant.value)
        if np.iscomplexobj(value) or not np.isfinite(value).all():
            raise OptimizerError(
                f"clause {name!r}: it has a constant that is not a finite number; where the catalog does not know a "
                "figure, say what stands for it (fillna)"
            )


def _not_convex(constraint: cp.Constraint) -> str:
    for side in constraint.args:
        if (part := _smallest_not_dcp(side)) is not None:
            return f"cvxpy does not know the curvature of {_shown(part)}"
    left, right = constraint.args
    if isinstance(constraint, cp.constraints.Equality):
        return f"in {_shown(constraint)} both sides of == have to be affine"
    return (
        f"{_shown(left)} is {left.curvature.lower()} and {_shown(right)} is {right.curvature.lower()}; "
        "expected convex <= concave"
    )


def _smallest_not_dcp(part: cp.Expression) -> cp.Expression | None:
    """The innermost part of an expression that breaks the rules."""
    if part.is_dcp():
        return None
    inner = (_smallest_not_dcp(argument) for argument in part.args)
    return next((found for found in inner if found is not None), part)


def _shown(part: cp.Expression | cp.Constraint) -> str:
    return clipped(" ".join(str(part).split()))
