"""Who does a batch has no part in what comes of it: one worker, two, one killed on the way, a cluster."""

import sys
import warnings
from collections.abc import Generator, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd
import pytest
from joblib.externals.loky.process_executor import TerminatedWorkerError

import aggplus
from aggplus.batch_run import Alone, BatchResult, Fault, Processes, SolveOn, WalkThrough, crew_of, run_batch
from aggplus.batch_run import cluster as cluster_module
from aggplus.batch_run.chunks import MOST_IN_A_CHUNK, Chunk, chunks_of
from aggplus.batch_run.crew import Numbered, until_done
from aggplus.errors import CrewError
from aggplus.model import Model
from aggplus.walks import walk_forward


def assert_same(a: BatchResult, b: BatchResult) -> None:
    """To the last bit."""
    assert a.returns is not None
    assert b.returns is not None
    pd.testing.assert_frame_equal(a.returns, b.returns, check_exact=True)
    assert a.to_dict() == b.to_dict()


@pytest.fixture(scope="module")
def alone(variants: tuple[Model, ...], small: aggplus.Market, walk: WalkThrough) -> BatchResult:
    return run_batch(variants, small, walk, Alone())


def test_each_result_is_the_walk_of_its_model_alone(
    alone: BatchResult, variants: tuple[Model, ...], small: aggplus.Market, walk: WalkThrough
) -> None:
    for model, outcome in zip(variants, alone.finished, strict=True):
        track = walk_forward(model, small, walk.start, walk.end)
        assert outcome.record == track.to_dict()
        assert outcome.net is not None
        pd.testing.assert_series_equal(outcome.net, track.net, check_exact=True)


def test_two_workers_give_the_same_bits_as_one(
    alone: BatchResult, variants: tuple[Model, ...], small: aggplus.Market, walk: WalkThrough
) -> None:
    told: list[float] = []
    shared = run_batch(variants, small, walk, Processes(2), advance=lambda done, of: told.append(done / of))
    assert_same(shared, alone)
    assert told == sorted(told)
    assert (told[0], told[-1]) == (0.0, 1.0)
    assert len(told) > 3


def test_the_chunks_of_a_killed_worker_are_done_again(
    alone: BatchResult,
    variants: tuple[Model, ...],
    small: aggplus.Market,
    walk: WalkThrough,
    deadly: ModuleType,
    tmp_path: Path,
) -> None:
    task = deadly.DeadlyWalk(**asdict(walk), victim="V5", marks=tmp_path, times=1)
    said: list[str] = []
    assert_same(run_batch(variants, small, task, Processes(2), say=said.append), alone)
    assert len(list(tmp_path.iterdir())) == 1, "no worker died: nothing was tried"
    (sentence,) = said
    assert "a worker died on the way" in sentence


def test_workers_that_die_again_and_again_end_the_batch(variants: tuple[Model, ...]) -> None:
    attempts: list[list[int]] = []

    def attempt(left: Mapping[int, Chunk]) -> Generator[Numbered]:
        attempts.append(list(left))
        yield min(left), ()
        raise TerminatedWorkerError("killed")

    said: list[str] = []
    done = until_done([(model,) for model in variants], attempt, (TerminatedWorkerError,), said.append)
    with pytest.raises(CrewError, match="workers died 3 times, 5 variants are left"):
        list(done)
    assert attempts == [list(range(8)), list(range(1, 8)), list(range(2, 8))]
    assert len(said) == 2


def test_a_model_on_which_the_program_fails_costs_the_others_nothing(
    alone: BatchResult, variants: tuple[Model, ...], small: aggplus.Market, walk: WalkThrough, deadly: ModuleType
) -> None:
    result = run_batch(variants, small, deadly.FaultyWalk(**asdict(walk), victim="V3"), Alone())
    (fault,) = result.faults
    assert isinstance(fault, Fault)
    assert (fault.model, "ZeroDivisionError: float division by zero" in fault.why) == ("V3", True)
    assert alone.returns is not None
    assert result.returns is not None
    pd.testing.assert_frame_equal(result.returns, alone.returns.drop(columns="V3"), check_exact=True)


def test_a_model_that_cannot_be_asked_costs_the_others_nothing(
    alone: BatchResult, variants: tuple[Model, ...], small: aggplus.Market, walk: WalkThrough
) -> None:
    lost = variants[2].model_copy(update={"benchmark": "AGGG"})
    result = run_batch([*variants[:2], lost, *variants[3:]], small, walk, Alone())
    (refusal,) = result.refusals
    assert (refusal.model, result.faults) == ("V3", ())
    assert "AGGG" in refusal.why
    assert alone.returns is not None
    assert result.returns is not None
    pd.testing.assert_frame_equal(result.returns, alone.returns.drop(columns="V3"), check_exact=True)
    assert result.table.set_index("id").loc["V3", "status"] == "refused"


def test_a_day_is_solved_as_by_solve(variants: tuple[Model, ...], small: aggplus.Market) -> None:
    result = run_batch(variants, small, SolveOn.of(small, "2024-01-30"), Alone())
    table = result.table.set_index("id")
    for model in variants:
        portfolio = aggplus.solve(model, small, "2024-01-30")
        assert portfolio.risk is not None
        row: Any = table.loc[model.id]
        assert (row["status"], row["names"]) == ("solved", len(portfolio.weights))
        assert row["expected_return"] == pytest.approx(portfolio.expected_return / 100.0, rel=1e-12)
        assert row["volatility"] == pytest.approx(portfolio.risk.volatility / 100.0, rel=1e-12)
        assert row["beta"] == pytest.approx(portfolio.risk.beta, rel=1e-12)


def test_a_day_solved_again_is_the_same_record(variants: tuple[Model, ...], small: aggplus.Market) -> None:
    task = SolveOn.of(small, "2024-01-30")
    first, again = (run_batch(variants[:2], small, task, Alone()).to_dict() for _ in range(2))
    assert first == again


@pytest.mark.parametrize("workers", [1, 2, 3, 50])
def test_chunks_hold_every_model_once_and_only_what_shares(variants: tuple[Model, ...], workers: int) -> None:
    many = [model.model_copy(update={"id": f"{model.id}-{i}"}) for i in range(11) for model in variants]
    chunks = chunks_of(many, workers)
    assert sorted(model.id for chunk in chunks for model in chunk) == sorted(model.id for model in many)
    for chunk in chunks:
        assert len(chunk) <= MOST_IN_A_CHUNK
        assert len({(model.universe, model.risk_model, model.expected_return) for model in chunk}) == 1
    assert [len(chunk) for chunk in chunks] == sorted((len(chunk) for chunk in chunks), reverse=True)
    assert len(chunks) >= min(len(many), workers)
    assert chunks_of([], workers) == ()


@pytest.fixture(params=[2, 1])
def local_cluster(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Worker processes, each replaced when it dies: with two, the other has the market; with one, nobody has."""
    distributed = pytest.importorskip("distributed", reason="distributed is not installed (extra cluster)")
    with (
        warnings.catch_warnings(),
        distributed.LocalCluster(
            n_workers=request.param, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
        ) as cluster,
    ):
        yield cluster


def test_a_cluster_of_which_a_worker_is_killed_gives_the_same_bits(
    alone: BatchResult,
    variants: tuple[Model, ...],
    small: aggplus.Market,
    walk: WalkThrough,
    deadly: ModuleType,
    tmp_path: Path,
    local_cluster: Any,
) -> None:
    task = deadly.DeadlyWalk(**asdict(walk), victim="V5", marks=tmp_path, times=1)
    with crew_of(cluster=local_cluster.scheduler_address) as crew:
        assert crew.workers == len(local_cluster.workers)
        assert_same(run_batch(variants, small, task, crew), alone)
    assert len(list(tmp_path.iterdir())) == 1, "no worker died: nothing was tried"


def refused(crew: AbstractContextManager[Any]) -> str:
    with pytest.raises(CrewError) as error, crew:
        pass
    line = str(error.value)
    assert len(line.splitlines()) == 1
    return line


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nonsense", "tcp://", "http://127.0.0.1:9"])
def test_a_cluster_that_does_not_answer_is_refused(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_module, "PATIENCE_SECONDS", 1)
    pytest.importorskip("distributed", reason="distributed is not installed (extra cluster)")
    assert f"--cluster {address}: no Dask scheduler answers there" in refused(crew_of(cluster=address))


def test_a_cluster_without_the_extra_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert "pip install 'aggplus[cluster]'" in refused(crew_of(cluster="tcp://127.0.0.1:9"))
