"""Kinds of fund that live on credit: high yield, loans, convertibles, preferreds and multisector."""

from __future__ import annotations

from dataclasses import replace

from universe.simulated.styles import LADDER, Style

_HIGH_YIELD = Style(
    sector="high_yield",
    sub_sector="high_yield",
    quality="HY",
    duration=(2.9, 3.4),
    spread_duration=(3.3, 3.7),
    shares={"high_yield_spread": 1.0},
    noise_bp=6,
    prompt=0.8,
    discount=0.6,
    fee_bp=(5, 50),
)
_ACTIVE_HIGH_YIELD = replace(_HIGH_YIELD, active=1, noise_bp=7, fee_bp=(35, 80))
HIGH_YIELD = (
    replace(_HIGH_YIELD, label="High Yield Bond", count=12, size_mm=1200),
    replace(_HIGH_YIELD, label="Sustainable High Yield", count=4, since=2017, size_mm=150),
    replace(_ACTIVE_HIGH_YIELD, label="High Income", count=10),
    replace(_HIGH_YIELD, label="Fallen Angel Bond", count=2, duration=(4.6, 5.0), spread_duration=(4.6, 5.0)),
    replace(_HIGH_YIELD, label="BB Bond", count=2, quality="BB", shares={"high_yield_spread": 0.8}, since=2017),
    replace(
        _HIGH_YIELD,
        sub_sector="high_yield_short",
        label="Short-Term High Yield",
        count=5,
        bucket="short",
        duration=(1.9, 2.3),
        spread_duration=(2.3, 2.7),
    ),
    replace(
        _HIGH_YIELD,
        sub_sector="high_yield_rate_hedged",
        label="Rate-Hedged High Yield",
        count=3,
        duration=(0.0, 0.3),
        size_mm=150,
    ),
    replace(
        _HIGH_YIELD,
        sub_sector="high_yield_target_maturity",
        label="Term High Yield",
        count=8,
        bucket="target-maturity",
        duration=(0.62, 0.66),
        spread_duration=None,
        matures=(2019, 2021, *range(2025, 2031)),
        price=25,
        fee_bp=(35, 42),
        size_mm=300,
    ),
    replace(
        _ACTIVE_HIGH_YIELD,
        sub_sector="high_yield_option_income",
        label="High Yield Call Writing",
        spread_duration=(2.4, 2.4),
        options=True,
        since=2022,
        pickup=2.0,
    ),
    replace(
        _ACTIVE_HIGH_YIELD,
        sub_sector="tactical_rotation",
        label="Tactical High Yield",
        count=3,
        spread_duration=(1.6, 2.6),
        noise_bp=10,
        size_mm=120,
    ),
)

_LOAN = Style(
    sector="bank_loan",
    sub_sector="leveraged_loan",
    label="Senior Loan",
    count=6,
    bucket="ultrashort",
    quality="HY",
    duration=(0.1, 0.3),
    spread_duration=(2.4, 2.8),
    shares={"loan_spread": 1.0},
    noise_bp=5,
    prompt=0.35,
    discount=1.4,
    active=0.8,
    fee_bp=(55, 85),
    price=30,
)
BANK_LOAN = (
    _LOAN,
    replace(
        _LOAN,
        sub_sector="clo_mezzanine",
        label="BBB CLO",
        count=2,
        quality="BBB/HY",
        spread_duration=(2.4, 2.6),
        since=2022,
    ),
)

CONVERTIBLE = (
    Style(
        sector="convertible",
        sub_sector="convertible",
        label="Convertible Bond",
        count=2,
        duration=(1.2, 1.6),
        spread_duration=(1.0, 1.3),
        shares={"high_yield_spread": 1.0},
        betas={"equity": 0.72},
        pickup=-2.5,
        noise_bp=20,
        fee_bp=(35, 45),
        size_mm=1500,
    ),
)

_PREFERRED = Style(
    sector="preferred",
    sub_sector="preferred",
    duration=(3.6, 4.4),
    ladder=LADDER,
    spread_duration=(4.2, 5.0),
    shares={"corporate_spread": 0.8, "high_yield_spread": 0.2},
    betas={"equity": 0.22},
    noise_bp=22,
    prompt=0.9,
    discount=1.6,
    active=0.3,
    fee_bp=(40, 85),
    size_mm=900,
    price=30,
)
PREFERRED = (
    replace(_PREFERRED, label="Preferred Securities", count=12),
    replace(
        _PREFERRED,
        sub_sector="variable_rate_preferred",
        label="Variable Rate Preferred",
        count=2,
        duration=(1.5, 2.0),
    ),
)

_MULTISECTOR = Style(
    sector="multisector",
    sub_sector="multisector",
    quality="mixed",
    duration=(3.6, 5.4),
    ladder=LADDER,
    shares={
        "corporate_spread": 0.25,
        "high_yield_spread": 0.25,
        "mortgage_spread": 0.20,
        "emerging_spread": 0.08,
        "loan_spread": 0.08,
    },
    noise_bp=5,
    prompt=0.85,
    discount=0.5,
    active=0.95,
    fee_bp=(30, 80),
    size_mm=500,
)
MULTISECTOR = (
    replace(_MULTISECTOR, label="Multisector Income", count=12),
    replace(
        _MULTISECTOR,
        sub_sector="short_term_multisector",
        label="Limited Duration Income",
        count=9,
        bucket="short",
        duration=(1.0, 2.4),
        spread_duration=(1.4, 2.4),
        noise_bp=3,
        since=2014,
    ),
    replace(_MULTISECTOR, sub_sector="opportunistic", label="Opportunistic Bond", count=2, noise_bp=7),
    replace(_MULTISECTOR, sub_sector="tactical_rotation", label="Tactical Fixed Income", count=4, noise_bp=9),
    replace(_MULTISECTOR, sub_sector="diversified_income_index", label="Diversified Income", count=2, active=0),
    replace(_MULTISECTOR, sub_sector="strategic_income", label="Strategic Income", count=2),
)

CREDIT_STYLES = (*HIGH_YIELD, *BANK_LOAN, *CONVERTIBLE, *PREFERRED, *MULTISECTOR)
"""Every kind of fund of these sectors."""
