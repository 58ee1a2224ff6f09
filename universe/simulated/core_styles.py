"""Kinds of fund inside the US Aggregate: core, Treasury, agency, mortgage, corporate and securitized."""

from __future__ import annotations

from dataclasses import replace

from universe.simulated.styles import LADDER, Style

_AGGREGATE = Style(
    sector="aggregate",
    sub_sector="core",
    quality="IG",
    duration=(5.8, 6.3),
    ladder=LADDER,
    shares={"corporate_spread": 0.28, "mortgage_spread": 0.24},
    discount=0.25,
    fee_bp=(3, 30),
)
_UNIVERSAL = replace(
    _AGGREGATE,
    sub_sector="universal",
    quality="IG + some HY",
    shares=dict(_AGGREGATE.shares) | {"high_yield_spread": 0.05, "emerging_spread": 0.03},
)
_CORE_PLUS = replace(_UNIVERSAL, sub_sector="core_plus", noise_bp=3.5, discount=0.4, active=0.9, fee_bp=(30, 60))
_SHORT = replace(_AGGREGATE, sub_sector="aggregate_short", bucket="short", duration=(2.5, 2.9))
_OPTIONS = replace(_AGGREGATE, sub_sector="aggregate_plus_options", noise_bp=5, options=True, since=2019, active=1)
AGGREGATE = (
    replace(_AGGREGATE, label="Aggregate Bond", count=14, active=0.2),
    replace(_AGGREGATE, label="Sustainable Core Bond", count=4, active=0.4, since=2018),
    replace(_AGGREGATE, label="Intermediate Core Bond", count=3, bucket="intermediate", duration=(6.0, 6.6)),
    replace(_UNIVERSAL, label="Universal Bond", count=3, active=0.3),
    replace(_CORE_PLUS, label="Core Plus Bond", count=10, duration=(5.4, 6.4)),
    replace(_CORE_PLUS, label="Total Return Bond", count=7, duration=(4.6, 6.2)),
    replace(_SHORT, label="Short-Term Bond", count=4),
    replace(_OPTIONS, label="Core Bond and Option Income", count=2, pickup=1.0),
    replace(
        _AGGREGATE,
        sub_sector="aggregate_rate_hedged",
        label="Rate-Hedged Aggregate Bond",
        duration=(0.1, 0.4),
        spread_duration=(6.0, 6.2),
    ),
    replace(_AGGREGATE, sub_sector="government_credit", label="Government/Credit Bond", fee_bp=(5, 20)),
    replace(
        _AGGREGATE,
        sub_sector="long_government_credit",
        label="Long Government/Credit Bond",
        count=2,
        bucket="long",
        duration=(13.4, 14.2),
        shares={"corporate_spread": 0.5},
    ),
)

_TREASURY = Style(
    sector="treasury", sub_sector="treasury", quality="Treasury", noise_bp=0.8, discount=0.02, fee_bp=(3, 15)
)
_TREASURY_OPTIONS = replace(_TREASURY, options=True, since=2020, fee_bp=(30, 80), bucket="long", noise_bp=5)
TREASURY = (
    replace(_TREASURY, label="1-3 Year Treasury", count=7, bucket="short", duration=(1.8, 2.0)),
    replace(_TREASURY, label="3-7 Year Treasury", count=4, bucket="intermediate", duration=(4.2, 4.6)),
    replace(_TREASURY, label="7-10 Year Treasury", count=6, bucket="intermediate", duration=(7.2, 7.8)),
    replace(_TREASURY, label="10-20 Year Treasury", count=2, bucket="long", duration=(12.0, 13.0)),
    replace(_TREASURY, label="20+ Year Treasury", count=6, bucket="long", duration=(15.6, 16.6), size_mm=2000),
    replace(_TREASURY, label="Extended Duration Treasury", count=2, bucket="long", duration=(18.2, 19.0)),
    replace(_TREASURY, label="Broad Treasury", count=4, duration=(5.9, 6.3), ladder=LADDER),
    replace(
        _TREASURY,
        sub_sector="treasury_target_maturity",
        label="Term Treasury",
        count=7,
        bucket="target-maturity",
        duration=(0.94, 0.95),
        matures=(2022, 2023, 2025, 2026, 2028, 2030, 2032),
        since=2017,
        price=25,
    ),
    replace(
        _TREASURY_OPTIONS,
        sub_sector="treasury_option_income",
        label="20+ Year Treasury Call Writing",
        duration=(10.0, 10.0),
        pickup=5.0,
    ),
    replace(
        _TREASURY_OPTIONS,
        sub_sector="treasury_defined_outcome",
        label="20+ Year Treasury Buffer",
        duration=(8.0, 8.0),
    ),
)

AGENCY = (
    Style(
        sector="agency",
        sub_sector="us_government_mixed",
        label="US Agency Bond",
        count=2,
        bucket="short",
        quality="Agency",
        duration=(2.2, 3.4),
        shares={"mortgage_spread": 0.2},
        fee_bp=(15, 30),
        size_mm=400,
    ),
)

_MBS = Style(
    sector="mbs",
    sub_sector="agency_mbs",
    quality="Agency",
    bucket="intermediate",
    duration=(4.6, 5.2),
    ladder=(0.5, 1.5),
    shares={"mortgage_spread": 0.9},
    discount=0.25,
    fee_bp=(4, 25),
)
MBS = (
    replace(_MBS, label="Mortgage-Backed Bond", count=5, size_mm=2500),
    replace(
        _MBS,
        sub_sector="mbs_active",
        label="Active Mortgage",
        count=5,
        quality="",
        noise_bp=4,
        active=1,
        fee_bp=(25, 60),
    ),
)

_CORPORATE = Style(
    sector="ig_corporate",
    sub_sector="ig_corporate",
    quality="IG",
    duration=(6.8, 8.2),
    ladder=LADDER,
    shares={"corporate_spread": 1.0},
    noise_bp=3,
    prompt=0.85,
    discount=0.7,
    fee_bp=(4, 22),
)
_CORPORATE_BULLET = replace(_CORPORATE, ladder=(0.6, 1.4))
IG_CORPORATE = (
    replace(_CORPORATE, label="Corporate Bond", count=14),
    replace(_CORPORATE, label="Active Corporate Bond", count=3, active=1, noise_bp=4, fee_bp=(25, 50)),
    replace(_CORPORATE_BULLET, label="Short-Term Corporate Bond", count=9, bucket="short", duration=(2.5, 2.9)),
    replace(
        _CORPORATE_BULLET,
        label="Intermediate Corporate Bond",
        count=6,
        bucket="intermediate",
        duration=(5.8, 6.4),
    ),
    replace(_CORPORATE_BULLET, label="Long Corporate Bond", count=5, bucket="long", duration=(12.0, 13.4)),
    replace(
        _CORPORATE,
        sub_sector="ig_corporate_bbb",
        label="BBB Corporate Bond",
        count=3,
        quality="BBB",
        shares={"corporate_spread": 1.25},
        since=2017,
    ),
    replace(
        _CORPORATE,
        sub_sector="ig_corporate_rate_hedged",
        label="Rate-Hedged Corporate Bond",
        count=3,
        duration=(0.0, 0.4),
        spread_duration=(6.5, 7.8),
        fee_bp=(20, 30),
        size_mm=200,
    ),
    replace(
        _CORPORATE,
        sub_sector="ig_corporate_target_maturity",
        label="Term Corporate Bond",
        count=14,
        bucket="target-maturity",
        duration=(0.90, 0.92),
        ladder=(1.0,),
        matures=(2018, 2019, 2020, 2021, 2022, 2023, *range(2025, 2033)),
        price=20,
        fee_bp=(10, 10),
    ),
    replace(
        _CORPORATE,
        sub_sector="short_term_plus_options",
        label="Short-Term Corporate and Option Income",
        bucket="short",
        duration=(2.0, 2.0),
        options=True,
        since=2021,
        pickup=1.5,
        active=1,
    ),
)

_SECURITIZED = Style(
    sector="abs_cmbs",
    sub_sector="securitized",
    duration=(2.2, 4.8),
    shares={"corporate_spread": 0.7, "mortgage_spread": 0.3},
    noise_bp=3,
    prompt=0.7,
    discount=0.5,
    active=0.8,
    fee_bp=(25, 60),
    since=2015,
)
ABS_CMBS = (
    replace(_SECURITIZED, label="Securitized Bond", count=4),
    replace(_SECURITIZED, sub_sector="cmbs", label="Commercial Mortgage", count=2, active=0, duration=(4.6, 5.0)),
)

CORE_STYLES = (*AGGREGATE, *TREASURY, *AGENCY, *MBS, *IG_CORPORATE, *ABS_CMBS)
"""Every kind of fund of these sectors; the first fund of the first kind is the benchmark."""
