"""Kinds of fund beside core and credit: short, inflation-linked, municipal, foreign, leveraged, other."""

from __future__ import annotations

from dataclasses import replace

from universe.simulated.styles import LADDER, Style

_ULTRASHORT = Style(
    sector="ultrashort", bucket="ultrashort", quality="Treasury", noise_bp=0.2, fee_bp=(7, 20), size_mm=2000
)
_BILLS = replace(_ULTRASHORT, sub_sector="t_bill")
ULTRASHORT = (
    replace(_BILLS, label="1-3 Month Treasury Bill", count=4, duration=(0.08, 0.15), price=91),
    replace(_BILLS, label="0-1 Year Treasury", count=5, duration=(0.25, 0.45), price=50, noise_bp=0.5),
    replace(
        _ULTRASHORT,
        sub_sector="treasury_frn",
        label="Floating Rate Treasury",
        count=2,
        duration=(0.02, 0.02),
        price=25,
        noise_bp=1,
    ),
    replace(
        _ULTRASHORT,
        sub_sector="ultrashort_credit",
        label="Ultrashort Income",
        count=15,
        quality="IG",
        duration=(0.25, 0.7),
        spread_duration=(0.7, 1.3),
        shares={"corporate_spread": 0.8},
        noise_bp=1.5,
        prompt=0.7,
        discount=0.5,
        active=0.9,
    ),
)

_FLOATING = Style(
    sector="floating_rate_ig",
    bucket="ultrashort",
    quality="IG",
    duration=(0.05, 0.15),
    noise_bp=1.8,
    prompt=0.7,
    discount=1.0,
    fee_bp=(14, 30),
    price=50,
)
FLOATING_RATE_IG = (
    replace(
        _FLOATING,
        sub_sector="floating_rate_notes",
        label="Investment Grade Floating Rate",
        count=4,
        spread_duration=(1.6, 2.2),
        shares={"corporate_spread": 0.8},
        active=0.3,
        price=30,
    ),
    replace(
        _FLOATING,
        sub_sector="clo",
        label="AAA CLO",
        count=5,
        quality="AAA",
        spread_duration=(1.2, 2.4),
        shares={"loan_spread": 0.25},
        active=0.9,
        since=2020,
        fee_bp=(19, 36),
    ),
)

_TIPS = Style(
    sector="tips",
    sub_sector="tips",
    quality="Treasury",
    duration=(6.2, 7.2),
    ladder=LADDER,
    shares={"breakeven_10y": -0.95},
    discount=0.15,
    fee_bp=(3, 20),
    size_mm=1000,
)
TIPS = (
    replace(_TIPS, label="Inflation-Linked Treasury", count=6),
    replace(_TIPS, label="Short-Term Inflation-Linked", count=5, bucket="short", duration=(2.3, 2.6)),
    replace(_TIPS, label="Long Inflation-Linked", bucket="long", duration=(13.5, 14.0), ladder=(1.0,)),
    replace(
        _TIPS,
        label="Term Inflation-Linked",
        count=5,
        bucket="target-maturity",
        duration=(0.92, 0.94),
        ladder=(1.0,),
        matures=(2026, 2028, 2029, 2031, 2033),
        since=2023,
        price=25,
        size_mm=250,
    ),
    replace(_TIPS, sub_sector="tips_plus_options", label="Inflation-Linked and Rate Options", options=True, since=2019),
)

_MUNICIPAL = Style(
    sector="municipal",
    sub_sector="muni_national",
    quality="IG",
    duration=(5.4, 6.4),
    curve="municipal_10y",
    noise_bp=3,
    prompt=0.6,
    discount=1.0,
    active=0.35,
    fee_bp=(5, 50),
)
MUNICIPAL = (
    replace(_MUNICIPAL, label="National Municipal Bond", count=14, bucket="intermediate"),
    replace(_MUNICIPAL, label="Short-Term Municipal Bond", count=6, bucket="short", duration=(1.8, 2.8)),
    replace(_MUNICIPAL, label="Intermediate Municipal Bond", count=5, bucket="intermediate"),
    replace(_MUNICIPAL, label="Long Municipal Bond", count=5, bucket="long", duration=(7.2, 9.0)),
    replace(
        _MUNICIPAL,
        sub_sector="muni_high_yield",
        label="High Yield Municipal Bond",
        count=6,
        bucket="long",
        quality="HY",
        duration=(6.5, 7.8),
        shares={"high_yield_spread": 0.10},
        discount=1.5,
        pickup=1.2,
    ),
    replace(_MUNICIPAL, sub_sector="muni_state", label="California Municipal Bond", count=2, bucket="long"),
    replace(_MUNICIPAL, sub_sector="muni_state", label="New York Municipal Bond", count=2, bucket="long"),
    replace(
        _MUNICIPAL,
        sub_sector="muni_target_maturity",
        label="Term Municipal Bond",
        count=8,
        bucket="target-maturity",
        duration=(0.80, 0.84),
        matures=(2020, 2022, *range(2025, 2031)),
        price=25,
        fee_bp=(18, 18),
        size_mm=250,
    ),
    replace(
        _MUNICIPAL,
        sub_sector="muni_ultrashort",
        label="Ultrashort Municipal",
        count=2,
        bucket="ultrashort",
        duration=(0.5, 0.9),
    ),
)

_EMERGING = Style(
    sector="emerging_market",
    sub_sector="em_hard_currency",
    quality="mixed",
    currency="EM-USD",
    duration=(6.2, 7.2),
    ladder=LADDER,
    shares={"emerging_spread": 1.0},
    noise_bp=6,
    prompt=0.8,
    discount=0.8,
    active=0.2,
    fee_bp=(20, 60),
)
EMERGING_MARKET = (
    replace(_EMERGING, label="Emerging Markets USD Bond", count=9),
    replace(
        _EMERGING,
        sub_sector="em_local",
        label="Emerging Markets Local Currency",
        count=4,
        currency="EM-local",
        duration=(4.6, 5.4),
        curve="emerging_local_yield",
        shares={},
        betas={"emerging_currency": 1.0},
        accrual={"emerging_local_yield": 1.0},
    ),
    replace(_EMERGING, sub_sector="em_corporate", label="Emerging Markets Corporate", count=2, duration=(4.2, 4.8)),
    replace(
        _EMERGING,
        sub_sector="em_high_yield",
        label="Emerging Markets High Yield",
        count=2,
        quality="HY",
        duration=(4.0, 4.8),
        shares={"emerging_spread": 1.1, "high_yield_spread": 0.3},
    ),
)

_FOREIGN = Style(
    sector="international",
    sub_sector="international",
    quality="mixed",
    currency="non-USD",
    duration=(7.0, 8.0),
    curve="foreign_10y",
    betas={"foreign_currency": 1.0},
    accrual={"foreign_10y": 1.0},
    noise_bp=4,
    discount=0.4,
    active=0.1,
    fee_bp=(7, 45),
)
INTERNATIONAL = (
    replace(_FOREIGN, label="International Treasury", count=4),
    replace(_FOREIGN, label="International Corporate", count=2, duration=(4.8, 5.6), pickup=0.8),
    replace(
        _FOREIGN,
        label="International Bond (USD-Hedged)",
        count=5,
        currency="USD-hedged",
        betas={},
        accrual={"treasury_3m": 1.0},
        pickup=0.8,
        size_mm=2500,
    ),
    replace(_FOREIGN, label="Global Bond", count=2, currency="mixed", betas={"foreign_currency": 0.5}),
    replace(
        _FOREIGN,
        sub_sector="global_high_yield",
        label="Global High Yield (USD-Hedged)",
        currency="USD + USD-hedged",
        quality="HY",
        duration=(3.0, 3.0),
        shares={"high_yield_spread": 1.0},
        betas={},
        accrual={"treasury_3m": 1.0},
        pickup=0.6,
    ),
    replace(
        _FOREIGN,
        sub_sector="china_local",
        label="Chinese Government Bond",
        duration=(5.5, 5.5),
        betas={"emerging_currency": 0.4},
        since=2015,
    ),
)

_LEVERAGED = Style(sector="leveraged_inverse", noise_bp=1, fee_bp=(85, 105), size_mm=90, turnover=0.1)
_LONG = replace(_LEVERAGED, underlying="20+ Year Treasury", bucket="long")
_INTERMEDIATE = replace(_LEVERAGED, underlying="7-10 Year Treasury", bucket="intermediate")
_LEVERAGED_CREDIT = replace(_LEVERAGED, underlying="High Yield Bond", noise_bp=5)
LEVERAGED_INVERSE = (
    replace(_LONG, sub_sector="leveraged_2x", label="2x Long Treasury", multiple=2, size_mm=200),
    replace(_LONG, sub_sector="leveraged_3x", label="3x Long Treasury", multiple=3, size_mm=1500, price=80),
    replace(_LONG, sub_sector="inverse_1x", label="-1x Long Treasury", multiple=-1),
    replace(_LONG, sub_sector="inverse_2x", label="-2x Long Treasury", multiple=-2, size_mm=300),
    replace(_LONG, sub_sector="inverse_3x", label="-3x Long Treasury", multiple=-3, price=200),
    replace(_INTERMEDIATE, sub_sector="leveraged_2x", label="2x 7-10 Year Treasury", multiple=2),
    replace(_INTERMEDIATE, sub_sector="leveraged_3x", label="3x 7-10 Year Treasury", multiple=3),
    replace(_INTERMEDIATE, sub_sector="inverse_1x", label="-1x 7-10 Year Treasury", multiple=-1),
    replace(_INTERMEDIATE, sub_sector="inverse_2x", label="-2x 7-10 Year Treasury", multiple=-2, size_mm=30),
    replace(_INTERMEDIATE, sub_sector="inverse_3x", label="-3x 7-10 Year Treasury", multiple=-3, size_mm=30),
    replace(_LEVERAGED_CREDIT, sub_sector="leveraged_2x", label="2x High Yield", multiple=2),
    replace(_LEVERAGED_CREDIT, sub_sector="inverse_1x", label="-1x High Yield", multiple=-1),
)

OTHER = (
    Style(
        sector="other",
        sub_sector="inflation_expectations_spread",
        label="Inflation Expectations",
        spread_duration=(15, 15),
        shares={"breakeven_10y": -1.0},
        accrual={"treasury_3m": 1.0},
        fee_bp=(30, 30),
        size_mm=20,
        noise_bp=10,
    ),
)

SATELLITE_STYLES = (
    *ULTRASHORT,
    *FLOATING_RATE_IG,
    *TIPS,
    *MUNICIPAL,
    *EMERGING_MARKET,
    *INTERNATIONAL,
    *LEVERAGED_INVERSE,
    *OTHER,
)
"""Every kind of fund of these sectors."""
