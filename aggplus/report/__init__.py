"""The monthly report: what a manager sends to clients, as one page, as a PDF and as JSON.

>>> from aggplus.report import monthly_report, report_page
>>> report = monthly_report(models, market, "2024-01")  # doctest: +SKIP
"""

from aggplus.report.contents import LedgerNote, MonthlyReport
from aggplus.report.gathering import monthly_report
from aggplus.report.ledger_note import ledger_note
from aggplus.report.model_month import ModelMonth
from aggplus.report.month import month_of
from aggplus.report.page import Gallery, gallery_of, html_page, paper_page
from aggplus.report.paper import pdf_of, require_paper

__all__ = [
    "Gallery",
    "LedgerNote",
    "ModelMonth",
    "MonthlyReport",
    "gallery_of",
    "html_page",
    "ledger_note",
    "month_of",
    "monthly_report",
    "paper_page",
    "pdf_of",
    "require_paper",
]
