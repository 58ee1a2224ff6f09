"""A monthly report as one page: with charts that answer to a pointer, or with pictures for paper."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from aggplus.charts import CASH_COLOUR, SECTOR_COLOURS, svg_of
from aggplus.charts.pictures import STARTER, Picture, data_address, library, policy, spec_text
from aggplus.report import drawings, story, tables
from aggplus.report.contents import MonthlyReport
from aggplus.report.drawings import Drawing
from aggplus.report.method import method
from aggplus.report.model_month import ModelMonth
from aggplus.report.numbers import day_of, percent, plain, points, sentence, set_in_type, short_day
from universe import SECTORS

if TYPE_CHECKING:
    import jinja2

_PAPER_WIDTH, _PAPER_HALF = 680, 325
"""Pixels of a picture across the page, and across half of it."""


@dataclass(frozen=True, eq=False)
class ModelPage:
    """A model with its charts."""

    one: ModelMonth
    sectors: Drawing
    risk: tuple[Drawing, ...]


@dataclass(frozen=True, eq=False)
class Gallery:
    """Every chart of a report.

    Parameters
    ----------
    growth, drawdowns : Drawing
    models : tuple of ModelPage
    activeness : tuple of Drawing
        Empty where there is none to tell.
    """

    growth: Drawing
    drawdowns: Drawing
    models: tuple[ModelPage, ...]
    activeness: tuple[Drawing, ...]

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """In the order of the page."""
        own = [drawing for page in self.models for drawing in (page.sectors, *page.risk)]
        return tuple(drawing.picture for drawing in (self.growth, self.drawdowns, *own, *self.activeness))


def gallery_of(report: MonthlyReport) -> Gallery:
    """Draw every chart of a report.

    Parameters
    ----------
    report : MonthlyReport
    """
    return Gallery(
        growth=drawings.growth(report),
        drawdowns=drawings.drawdowns(report),
        models=tuple(
            ModelPage(one, drawings.sector_weights(report, one), drawings.risk(report, one)) for one in report.models
        ),
        activeness=() if isinstance(report.peers, str) else drawings.activeness(report, report.peers),
    )


def html_page(report: MonthlyReport, gallery: Gallery) -> str:
    """The report as one file that needs nothing else to be opened.

    Parameters
    ----------
    report : MonthlyReport
    gallery : Gallery
    """
    program = library()
    return _rendered(
        report,
        gallery,
        paper=False,
        policy=policy(program, STARTER),
        program=program,
        starter=STARTER,
        spec=spec_text,
        image=None,
    )


def paper_page(report: MonthlyReport, gallery: Gallery) -> str:
    """The report with pictures and without any script, for a PDF.

    Parameters
    ----------
    report : MonthlyReport
    gallery : Gallery
    """

    def image(picture: Picture, half: bool) -> str:
        return data_address(svg_of(picture, _PAPER_HALF if half else _PAPER_WIDTH))

    return _rendered(report, gallery, paper=True, policy="", program="", starter="", spec=None, image=image)


def _rendered(
    report: MonthlyReport,
    gallery: Gallery,
    *,
    paper: bool,
    policy: str,
    program: str,
    starter: str,
    spec: Callable[[Picture], str] | None,
    image: Callable[[Picture, bool], str] | None,
) -> str:
    return (
        _environment()
        .get_template("template.html.j2")
        .render(
            report=report,
            gallery=gallery,
            paper=paper,
            policy=policy,
            program=program,
            starter=starter,
            spec=spec,
            image=image,
            results=tables.results(report),
            published=tables.published(report),
            months=tables.months,
            month_names=("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
            method=method(report),
            story=story,
            style=_text("style.css"),
            sector_colours=SECTOR_COLOURS,
            sector_titles={key: sector.title for key, sector in SECTORS.items()},
            cash_colour=CASH_COLOUR,
        )
    )


@cache
def _environment() -> jinja2.Environment:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_text),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    filters: dict[str, Callable[..., Any]] = {
        "percent": percent,
        "points": points,
        "plain": plain,
        "day": day_of,
        "short_day": short_day,
        "typeset": set_in_type,
        "sentence": sentence,
    }
    environment.filters.update(filters)
    return environment


def _text(name: str) -> str:
    return (resources.files("aggplus.report") / name).read_text(encoding="utf-8")
