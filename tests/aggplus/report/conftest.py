"""Reports of January 2024, made once: of the built-in market, and of the real one."""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

import aggplus
from aggplus.model import SHIPPED
from aggplus.report import MonthlyReport, gallery_of, html_page, monthly_report, paper_page, pdf_of

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Made:
    """A report and its files."""

    name: str
    report: MonthlyReport
    html: Path
    pdf: Path


def made(market: aggplus.Market, name: str, folder: Path) -> Made:
    report = monthly_report([aggplus.load_model(model) for model in SHIPPED], market, "2024-01")
    gallery = gallery_of(report)
    html, pdf = folder / f"{name}.html", folder / f"{name}.pdf"
    html.write_text(html_page(report, gallery), encoding="utf-8")
    pdf.write_bytes(pdf_of(paper_page(report, gallery)))
    return Made(name, report, html, pdf)


@pytest.fixture(scope="session")
def built_in(simulated: aggplus.Market, tmp_path_factory: pytest.TempPathFactory) -> Made:
    return made(simulated, "built-in", tmp_path_factory.mktemp("reports"))


@pytest.fixture(scope="session")
def real(real_market: aggplus.Market, tmp_path_factory: pytest.TempPathFactory) -> Made:
    return made(real_market, "real", tmp_path_factory.mktemp("reports"))


@pytest.fixture(params=["built_in", "real"])
def january(request: pytest.FixtureRequest) -> Made:
    found: Made = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="session")
def screenshots() -> Path:
    """Where pictures of the pages are kept to be looked at."""
    folder = Path(os.environ.get("AGGPLUS_SCREENSHOTS", ROOT / "out" / "screenshots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
