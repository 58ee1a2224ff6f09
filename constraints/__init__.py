"""What is allowed: the mandate document, its clauses, their linear rows and what arithmetic says about them."""

from constraints.clauses import TARGET_CLAUSE, Clause, TurnoverLimit
from constraints.document import read_document, resolve_document, validate_document
from constraints.errors import MandateError
from constraints.funds import FIGURE_WORDS, FIGURES, Funds, funds_of
from constraints.limits import Limits, barred, clauses_of
from constraints.mandate import CompiledMandate, Label, compile_mandate
from constraints.reach import Unreachable, unreachable
from constraints.units import BASIS_POINTS, BETA, VOLATILITY, WEIGHT, YEARS, Unit

__all__ = [
    "BASIS_POINTS",
    "BETA",
    "FIGURES",
    "FIGURE_WORDS",
    "TARGET_CLAUSE",
    "VOLATILITY",
    "WEIGHT",
    "YEARS",
    "Clause",
    "CompiledMandate",
    "Funds",
    "Label",
    "Limits",
    "MandateError",
    "TurnoverLimit",
    "Unit",
    "Unreachable",
    "barred",
    "clauses_of",
    "compile_mandate",
    "funds_of",
    "read_document",
    "resolve_document",
    "unreachable",
    "validate_document",
]
