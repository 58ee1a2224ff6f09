"""The risk models that are judged beside each other, from the simple to the elaborate."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from riskmodels import RiskModelRules


def _daily(estimator: str, window_days: int = 126, **keys: Any) -> RiskModelRules:
    """Daily returns as they are."""
    return RiskModelRules.model_validate({"estimator": estimator, "window_days": window_days, "lags": 0, **keys})


def _lag_aware(estimator: str, window_days: int, **keys: Any) -> RiskModelRules:
    return RiskModelRules.model_validate({"estimator": estimator, "window_days": window_days, **keys})


def _half_lives(volatility: float, correlation: float) -> dict[str, float]:
    return {"volatility_half_life_days": volatility, "correlation_half_life_days": correlation}


_SLOW, _MIXED, _FAST = _half_lives(42, 126), _half_lives(21, 126), _half_lives(21, 63)
_LAGGED: dict[str, Any] = {"lag_volatility": "lagged"}

CANDIDATES: Mapping[str, RiskModelRules] = MappingProxyType(
    {
        "sample": _daily("sample"),
        "raw Ledoit-Wolf": _daily("ledoit_wolf_raw"),
        "Ledoit-Wolf": _daily("ledoit_wolf"),
        "Ledoit-Wolf, 63 days": _daily("ledoit_wolf", 63),
        "Ledoit-Wolf, 252 days": _daily("ledoit_wolf", 252),
        "OAS": _daily("oas"),
        "constant correlation": _daily("constant_correlation"),
        "nonlinear": _daily("nonlinear"),
        "principal factors": _daily("principal_factors", 252),
        "exponential 42/126": _daily("exponential", 252, **_SLOW),
        "exponential 21/126": _daily("exponential", 252, **_MIXED),
        "exponential 21/63": _daily("exponential", 252, **_FAST),
        "combined": _daily("combined", 252),
        "Ledoit-Wolf, 2 lags": _lag_aware("ledoit_wolf", 126, lags=2, **_LAGGED),
        "Ledoit-Wolf, 4 lags": _lag_aware("ledoit_wolf", 126, lags=4, **_LAGGED),
        "Ledoit-Wolf, weekly": _lag_aware("ledoit_wolf", 126, horizon_days=5, **_LAGGED),
        "exponential 42/126, weekly": _lag_aware("exponential", 252, horizon_days=5, **_SLOW, **_LAGGED),
        "exponential 21/126, weekly": _lag_aware("exponential", 252, horizon_days=5, **_MIXED, **_LAGGED),
        "Ledoit-Wolf, 4 lags, larger": _lag_aware("ledoit_wolf", 126, lags=4),
        "Ledoit-Wolf, weekly, larger": _lag_aware("ledoit_wolf", 126, horizon_days=5),
        "exponential 42/126, 4 lags, larger": _lag_aware("exponential", 252, lags=4, **_SLOW),
        "exponential 42/126, weekly, larger": _lag_aware("exponential", 252, horizon_days=5, **_SLOW),
        "exponential 21/126, 4 lags, larger": _lag_aware("exponential", 252, lags=4, **_MIXED),
        "exponential 21/126, weekly, larger": _lag_aware("exponential", 252, horizon_days=5, **_MIXED),
        "exponential 21/63, weekly, larger": _lag_aware("exponential", 252, horizon_days=5, **_FAST),
        "combined, weekly, larger": _lag_aware("combined", 252, horizon_days=5),
    }
)
"""By name. Half-lives are of volatilities and of correlations, in days; "weekly" stands for overlapping returns over
five days, "larger" for the larger of daily and lag-aware volatility. The window is 126 days unless its name says
otherwise; of exponential, principal factors and combined 252."""
