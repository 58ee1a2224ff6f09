"""What is allowed: the mandate document, its clauses, their linear rows and what arithmetic says about them."""

from constraints.clauses import TARGET_CLAUSE, Clause, TurnoverLimit
from constraints.document import (
    document_chain,
    files_beside,
    merge_chain,
    read_document,
    resolve_document,
    validate_document,
)
from constraints.errors import MandateError
from constraints.few_names import MAX_HOLDINGS, MIN_WEIGHT, FewNames, out_of_reach
from constraints.funds import FIGURE_WORDS, FIGURES, Funds, funds_of
from constraints.limits import Limits, barred, clauses_of, priorities_of
from constraints.mandate import CompiledMandate, Label, compile_mandate
from constraints.merging import Document, lost_setting, merge_documents
from constraints.ranges import SOFT, Priority
from constraints.reach import Unreachable, unreachable
from constraints.units import BASIS_POINTS, BETA, FUNDS, VOLATILITY, WEIGHT, YEARS, Unit

__all__ = [
    "BASIS_POINTS",
    "BETA",
    "FIGURES",
    "FIGURE_WORDS",
    "FUNDS",
    "MAX_HOLDINGS",
    "MIN_WEIGHT",
    "SOFT",
    "TARGET_CLAUSE",
    "VOLATILITY",
    "WEIGHT",
    "YEARS",
    "Clause",
    "CompiledMandate",
    "Document",
    "FewNames",
    "Funds",
    "Label",
    "Limits",
    "MandateError",
    "Priority",
    "TurnoverLimit",
    "Unit",
    "Unreachable",
    "barred",
    "clauses_of",
    "compile_mandate",
    "document_chain",
    "files_beside",
    "funds_of",
    "lost_setting",
    "merge_chain",
    "merge_documents",
    "out_of_reach",
    "priorities_of",
    "read_document",
    "resolve_document",
    "unreachable",
    "validate_document",
]
