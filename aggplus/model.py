"""A model portfolio as a client writes it: one TOML document."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from constraints import Limits, MandateError, resolve_document, validate_document
from optimizer import CostRules, ObjectiveRules, RebalanceRules, TargetRule
from riskmodels import ExpectedReturnRules, RiskModelRules
from universe import UniverseRules
from universe.wording import did_you_mean

SHIPPED = ("baseline", "aggressive", "conservative")
"""Model portfolios that come with aggplus, by the name that commands take."""

_FILES = (("expected_return", "yields"), ("expected_return", "views"))


class Model(BaseModel):
    """A model portfolio."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    id: str = Field(min_length=1, description="Short name, used for files.", pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    name: str = Field(min_length=1, description="Name in print.")
    benchmark: str = Field("AGG", min_length=1, description="Ticker whose risk is the target.")
    universe: UniverseRules = Field(default_factory=lambda: UniverseRules.model_validate({}))
    risk_model: RiskModelRules = Field(default_factory=lambda: RiskModelRules.model_validate({}))
    expected_return: ExpectedReturnRules = Field(default_factory=lambda: ExpectedReturnRules.model_validate({}))
    objective: ObjectiveRules = Field(default_factory=lambda: ObjectiveRules.model_validate({}))
    target: TargetRule
    limits: Limits = Field(default_factory=lambda: Limits.model_validate({}))
    costs: CostRules = Field(default_factory=lambda: CostRules.model_validate({}))
    rebalance: RebalanceRules = Field(default_factory=lambda: RebalanceRules.model_validate({}))

    @property
    def window_days(self) -> int:
        """Daily returns that a fund must have for both estimates."""
        return max(self.risk_model.required_days, self.expected_return.look_back_days)


def load_model(name_or_path: str | Path) -> Model:
    """A shipped model by its name, or a client's own document by its path.

    Parameters
    ----------
    name_or_path : str or Path
        `baseline`, `aggressive`, `conservative`, or a TOML file.

    Raises
    ------
    MandateError
        When there is no such model, or the document cannot be used; one line says what to write instead.
    """
    path = _find(str(name_or_path), None)
    return validate_document(Model, resolve_document(path, _find, _FILES), str(name_or_path))


def _find(name: str, asked_by: Path | None) -> Path:
    """The file that a name means; paths are read from the folder of the document that names them."""
    if name in SHIPPED:
        return Path(str(resources.files("aggplus"))) / "models" / f"{name}.toml"
    try:
        path = Path(name).expanduser()
        path = path if asked_by is None or path.is_absolute() else asked_by.parent / path
        if path.is_file():
            return path
        what = "is a folder" if path.is_dir() else "is neither a shipped model nor a file"
    except (OSError, RuntimeError) as error:  # RuntimeError: the home of a user who does not exist
        what = f"cannot be looked up ({getattr(error, 'strerror', None) or error})"
    by = "" if asked_by is None else f"{asked_by}: extends = {name!r}: "
    hint = did_you_mean(name, SHIPPED)
    raise MandateError(f"{by}{name} {what}: expected {', '.join(SHIPPED)} or the path of a TOML document{hint}")
