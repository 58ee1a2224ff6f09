"""The grid document as a client writes it."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, Strict, model_validator

from constraints import Document

_OF_A_VARIANT = ("id", "extends")
"""Keys of a model document that an option has no say in."""

_WORD = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"


class Option(BaseModel):
    """One choice on an axis: `[[axis.option]]`. Beside its name: the part of a model document that it changes."""

    model_config = ConfigDict(frozen=True, extra="allow", strict=True)

    name: str = Field(min_length=1, description="Goes into the names of the variants.")

    @property
    def change(self) -> Document:
        """The partial model document."""
        return dict(self.__pydantic_extra__ or {})

    @model_validator(mode="after")
    def _partial(self) -> Self:
        for key in _OF_A_VARIANT:
            if key in self.change:
                raise ValueError(f"option {self.name!r} states {key}, which the grid decides; remove it")
        return self


class Axis(BaseModel):
    """Something that variants differ in: `[[axis]]`."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: str = Field(min_length=1, description="What the options differ in, for messages.")
    option: Annotated[tuple[Option, ...], Strict(False), Field(min_length=1)]

    @model_validator(mode="after")
    def _one_name_each(self) -> Self:
        twice = repeated([option.name for option in self.option])
        if twice is not None:
            raise ValueError(f"axis {self.name!r} has two options named {twice!r}; give each a name of its own")
        return self


class GridDocument(BaseModel):
    """A grid of variants."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    id: str = Field(min_length=1, pattern=_WORD, description="Short name of the grid.")
    base: str = Field("baseline", min_length=1, description="Model that the options change: a shipped name or a path.")
    prefix: str = Field("ModelPort", min_length=1, pattern=_WORD, description="Begins the id of every variant.")
    first_number: int = Field(1, ge=0, description="Ends the id of the first variant.")
    axis: Annotated[tuple[Axis, ...], Strict(False), Field(min_length=1)]

    @model_validator(mode="after")
    def _one_name_each(self) -> Self:
        twice = repeated([axis.name for axis in self.axis])
        if twice is not None:
            raise ValueError(f"two axes are named {twice!r}; give each a name of its own")
        return self


def repeated(names: list[str]) -> str | None:
    """The first name that is there twice, or None.

    Parameters
    ----------
    names : list of str
    """
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return None


def is_grid(document: Document) -> bool:
    """Whether a document is a grid, or is meant to be one: it has axes, or a base and no target of its own.

    Parameters
    ----------
    document : dict
    """
    return "axis" in document or ("base" in document and "target" not in document)
