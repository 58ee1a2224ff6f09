"""What a batch comes to: portfolios, and the models that could not be asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from aggplus.portfolio import ModelPortfolio


@dataclass(frozen=True)
class Refusal:
    """A model that could not be asked on a day, because the input cannot be used.

    Parameters
    ----------
    model : str
        Its id.
    asof : str
        The day as it was given.
    why : str
    """

    model: str
    asof: str
    why: str


@dataclass(frozen=True, eq=False)
class ModelPortfolios:
    """The portfolios of a batch, by day and then in the order of the models.

    Parameters
    ----------
    portfolios : tuple of ModelPortfolio
    refusals : tuple of Refusal
    """

    portfolios: tuple[ModelPortfolio, ...]
    refusals: tuple[Refusal, ...]

    def __iter__(self) -> Iterator[ModelPortfolio]:
        return iter(self.portfolios)

    def __len__(self) -> int:
        return len(self.portfolios)

    def __getitem__(self, number: int) -> ModelPortfolio:
        return self.portfolios[number]

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a portfolio: day, model, status, figures as fractions, and its certificate."""
        return pd.DataFrame([_row(portfolio) for portfolio in self.portfolios], columns=list(_COLUMNS))

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain Python values."""
        return {
            "portfolios": [portfolio.to_dict() for portfolio in self.portfolios],
            "refusals": [asdict(refusal) for refusal in self.refusals],
        }

    def _repr_html_(self) -> str:
        return str(self.table.to_html(index=False))


_COLUMNS = ("asof", "model", "status", "expected_return", "volatility", "beta", "holdings", "gap_bp", "backend")


def _row(portfolio: ModelPortfolio) -> tuple[object, ...]:
    setting = portfolio.setting
    named = (setting.asof, setting.model.id, portfolio.status)
    if portfolio.certificate is None or portfolio.risk is None:
        return (*named, None, None, None, 0, None, None)
    return (
        *named,
        portfolio.expected_return,
        portfolio.risk.volatility / 100.0,
        portfolio.risk.beta,
        len(portfolio.weights),
        portfolio.certificate.gap_bp,
        portfolio.backend,
    )
