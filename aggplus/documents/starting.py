"""A model document to begin with: what it changes is stated, what it could change is shown behind a `#`."""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

import tomlkit

from aggplus.model import Model, changed_document, model_document, model_of
from aggplus.shipped import SHIPPED
from constraints import MandateError

_HEAD = """\
# {name}: a model portfolio that extends {base}. Only the differences are stated.
#
#   aggplus solve {file}
#   aggplus model show {file}      every setting, and where it comes from
#
# Take away the `#` before a setting to use it. Weights are fractions (0.25 is 25 %), money is in USD millions.
extends = {extends}
id = {id}                       # short, used for files
name = {title}                  # in print
"""

_SETTINGS = """\

[universe]
# sectors = ["core", "tips", "high_yield", "bank_loan"]   # "core": the sectors of the US Aggregate
# min_aum_mm = 250                  # least assets of a fund
# min_adv_mm = 2                    # least average daily dollar volume
# include = []                      # tickers that pass whatever the catalog says
# exclude = []                      # tickers that stay out

[limits]
# max_weight = 0.15                 # of a single fund
# max_turnover = 0.30               # one way, from what is held now

[limits.sector]
# treasury = { min = 0.10 }
# high_yield = { max = 0.20 }

# [[limits.group]]                  # several sectors or funds together
# name = "lower quality"
# sectors = ["high_yield", "bank_loan"]
# max = 0.35

# [limits.duration]                 # mean of the portfolio, years
# min = 3.0
# max = 8.0

[costs]
# half_spread_bp = 2
# advisory_fee_bp = 25

[rebalance.triggers]                # what calls for a new solve
# benchmark_move = 0.03
# max_days = 63
"""


@dataclass(frozen=True)
class StartingDocument:
    """A document to begin with, checked as it stands.

    Parameters
    ----------
    model : Model
        What it says.
    text : str
        As it is to be written.
    """

    model: Model
    text: str


def starting_document(name: str, extends: str, file: Path) -> StartingDocument:
    """A commented document that extends another model.

    Parameters
    ----------
    name : str
        In print; the id is made of its letters and digits.
    extends : str
        A shipped model, or the path of a document.
    file : Path
        Where it is going to be: a path in `extends` is told from its folder.

    Raises
    ------
    MandateError
        When no id can be made of the name, or there is no such model to extend.
    """
    identity = id_of(name)
    base = extends if extends in SHIPPED else Path(os.path.relpath(extends, file.parent or ".")).as_posix()
    shown = {"name": " ".join(name.split()), "base": " ".join(base.split()), "file": " ".join(str(file).split())}
    head = _HEAD.format(**shown, extends=_quoted(base), id=_quoted(identity), title=_quoted(name))
    text = head + _SETTINGS
    document = tomllib.loads(text)
    stated = {key: value for key, value in document.items() if key != "extends"}
    # As it will be read, before it is written.
    model = model_of(changed_document(model_document(extends, None), stated, file.parent), str(file))
    return StartingDocument(model, text)


def id_of(name: str) -> str:
    """A short name for files: letters, digits and hyphens.

    Parameters
    ----------
    name : str

    Raises
    ------
    MandateError
        When nothing is left of it.
    """
    identity = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("._-")
    if not identity:
        raise MandateError(f"name {name!r}: expected letters or digits, of which an id for files can be made")
    return identity


def _quoted(text: str) -> str:
    return tomlkit.item(text).as_string()
