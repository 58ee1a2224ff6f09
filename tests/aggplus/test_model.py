"""Model documents: the shipped ones, the one that documents the format, and a client's differences."""

from pathlib import Path

import pytest
from pydantic import ValidationError

import aggplus
from aggplus.model import SHIPPED
from constraints import MandateError
from optimizer.risk_target import ConstantVolatility, DynamicBeta, DynamicRisk, RiskScaling
from riskmodels import RiskModelRules

# As the format is documented, word for word.
DOCUMENTED = """\
id = "ModelPort20"
name = "Baseline"
benchmark = "AGG"

[universe]
sectors = ["core", "tips", "high_yield", "bank_loan"]   # "core" = the sectors of the US Aggregate
currency = "USD"                      # excludes foreign, preferred, leveraged, option-selling funds by default
min_aum_mm = 100
min_history_days = 252

[risk_model]
estimator = "ledoit_wolf"             # on correlations, see research/solvers.md
window_days = 126

[expected_return]
estimator = "trailing"
window_days = 126

[target]
algorithm = "dynamic_risk"

[limits]
diversification = "concentrated"      # concentrated | diversified | broad: presets for max_weight
max_weight = 0.25
[[limits.group]]
name = "credit"
sectors = ["high_yield", "bank_loan"]
max = 0.60

[costs]
half_spread_bp = 2
advisory_fee_bp = 0

[rebalance]
check = "daily"
[rebalance.triggers]
volatility_change = 0.25              # |sigma_b now / sigma_b at the last solve - 1|
benchmark_move = 0.015                # |benchmark return since the last solve|
max_days = 63
"""


def written(folder: Path, text: str, name: str = "client.toml") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


class TestShipped:
    def test_names_and_targets(self) -> None:
        models = [aggplus.load_model(name) for name in SHIPPED]
        assert [model.id for model in models] == ["ModelPort20", "ModelPort55", "ModelPort91"]
        assert [model.name for model in models] == ["Baseline", "Aggressive", "Conservative"]
        baseline, aggressive, conservative = (model.target for model in models)
        assert isinstance(baseline, DynamicRisk)
        assert baseline.multiple == 1.0
        assert isinstance(aggressive, RiskScaling)
        assert (aggressive.beta, aggressive.rho_min) == (1.0, 0.5)
        assert isinstance(conservative, DynamicBeta)
        assert conservative.beta == 1.0
        assert {model.benchmark for model in models} == {"AGG"}
        assert {model.target.match for model in models} == {"at_most"}
        assert {model.limits.position_cap for model in models} == {0.25}

    def test_the_documented_one_is_the_baseline_but_for_what_was_chosen_since(
        self, tmp_path: Path, simulated: aggplus.Market
    ) -> None:
        documented = aggplus.load_model(written(tmp_path, DOCUMENTED))
        shipped = aggplus.load_model("baseline")
        assert aggplus.solve(documented, simulated).status == "solved"
        assert (documented.risk_model.estimator, documented.risk_model.window_days) == ("ledoit_wolf", 126)
        # But for the risk model and the rebalancing, which were chosen on data up to 2015 later.
        same = documented.model_copy(update={"risk_model": shipped.risk_model, "rebalance": shipped.rebalance})
        preset = {"limits": documented.limits.model_copy(update={"max_weight": None})}
        assert same.model_copy(update=preset) == shipped
        assert aggplus.solve(same, simulated).weights.equals(aggplus.solve(shipped, simulated).weights)

    def test_documents_are_in_the_installed_package(self) -> None:
        folder = Path(aggplus.__file__).parent / "models"
        assert {path.stem for path in folder.iterdir()} == set(SHIPPED)


class TestExtends:
    def test_states_only_its_differences(self, tmp_path: Path) -> None:
        text = (
            'extends = "baseline"\nid = "Client-7"\n[universe]\nmin_aum_mm = 250\n'
            '[[limits.group]]\nname = "credit"\nmax = 0.35\n'
            '[[limits.group]]\nname = "inflation"\nsectors = ["tips"]\nmin = 0.05\n'
        )
        client, base = aggplus.load_model(written(tmp_path, text)), aggplus.load_model("baseline")
        assert (client.id, client.name) == ("Client-7", "Baseline")
        assert client.universe.min_aum_mm == 250.0
        assert client.universe.sectors == base.universe.sectors
        assert client.target == base.target
        credit, inflation = client.limits.group
        assert (credit.sectors, credit.max) == (("high_yield", "bank_loan"), 0.35)
        assert (inflation.name, inflation.min, inflation.max) == ("inflation", 0.05, None)

    @pytest.mark.parametrize(("preset", "cap"), [("diversified", 0.10), ("broad", 0.05)])
    def test_another_preset_takes_effect(self, tmp_path: Path, preset: str, cap: float) -> None:
        """A cap inherited from the shipped model would silently win over the preset that the client wrote."""
        for name in SHIPPED:
            path = written(tmp_path, f'extends = "{name}"\n[limits]\ndiversification = "{preset}"\n')
            assert aggplus.load_model(path).limits.position_cap == cap

    def test_another_algorithm_drops_the_settings_of_the_old_one(self, tmp_path: Path) -> None:
        text = 'extends = "aggressive"\n[target]\nalgorithm = "constant_volatility"\nvalue = 0.05\n'
        target = aggplus.load_model(written(tmp_path, text)).target
        assert target == ConstantVolatility(algorithm="constant_volatility", value=0.05)

    def test_another_estimator_drops_the_half_lives_of_the_old_one(self, tmp_path: Path) -> None:
        for name in SHIPPED:
            text = f'extends = "{name}"\n[risk_model]\nestimator = "ledoit_wolf"\n'
            risk = aggplus.load_model(written(tmp_path, text)).risk_model
            assert risk == RiskModelRules(estimator="ledoit_wolf")
            assert (risk.volatility_half_life_days, risk.correlation_half_life_days) == (None, None)

    def test_the_same_estimator_keeps_what_is_not_stated(self, tmp_path: Path) -> None:
        text = 'extends = "baseline"\n[risk_model]\nestimator = "exponential"\nvolatility_half_life_days = 42\n'
        risk = aggplus.load_model(written(tmp_path, text)).risk_model
        base = aggplus.load_model("baseline").risk_model
        assert risk == base.model_copy(update={"volatility_half_life_days": 42.0})

    @pytest.mark.parametrize("lags", [0, 4])
    def test_lags_take_the_place_of_an_inherited_horizon_and_the_other_way_round(
        self, tmp_path: Path, lags: int
    ) -> None:
        assert aggplus.load_model("baseline").risk_model.horizon == 5
        house = written(tmp_path, f'extends = "baseline"\n[risk_model]\nlags = {lags}\n', "house.toml")
        risk = aggplus.load_model(house).risk_model
        assert (risk.lags, risk.horizon_days, risk.horizon) == (lags, None, 1)
        assert risk.volatility_half_life_days == 21.0
        client = written(tmp_path, 'extends = "house.toml"\n[risk_model]\nhorizon_days = 10\n')
        risk = aggplus.load_model(client).risk_model
        assert (risk.lags, risk.horizon_days, risk.horizon) == (None, 10, 10)

    def test_a_path_is_read_from_the_folder_of_the_document(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        written(tmp_path, 'extends = "conservative"\nname = "House"\n', "house/base.toml")
        client = written(tmp_path, 'extends = "../house/base.toml"\nid = "c1"\n', "clients/one.toml")
        monkeypatch.chdir(tmp_path / "house")
        model = aggplus.load_model(client)
        assert (model.id, model.name, model.target.algorithm) == ("c1", "House", "dynamic_beta")
        assert aggplus.load_model("../clients/one.toml") == model

    def test_a_file_called_like_a_shipped_model_needs_a_path(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        written(tmp_path, 'extends = "conservative"\n', "baseline")
        monkeypatch.chdir(tmp_path)
        assert aggplus.load_model("baseline").id == "ModelPort20"
        assert aggplus.load_model("./baseline").id == "ModelPort91"
        assert aggplus.load_model(Path("baseline").resolve()).id == "ModelPort91"


def test_frozen() -> None:
    model = aggplus.load_model("baseline")
    for part, key in ((model, "name"), (model.limits, "max_weight"), (model.universe, "min_aum_mm")):
        with pytest.raises(ValidationError, match="frozen"):
            setattr(part, key, None)
    with pytest.raises(ValidationError, match="frozen"):
        model.target.match = "equal"
    assert model == aggplus.load_model("baseline")


@pytest.mark.parametrize(
    ("text", "key", "meant"),
    [
        ('nam = "x"', "nam", "name"),
        ("[limit]", "limit", "limits"),
        ("[universe]\nmin_aum = 5", "universe.min_aum", "min_aum_mm"),
        ("[risk_model]\nwindow = 60", "risk_model.window", "window_days"),
        ('[target]\nalgorithm = "dynamic_risk"\nmultipel = 1.0', "target.multipel", "multiple"),
        ("[limits]\nmaxweight = 0.2", "limits.maxweight", "max_weight"),
        ("[limits.sector.treasury]\nmaximum = 0.2", "limits.sector.treasury.maximum", "max"),
        ("[limits.fund.LQD]\nmaks = 0.2", "limits.fund.LQD.maks", "max"),
        ('[[limits.group]]\nname = "g"\nsector = ["tips"]\nmax = 0.2', "limits.group[2].sector", "sectors"),
        ("[rebalance.triggers]\nmaxdays = 5", "rebalance.triggers.maxdays", "max_days"),
    ],
)
def test_a_misspelt_key_at_any_depth_is_named_with_the_one_meant(
    tmp_path: Path, text: str, key: str, meant: str
) -> None:
    path = written(tmp_path, f'extends = "baseline"\n{text}\n')
    with pytest.raises(MandateError) as refused:
        aggplus.load_model(path)
    assert str(refused.value).startswith(f"{path}: ")
    assert f"unknown key {key}, did you mean {meant}?" in str(refused.value)
    assert "\n" not in str(refused.value)
