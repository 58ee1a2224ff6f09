import pytest

from constraints import BASIS_POINTS, BETA, VOLATILITY, WEIGHT, YEARS, Unit


@pytest.mark.parametrize(
    ("unit", "value", "shown"),
    [
        (WEIGHT, 0.25, "25 %"),
        (WEIGHT, 0.07, "7 %"),
        (WEIGHT, 0.1 + 0.2, "30 %"),
        (WEIGHT, 0.012345, "1.2345 %"),
        (WEIGHT, 0.250001, "25.0001 %"),
        (WEIGHT, 0.0, "0 %"),
        (YEARS, 6.5, "6.5 years"),
        (BASIS_POINTS, 20.0, "20 bp"),
        (BETA, 1.05, "1.05"),
        (VOLATILITY, 5.5, "5.5 %"),
    ],
)
def test_values_read_in_their_unit(unit: Unit, value: float, shown: str) -> None:
    assert unit.show(value) == shown
