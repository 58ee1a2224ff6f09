"""Results as a workbook: one sheet a table, numbers as numbers, and no text that could be a formula.

>>> from aggplus.workbook import solve_workbook
>>> Path("baseline.xlsx").write_bytes(solve_workbook(portfolio))  # doctest: +SKIP
"""

from aggplus.workbook.account_sheets import trades_workbook
from aggplus.workbook.sheet import Column, Form, Sheet, Shown
from aggplus.workbook.solve_sheets import solve_workbook
from aggplus.workbook.walk_sheets import walk_workbook
from aggplus.workbook.writing import require_workbook, workbook_bytes

__all__ = [
    "Column",
    "Form",
    "Sheet",
    "Shown",
    "require_workbook",
    "solve_workbook",
    "trades_workbook",
    "walk_workbook",
    "workbook_bytes",
]
