"""One spelling of a value, so that the same content has the same hash wherever it is worked out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def canonical_json(value: Any) -> str:
    """JSON with sorted keys, no blanks, ASCII only, and floats in the fewest digits that read back to the same bits.

    Parameters
    ----------
    value
        Plain Python values, finite.

    Raises
    ------
    ValueError
        For NaN and infinities, which JSON has no words for.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def sha256(text: str) -> str:
    """SHA-256 of a text in UTF-8, in hexadecimal.

    Parameters
    ----------
    text : str
    """
    return hashlib.sha256(text.encode()).hexdigest()


def row_hash(row: Mapping[str, Any]) -> str:
    """Hash of a row: SHA-256 over the canonical JSON of all its columns but `hash`, the previous row's hash included.

    Parameters
    ----------
    row : mapping of column to value

    Returns
    -------
    str
        Empty for a row with a value that no row was ever written with.
    """
    try:
        return sha256(canonical_json({name: value for name, value in row.items() if name != "hash"}))
    except (TypeError, ValueError):
        return ""
