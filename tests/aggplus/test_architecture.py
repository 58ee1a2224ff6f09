"""The house: what is declared, what is there and what is watched are the same packages, models and backends."""

import ast
import pkgutil
import tomllib
import typing
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest
from setuptools import find_packages

import aggplus
import optimizer
import riskmodels
from aggplus import shadowing
from aggplus.command_line.options import BackendName
from aggplus.model import SHIPPED
from optimizer import AUTO, BACKENDS

ROOT = Path(__file__).resolve().parents[2]
NOT_INSTALLED = {"tests", "benchmarks", "docs", "examples", "out", "build", "dist"}


@pytest.fixture(scope="module")
def project() -> dict[str, typing.Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def on_disk() -> set[str]:
    found = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    return found - NOT_INSTALLED


def test_declared_packages_are_those_on_disk(project: dict[str, typing.Any], on_disk: set[str]) -> None:
    patterns = project["tool"]["setuptools"]["packages"]["find"]["include"]
    installed = set(find_packages(str(ROOT), include=patterns))
    assert {name.split(".")[0] for name in installed} == on_disk
    assert {pattern.rstrip("*") for pattern in patterns} == on_disk
    # A folder of modules without __init__.py would be left out of an installation.
    for package in on_disk:
        folders = {path.parent for path in (ROOT / package).rglob("*.py")}
        assert {".".join(folder.relative_to(ROOT).parts) for folder in folders} <= installed


def test_every_package_is_typed_checked_layered_and_watched(project: dict[str, typing.Any], on_disk: set[str]) -> None:
    assert all((ROOT / package / "py.typed").is_file() for package in on_disk)
    assert set(project["tool"]["mypy"]["packages"]) == on_disk | {"benchmarks"}
    linter = project["tool"]["importlinter"]
    assert set(linter["root_packages"]) == on_disk
    (contract,) = linter["contracts"]
    assert {name.strip() for layer in contract["layers"] for name in layer.split("|")} == on_disk
    assert {*shadowing.PACKAGES, "aggplus"} == on_disk


def test_every_shipped_model_has_its_document(project: dict[str, typing.Any]) -> None:
    documents = ROOT / "aggplus" / "models"
    assert {path.name for path in documents.iterdir()} == {f"{name}.toml" for name in SHIPPED}
    assert "models/*.toml" in project["tool"]["setuptools"]["package-data"]["aggplus"]


def test_the_command_line_offers_the_backends_there_are() -> None:
    assert typing.get_args(BackendName) == (AUTO, *BACKENDS)


@pytest.mark.parametrize("package", [aggplus, optimizer, riskmodels], ids=lambda package: package.__name__)
def test_names_are_had_from_where_the_checker_of_types_has_them(package: ModuleType) -> None:
    source = ast.parse(Path(str(package.__file__)).read_text(encoding="utf-8"))
    (typed,) = (node for node in source.body if isinstance(node, ast.If))
    imports = [node for node in typed.body if isinstance(node, ast.ImportFrom)]
    assert {str(node.module): tuple(name.name for name in node.names) for node in imports} == package._HOMES
    assert {*package.__all__} == {*package._HOME}
    assert {*package.__all__} <= {*dir(package)}
    for name, home in package._HOME.items():
        assert getattr(package, name) is getattr(import_module(home), name)
    # Python binds a module to its package under its own name when it is imported: the public one would be hidden.
    assert not {*package.__all__} & {module.name for module in pkgutil.iter_modules(package.__path__)}


def test_public_names_exist() -> None:
    assert {"load_market", "load_model", "solve", "simulated_market"} <= set(aggplus.__all__)
