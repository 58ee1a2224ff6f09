"""A grid of variants: the product of its axes, each variant a model of its own."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from pathlib import Path

from aggplus.model import Model, changed_document, model_document, model_of
from aggplus.variants.grid_document import Axis, GridDocument, Option
from constraints import Document, MandateError, lost_setting, read_document, validate_document

MOST_VARIANTS = 10_000
"""A grid with more is taken for a slip: five axes of ten options are a hundred thousand models."""

Choice = tuple[Option, ...]


@dataclass(frozen=True, eq=False)
class Grid:
    """A base model and what its variants change.

    Parameters
    ----------
    id : str
    path : Path
        The grid document.
    base : dict
        Document of the base, with everything it extends merged in.
    axes : tuple of Axis
        The first varies slowest.
    prefix : str
        Begins the ids.
    first_number : int
        Ends the first id; the others count on.
    """

    id: str
    path: Path
    base: Document
    axes: tuple[Axis, ...]
    prefix: str
    first_number: int

    def __len__(self) -> int:
        return math.prod(len(axis.option) for axis in self.axes)

    def models(self) -> tuple[Model, ...]:
        """The variants, in the order of the product of the axes; their names are made of the options' names.

        Raises
        ------
        MandateError
            When an option makes no valid model (with axis, option, key and value), when another axis overrules what
            an option says, or when two variants are the same model.
        """
        models: list[Model] = []
        same: dict[str, str] = {}
        for i, choice in enumerate(itertools.product(*(axis.option for axis in self.axes))):
            model = self._model(f"{self.prefix}{self.first_number + i}", choice)
            twin = same.setdefault(model.model_dump_json(exclude={"id", "name"}), model.name)
            if twin != model.name:
                raise MandateError(
                    f"{self.path}: the variants {twin!r} and {model.name!r} are the same model; remove an option"
                )
            models.append(model)
        return tuple(models)

    def _model(self, id_: str, choice: Choice) -> Model:
        name = ", ".join(option.name for option in choice)
        named = {"id": id_, "name": name}
        document = self._merged(choice)
        try:
            return model_of({**document, **named}, f"{self.path}: variant {name!r}")
        except MandateError as error:
            # An option that makes no model even alone is to blame, unless the base is none either.
            if _is_model({**self.base, **named}):
                for axis, option in zip(self.axes, choice, strict=True):
                    alone = {**changed_document(self.base, option.change, self.path.parent), **named}
                    model_of(alone, f"{self.path}: {_place(axis, option)}")
            raise error from None

    def _merged(self, choice: Choice) -> Document:
        """The document of a variant; what one axis says and a later one takes back would be a name that lies."""
        document, said = self.base, list[tuple[Axis, Option, Document]]()
        for axis, option in zip(self.axes, choice, strict=True):
            document = changed_document(document, option.change, self.path.parent)
            for earlier, its_option, change in said:
                lost = lost_setting(change, document)
                if lost is not None:
                    raise MandateError(
                        f"{self.path}: {_place(earlier, its_option)}: {lost} is overruled by {_place(axis, option)}; "
                        "let one axis say it"
                    )
            stated = changed_document({}, option.change, self.path.parent)
            said.append((axis, option, stated))
        return document


def read_grid(path: str | Path) -> Grid:
    """Read a grid document and the base that it names.

    Parameters
    ----------
    path : str or Path
        A TOML file.

    Raises
    ------
    MandateError
        When it or its base cannot be read, or it is no grid document; one line says what to write instead.
    """
    file = Path(path).expanduser()
    document = validate_document(GridDocument, read_document(file), str(path))
    grid = Grid(
        id=document.id,
        path=file,
        base=model_document(document.base, file),
        axes=document.axis,
        prefix=document.prefix,
        first_number=document.first_number,
    )
    if len(grid) > MOST_VARIANTS:
        sizes = " x ".join(str(len(axis.option)) for axis in grid.axes)
        raise MandateError(f"{path}: {sizes} = {len(grid):,} variants; expected at most {MOST_VARIANTS:,}")
    return grid


def _place(axis: Axis, option: Option) -> str:
    return f"axis {axis.name!r}, option {option.name!r}"


def _is_model(document: Document) -> bool:
    try:
        model_of(document, "")
    except MandateError:
        return False
    return True
