"""Sector colours can be told apart by the colour-blind, as the matrices of Machado et al. (2009) show the world."""

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from aggplus import load_model
from aggplus.charts import BENCHMARK_COLOUR, CASH_COLOUR, MODEL_COLOURS, SECTOR_COLOURS
from aggplus.model import SHIPPED
from universe import SECTORS

Floats = NDArray[np.float64]

# Severity 1, on linear RGB: Machado, Oliveira, Fernandes (2009), table 1.
SEEN_WITH = {
    "all cones": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
# Two patches side by side differ plainly from about 10 on; 2.3 is the least that anybody notices.
PLAINLY = 10.0


def linear(colour: str) -> Floats:
    values = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255.0
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def lab(light: Floats) -> Floats:
    """CIE L*a*b* of linear sRGB under D65."""
    to_xyz = np.array(
        [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.072175], [0.0193339, 0.119192, 0.9503041]]
    )
    xyz = to_xyz @ light / np.array([0.95047, 1.0, 1.08883])
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def difference(one: str, other: str, cones: str) -> float:
    seen = [lab(np.clip(SEEN_WITH[cones] @ linear(colour), 0.0, 1.0)) for colour in (one, other)]
    return float(np.linalg.norm(seen[0] - seen[1]))


def test_the_difference_is_cielabs() -> None:
    # Known values of sRGB's red and white.
    assert lab(linear("#FF0000")) == pytest.approx([53.24, 80.09, 67.20], abs=0.05)
    assert lab(linear("#FFFFFF")) == pytest.approx([100.0, 0.0, 0.0], abs=0.02)


@pytest.mark.parametrize("cones", SEEN_WITH)
def test_sectors_of_the_shipped_models_differ_plainly(cones: str) -> None:
    held = {sector for name in SHIPPED for sector in load_model(name).universe.accepted_sectors}
    colours = {sector: SECTOR_COLOURS[sector] for sector in held} | {"cash": CASH_COLOUR}
    assert len(colours) >= 10
    for one, other in itertools.combinations(colours, 2):
        assert difference(colours[one], colours[other], cones) > PLAINLY, (one, other)


@pytest.mark.parametrize("cones", SEEN_WITH)
def test_the_first_three_models_and_the_benchmark_differ_plainly(cones: str) -> None:
    for one, other in itertools.combinations([*MODEL_COLOURS[:3], BENCHMARK_COLOUR], 2):
        assert difference(one, other, cones) > PLAINLY, (one, other)


def test_every_sector_has_one_colour_of_its_own() -> None:
    assert list(SECTOR_COLOURS) == list(SECTORS)
    assert len({*SECTOR_COLOURS.values(), CASH_COLOUR}) == len(SECTORS) + 1
