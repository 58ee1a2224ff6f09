"""The names of what comes with aggplus."""

from __future__ import annotations

SHIPPED = ("baseline", "aggressive", "conservative")
"""Model portfolios that come with aggplus, by the name that commands take."""
