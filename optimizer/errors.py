"""What can be wrong with a request to optimize."""

from __future__ import annotations


class OptimizerError(ValueError):
    """A request that no backend can be asked to carry out.

    The message is one line: what was found, what was expected, what to do.
    """
