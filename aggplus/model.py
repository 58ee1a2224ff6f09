"""A model portfolio as a client writes it: one TOML document."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from aggplus.shipped import SHIPPED
from constraints import (
    Document,
    Limits,
    MandateError,
    document_chain,
    files_beside,
    merge_documents,
    resolve_document,
    validate_document,
)
from optimizer import CostRules, ObjectiveRules, RebalanceRules, TargetRule
from riskmodels import ExpectedReturnRules, RiskModelRules
from universe import UniverseRules
from universe.wording import did_you_mean

__all__ = ["SHIPPED", "Model", "changed_document", "load_model", "model_chain", "model_document", "model_of"]

_SHIPPED_FOLDER = Path(str(resources.files("aggplus"))) / "models"
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
    return model_of(model_document(str(name_or_path), None), str(name_or_path))


def model_document(name: str, asked_by: Path | None) -> Document:
    """The document of a model with everything it extends merged in, not checked yet.

    Parameters
    ----------
    name : str
        A shipped model, or a path.
    asked_by : Path or None
        The document that names it as its `base`: a path is read from its folder.

    Raises
    ------
    MandateError
        When there is no such document, or it cannot be read.
    """
    return resolve_document(_find(name, asked_by, "base"), _find, _FILES)


def model_chain(name: str) -> list[tuple[str, Document]]:
    """A model's document and everything it extends, itself first, each with the name that a reader knows it by.

    Parameters
    ----------
    name : str
        A shipped model, or a path.

    Raises
    ------
    MandateError
        When there is no such document, or it cannot be read.
    """
    chain = document_chain(_find(name, None, "base"), _find, _FILES)
    return [(_known_as(path), document) for path, document in chain]


def changed_document(document: Document, change: Document, folder: Path) -> Document:
    """A document with a partial one on top, merged as `extends` merges.

    Parameters
    ----------
    document : dict
    change : dict
    folder : Path
        Where files that the change names are looked for.
    """
    return merge_documents(document, files_beside(change, folder, _FILES))


def model_of(document: Document, where: str) -> Model:
    """The model that a document describes.

    Parameters
    ----------
    document : dict
    where : str
        File or origin, for the message.

    Raises
    ------
    MandateError
        With one line: every key that is wrong, its value, what was expected, and the key probably meant.
    """
    return validate_document(Model, document, where)


def _known_as(path: Path) -> str:
    return path.stem if path.parent == _SHIPPED_FOLDER else str(path)


def _find(name: str, asked_by: Path | None, key: str = "extends") -> Path:
    """The file that a name means; paths are read from the folder of the document that names them."""
    if name in SHIPPED:
        return _SHIPPED_FOLDER / f"{name}.toml"
    try:
        path = Path(name).expanduser()
        path = path if asked_by is None or path.is_absolute() else asked_by.parent / path
        if path.is_file():
            return path
        what = "is a folder" if path.is_dir() else "is neither a shipped model nor a file"
    except (OSError, RuntimeError) as error:  # RuntimeError: the home of a user who does not exist
        what = f"cannot be looked up ({getattr(error, 'strerror', None) or error})"
    by = "" if asked_by is None else f"{asked_by}: {key} = {name!r}: "
    hint = did_you_mean(name, SHIPPED)
    raise MandateError(f"{by}{name} {what}: expected {', '.join(SHIPPED)} or the path of a TOML document{hint}")
