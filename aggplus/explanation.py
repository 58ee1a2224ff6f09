"""Why not: the clauses that cannot hold together, and the cheapest ways out."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

import pandas as pd

from aggplus.answer import with_few_names
from aggplus.desk import solve
from aggplus.document_change import document_change
from aggplus.json_record import given_up_record
from aggplus.model import Model
from aggplus.portfolio import ModelPortfolio
from aggplus.soft_clauses import ranks_of
from constraints import funds_of
from optimizer import AUTO, solve_at_exact_risk, solve_problem, without_soft
from optimizer.conflicts.clause_words import listed
from optimizer.conflicts.conflict import Conflict, find_conflict
from optimizer.conflicts.exact_conflict import find_exact_conflict, target_within_reach
from optimizer.conflicts.margin import Margin, margin
from optimizer.conflicts.repair import Repair, cheapest_repairs
from optimizer.conflicts.terms import Terms, terms_of
from universe import Market


@dataclass(frozen=True, eq=False)
class Explanation:
    """Whether a model can be solved on a day; if not, why, and what would have to give.

    Parameters
    ----------
    portfolio : ModelPortfolio
        What the solve came to.
    conflict : Conflict or None
        Clauses that cannot hold together; None when a portfolio is allowed.
    repairs : tuple of Repair
        Alternatives, the cheapest first; each was tried out and solves.
    margin : Margin or None
        By how much the limits hold, or by how much they do not; None where a target to be met exactly is too high, and
        where soft clauses gave way: they stop where nothing is left over.
    seconds : float
        From market to explanation.
    """

    portfolio: ModelPortfolio
    conflict: Conflict | None
    repairs: tuple[Repair, ...]
    margin: Margin | None
    seconds: float

    @property
    def feasible(self) -> bool:
        """Whether any portfolio is allowed, as far as can be proven."""
        return self.conflict is None and self.portfolio.status != "infeasible"

    @property
    def near_infeasible(self) -> bool:
        """Whether it is allowed, or not allowed, by less than a millionth."""
        return self.margin is not None and self.margin.narrow

    @property
    def sentences(self) -> tuple[str, ...]:
        """The explanation in the client's words and units."""
        findings = self.portfolio.findings
        if self.conflict is None:
            return (*(findings or self._allowed()), *self._edge())
        return (self.conflict.sentence, *self._ways_out(), *self._edge())

    def _allowed(self) -> tuple[str, ...]:
        given_up = self.portfolio.given_up
        if not given_up:
            return ("a portfolio is allowed: nothing to explain",)
        said = listed([given.words for given in given_up])
        return (f"the limits cannot all hold; a portfolio is allowed because soft clauses give way: {said}",)

    def _ways_out(self) -> tuple[str, ...]:
        if not self.repairs:
            return ("no change of these limits was found that solves; see which funds are left out",)
        alone = all(len(repair.moves) == 1 for repair in self.repairs)
        said = ", or ".join(repair.words for repair in self.repairs)
        return (f"to solve it, {said}" if alone else f"no single limit is enough: to solve it, {said}",)

    def _edge(self) -> tuple[str, ...]:
        if self.margin is None or not self.margin.narrow:
            return ()
        clauses = f" between {listed(self.margin.clauses)}" if len(self.margin.clauses) > 1 else ""
        if self.feasible:
            return (
                f"allowed by a hair only: less than a millionth of room is left{clauses} ({self.margin.value:.1e}); "
                "a change in the last digit of a limit may leave no portfolio",
            )
        return (f"it is short by less than a millionth{clauses} ({-self.margin.value:.1e}): is a number rounded?",)

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain Python values, as `aggplus explain --json` writes it."""
        setting, conflict, room = self.portfolio.setting, self.conflict, self.margin
        first, *others = [self._moves(repair) for repair in self.repairs] or [[]]
        return {
            "model": setting.model.id,
            "name": setting.model.name,
            "market": setting.market,
            "asof": f"{setting.asof:%Y-%m-%d}",
            "status": self.portfolio.status,
            "feasible": self.feasible,
            "near_infeasible": self.near_infeasible,
            "margin": None if room is None else room.value,
            "margin_clauses": [] if room is None else list(room.clauses),
            "conflict": [
                {"clause": member.clause, "side": member.side, "limit": member.limit, "unit": member.unit.name}
                for member in (() if conflict is None else conflict.members)
            ],
            "conflict_is_smallest": None if conflict is None else conflict.smallest,
            "repair": first,
            "alternatives": others,
            "sentences": list(self.sentences),
            "given_up": given_up_record(self.portfolio.given_up),
            "findings": list(self.portfolio.findings),
            "warnings": list(setting.warnings),
            "seconds": self.seconds,
            "units": {
                "limit, from, to, least": "weights as fractions, otherwise the unit named",
                "value": "as the document has it, under `key`",
                "repair": "all moves together solve; `alternatives` are other ways, each by itself",
            },
        }

    def _moves(self, repair: Repair) -> list[dict[str, Any]]:
        model = self.portfolio.setting.model
        changes = [document_change(model, move) for move in repair.moves]
        return [
            {
                "clause": move.clause,
                "side": move.side,
                "from": move.start,
                "to": move.to,
                "least": move.least,
                "unit": move.unit.name,
                "words": move.words,
                "key": change.key,
                "value": change.value,
            }
            for move, change in zip(repair.moves, changes, strict=True)
        ]

    def __repr__(self) -> str:
        return f"<Explanation: {' '.join(self.sentences)}>"

    def _repr_html_(self) -> str:
        setting = self.portfolio.setting
        title = f"{setting.model.name} ({setting.model.id}) on {setting.asof:%Y-%m-%d}, {setting.market}"
        verdict = "a portfolio is allowed" if self.feasible else "no portfolio is allowed"
        items = "".join(f"<p>{escape(sentence)}</p>" for sentence in self.sentences)
        warned = "".join(f"<p><small>{escape(warning)}</small></p>" for warning in setting.warnings)
        return f"<h4>{escape(title)}: {verdict}</h4>{items}{warned}"


def explain(
    model: Model,
    market: Market,
    asof: str | dt.date | pd.Timestamp | None = None,
    holdings: Mapping[str, float] | pd.Series | None = None,
    record: pd.Series | None = None,
) -> Explanation:
    """Tell why a model has no portfolio on a day, and the cheapest changes that give it one.

    It covers the clauses of the document, not those that `solve` may be given from Python: their findings name them.

    Parameters
    ----------
    model : Model
    market : Market
    asof : date, optional
        By default the market's last close.
    holdings : mapping or Series of ticker to weight, optional
        What the account holds now, as fractions; turnover is measured from it.
    record : Series, optional
        The model's own daily net returns so far; `risk_scaling` reads its target from it.

    Returns
    -------
    Explanation
        Without a conflict when a portfolio is allowed.

    Raises
    ------
    MarketError, EstimationError, MandateError, OptimizerError
        When the input cannot be used.
    """
    started = time.perf_counter()
    portfolio = solve(model, market, asof, holdings, record)
    terms = _terms(portfolio)
    conflict, repairs = _why_not(portfolio, terms)
    room = None if portfolio.given_up else margin(terms)
    if conflict is not None and room is not None and room.value > 0.0:
        # A target too high to be met exactly: the room is that under "at most", which nobody asked for.
        room = None
    return Explanation(portfolio, conflict, repairs, room, time.perf_counter() - started)


def _terms(portfolio: ModelPortfolio) -> Terms:
    """The limits that were solved with; of a mandate that allows nothing whatever gives way, the hard ones."""
    setting = portfolio.setting
    funds = funds_of(setting.catalog, setting.risk_model.tickers, setting.risk_model.beta)
    terms = terms_of(setting.problem, setting.clauses, funds)
    return terms if portfolio.status == "solved" else without_soft(terms, ranks_of(setting.model))


def _why_not(portfolio: ModelPortfolio, terms: Terms) -> tuple[Conflict | None, tuple[Repair, ...]]:
    if portfolio.status == "solved":
        return None, ()
    target = portfolio.setting.target
    exactly = target.match == "equal" and target.kind != "beta"
    conflict = find_conflict(terms)
    if conflict is not None:
        solved = with_few_names(portfolio.setting.model, solve_at_exact_risk if exactly else solve_problem, AUTO)
        return conflict, cheapest_repairs(terms, conflict, solved)
    if exactly and (conflict := find_exact_conflict(terms)) is not None:
        return conflict, target_within_reach(terms)
    return None, ()
