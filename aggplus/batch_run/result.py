"""What a batch comes to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from aggplus.batch_run.outcome import Fault, Finished, Outcome
from aggplus.batch_run.task import Task
from aggplus.model import Model
from aggplus.model_portfolios import Refusal


@dataclass(frozen=True, eq=False)
class BatchResult:
    """The outcomes of a batch.

    Parameters
    ----------
    task : Task
    models : tuple of Model
    outcomes : tuple of Finished or Refusal
        One a model, in their order.
    """

    task: Task
    models: Sequence[Model]
    outcomes: Sequence[Outcome]

    @property
    def finished(self) -> tuple[Finished, ...]:
        """The results."""
        return tuple(outcome for outcome in self.outcomes if isinstance(outcome, Finished))

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """The models without a result, each with the reason."""
        return tuple(outcome for outcome in self.outcomes if isinstance(outcome, Refusal))

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Those of the refusals that are a fault of aggplus."""
        return tuple(outcome for outcome in self.outcomes if isinstance(outcome, Fault))

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a model: id, name, status, the figures of the task, and the reason where there is no result."""
        rows = [
            {"id": model.id, "name": model.name}
            | (
                self.task.row(outcome.record)
                if isinstance(outcome, Finished)
                else {"status": "fault" if isinstance(outcome, Fault) else "refused", "why": outcome.why}
            )
            for model, outcome in zip(self.models, self.outcomes, strict=True)
        ]
        return pd.DataFrame(rows)

    @cached_property
    def returns(self) -> pd.DataFrame | None:
        """Daily net returns as fractions, one column a model that has a result; None of a task without returns."""
        columns = {outcome.model: outcome.net for outcome in self.finished if outcome.net is not None}
        return pd.DataFrame(columns).rename_axis(index="date", columns="model") if columns else None

    def to_dict(self) -> dict[str, Any]:
        """Everything but the daily returns, as plain Python values."""
        return {
            "task": self.task.words,
            "models": [{"model": outcome.model, "name": outcome.name} | outcome.record for outcome in self.finished],
            "refusals": [asdict(refusal) for refusal in self.refusals],
        }

    def _repr_html_(self) -> str:
        return str(self.table.to_html(index=False))
