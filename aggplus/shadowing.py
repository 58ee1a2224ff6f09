"""Notice a file of the user's that hides one of aggplus's own packages.

`universe`, `riskmodels`, `constraints` and `optimizer` are names that a script beside a notebook may well bear. Python
would import that file in our place and fail much later, in words that help nobody.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

PACKAGES = ("universe", "riskmodels", "constraints", "optimizer")


class ShadowedPackageError(ImportError):
    """Another file stands in the way of one of aggplus's packages."""


def refuse_shadowed_packages() -> None:
    """Check that the packages beside aggplus are the ones that Python would import.

    Raises
    ------
    ShadowedPackageError
        Naming the package and the file in the way.
    """
    home = Path(__file__).resolve().parent.parent
    for name in PACKAGES:
        spec = importlib.util.find_spec(name)
        if spec is None:
            raise ShadowedPackageError(f"the package {name} that belongs to aggplus is missing: install aggplus again")
        found = Path(spec.origin or next(iter(spec.submodule_search_locations or ["?"]))).resolve()
        if home / name not in found.parents:
            raise ShadowedPackageError(
                f"{found} is in the way of aggplus's own package {name}: rename that file, or run from another folder"
            )
