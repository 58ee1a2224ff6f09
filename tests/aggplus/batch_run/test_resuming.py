"""A batch goes on where it stopped, and computes anew what would come out differently."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import aggplus
from aggplus.batch_run import Alone, BatchResult, Outcome, ResultsFolder, SolveOn, Task, WalkThrough, run_batch
from aggplus.batch_run import identity as identity_module
from aggplus.batch_run.chunks import Chunk
from aggplus.batch_run.crew import InHand, Say
from aggplus.errors import OutputError
from aggplus.model import Model
from aggplus.variants import read_grid
from universe import Market

ROOT = Path(__file__).resolve().parents[3]
VARIANTS = 40


@dataclass
class Counted:
    """A crew of one that notes what it is asked for."""

    workers: int = 1
    asked: list[str] = field(default_factory=list)

    def do(
        self, task: Task, chunks: Sequence[Chunk], market: Market, in_hand: InHand, say: Say
    ) -> Generator[tuple[Outcome, ...]]:
        self.asked += [model.id for chunk in chunks for model in chunk]
        return Alone().do(task, chunks, market, in_hand, say)


@dataclass
class Again:
    """Runs batches into one folder: the models that are done, what is said, and the result."""

    path: Path

    def __call__(self, models: Sequence[Model], market: Market, task: Task) -> tuple[set[str], list[str], BatchResult]:
        crew, said = Counted(), list[str]()
        result = run_batch(models, market, task, crew, ResultsFolder.at(self.path), say=said.append)
        return set(crew.asked), said, result


@pytest.fixture
def again(tmp_path: Path) -> Again:
    return Again(tmp_path / "out")


def altered(market: Market, day: str, factor: float) -> Market:
    prices = market.prices.copy()
    prices.loc[pd.Timestamp(day), "TR00"] *= factor
    return replace(market, prices=prices)


def test_nothing_is_done_twice_and_what_is_kept_is_the_same_to_the_last_bit(
    again: Again, variants: tuple[Model, ...], small: Market, walk: WalkThrough
) -> None:
    asked, said, _ = again(variants[:5], small, walk)
    assert (asked, said) == ({model.id for model in variants[:5]}, [])
    asked, said, second = again(variants, small, walk)
    assert asked == {model.id for model in variants[5:]}
    assert said == [f"5 of 8 variants are done already, in {again.path}"]
    fresh = run_batch(variants, small, walk, Alone())
    assert second.returns is not None
    assert fresh.returns is not None
    pd.testing.assert_frame_equal(
        second.returns, fresh.returns, check_exact=True, check_freq=False, check_index_type=False
    )
    pd.testing.assert_frame_equal(second.table, fresh.table, check_exact=True)
    assert second.to_dict() == fresh.to_dict()
    kept = pd.read_csv(again.path / "returns.csv", index_col="date", parse_dates=["date"])
    assert list(kept.columns) == [model.id for model in variants]
    np.testing.assert_allclose(kept.to_numpy(), fresh.returns.to_numpy(), rtol=1e-15, atol=0.0)
    table = pd.read_csv(again.path / "table.csv")
    np.testing.assert_allclose(table["cumulative"], fresh.table["cumulative"], rtol=1e-15)


def test_a_market_that_changed_before_the_end_is_walked_anew_and_after_it_not(
    again: Again, variants: tuple[Model, ...], small: Market
) -> None:
    walk = WalkThrough.between(small, "2024-01-02", "2024-01-19")
    again(variants[:2], small, walk)
    assert again(variants[:2], altered(small, "2024-01-22", 1.01), walk)[0] == set()
    asked, said, _ = again(variants[:2], altered(small, "2024-01-19", 1.01), walk)
    assert asked == {"V1", "V2"}
    assert said == ["2 of 2 variants are computed anew: changed since is the prices"]
    catalog = small.catalog.copy()
    catalog.loc["TR00", "expense_ratio_bp"] += 1.0
    asked, said, _ = again(variants[:2], replace(small, catalog=catalog), walk)
    assert (asked, "changed since is the prices and the catalog" in said[0]) == ({"V1", "V2"}, True)


def test_other_models_dates_tasks_and_versions_are_done_anew(
    again: Again, variants: tuple[Model, ...], small: Market, walk: WalkThrough, monkeypatch: pytest.MonkeyPatch
) -> None:
    again(variants[:2], small, walk)
    dearer = variants[0].model_copy(update={"costs": variants[0].costs.model_copy(update={"half_spread_bp": 9.0})})
    asked, said, _ = again((dearer, variants[1]), small, walk)
    assert asked == {"V1"}
    assert said[1] == "1 of 2 variants are computed anew: changed since is the model"
    shorter = WalkThrough.between(small, walk.start, "2024-01-30")
    assert again(variants[1:2], small, shorter)[0] == {"V2"}
    solve = SolveOn.of(small, "2024-01-30")
    asked, said, _ = again(variants[1:2], small, solve)
    assert asked == {"V2"}
    assert "the task or its dates" in said[0]
    assert again(variants[1:2], small, solve)[0] == set()
    monkeypatch.setattr(identity_module, "library_versions", lambda: '{"aggplus": "9.9"}')
    asked, said, _ = again(variants[1:2], small, solve)
    assert (asked, "the version of aggplus" in said[0]) == ({"V2"}, True)


def test_a_file_that_a_model_names_belongs_to_it(variants: tuple[Model, ...], small: Market, tmp_path: Path) -> None:
    yields = tmp_path / "yields.csv"
    carry = variants[0].expected_return.model_copy(update={"estimator": "carry", "yields": str(yields)})
    model = variants[0].model_copy(update={"expected_return": carry})
    task = SolveOn.of(small, None)
    found = []
    for content in ("ticker,yield\nTR00,3\n", "ticker,yield\nTR00,4\n", "ticker,yield\nTR00,3\n"):
        yields.write_text(content)
        found.append(identity_module.identities_of([model], small, task)["V1"])
    assert found[0] == found[2]
    assert {part for part in found[0] if found[0][part] != found[1][part]} == {"model"}


@pytest.mark.parametrize("damage", ["no returns", "half the returns", "half the record", "no record", "other json"])
def test_what_is_damaged_is_done_again(
    again: Again, variants: tuple[Model, ...], small: Market, walk: WalkThrough, damage: str
) -> None:
    *_, first = again(variants[:2], small, walk)
    record, returns = (again.path / "variants" / f"V1{end}" for end in (".json", ".csv"))
    match damage:
        case "no returns":
            returns.unlink()
        case "half the returns":
            returns.write_bytes(returns.read_bytes()[: returns.stat().st_size // 2])
        case "half the record":
            record.write_bytes(record.read_bytes()[: record.stat().st_size // 2])
        case "no record":
            record.unlink()
        case _:
            record.write_text("[]")
    asked, _, second = again(variants[:2], small, walk)
    assert asked == {"V1"}
    assert second.to_dict() == first.to_dict()


def test_a_refused_variant_is_tried_again_and_leaves_no_result(
    again: Again, variants: tuple[Model, ...], small: Market, walk: WalkThrough
) -> None:
    again(variants[:2], small, walk)
    lost = variants[0].model_copy(update={"benchmark": "AGGG"})
    for _ in range(2):
        asked, _, result = again((lost, variants[1]), small, walk)
        assert (asked, [refusal.model for refusal in result.refusals]) == ({"V1"}, ["V1"])
    assert sorted(file.name for file in (again.path / "variants").iterdir()) == ["V2.csv", "V2.json"]


def test_what_stands_in_the_way_of_a_result_is_told(
    again: Again, variants: tuple[Model, ...], small: Market, walk: WalkThrough
) -> None:
    (again.path / "variants" / "V1.json").mkdir(parents=True)
    with pytest.raises(OutputError, match=r"V1\.json: cannot be replaced"):
        again(variants[:1], small, walk)


def interruptible() -> None:
    """A test that runs in the background of a shell inherits that interrupts are ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize("workers", [1, 2])
def test_an_interrupted_run_goes_on_where_it_stopped(workers: int, small_folder: Path, tmp_path: Path) -> None:
    options = "".join(
        f'[[axis.option]]\nname = "{i} mm"\nuniverse.min_aum_mm = {i}\nuniverse.min_history_days = 200\n'
        for i in range(1, VARIANTS + 1)
    )
    grid, out = tmp_path / "grid.toml", tmp_path / "out"
    grid.write_text(f'id = "G"\nprefix = "V"\n[[axis]]\nname = "liquidity"\n{options}')
    command = [
        *(sys.executable, "-m", "aggplus", "batch", str(grid), "--market", str(small_folder)),
        *("--start", "2024-01-02", "--out", str(out), "--workers", str(workers)),
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    stopped = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        start_new_session=True,
        preexec_fn=interruptible,
    )
    while not list(out.glob("variants/*.json")):
        assert stopped.poll() is None, stopped.communicate()
        time.sleep(0.005)
    # To all processes of the terminal, as Ctrl-C sends it.
    os.killpg(stopped.pid, signal.SIGINT)
    said, complaint = stopped.communicate(timeout=60)
    done = len(list(out.glob("variants/*.json")))
    assert (stopped.returncode, said) == (130, "")
    assert 0 < done < VARIANTS
    assert not list(out.rglob(".aggplus-*")), "a file was left half-written"
    (line,) = complaint.splitlines()
    assert f"stopped: {done} of {VARIANTS} variants are done, kept in {out}; the same command goes on" in line

    small = aggplus.load_market(small_folder)
    models = read_grid(grid).models()
    walk = WalkThrough.between(small, "2024-01-02", None)
    asked, _, resumed = Again(out)(models, small, walk)
    assert len(asked) == VARIANTS - done
    fresh = run_batch(models, small, walk, Alone())
    assert resumed.to_dict() == fresh.to_dict()
