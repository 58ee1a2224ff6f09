"""What the pages of the project say is true: their code runs, their examples solve, the reference is current."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from aggplus import load_model, simulated_market, solve

ROOT = Path(__file__).resolve().parent.parent


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), flags=re.DOTALL)


def test_python_in_the_readme_runs_and_begins_with_five_lines() -> None:
    first, *others = blocks("README.md", "python")
    assert len([line for line in first.splitlines() if line.strip()]) == 5
    code = "\n".join([first, *others])
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Certificate(" in done.stdout
    assert done.stdout.count("ModelPort55") == 3


def test_commands_in_the_readme_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    shell = "\n".join(blocks("README.md", "sh"))
    assert set(re.findall(r"^make ([a-z]+)", shell, flags=re.MULTILINE)) == {"demo", "test"}
    assert {"demo", "test"} <= targets
    first = (ROOT / "README.md").read_text().index("```sh")
    assert shell.splitlines()[0].startswith("make demo")
    assert first < 1200, "the two commands stand at the top"


def test_links_between_pages_lead_somewhere() -> None:
    for page in ROOT.glob("*.md"):
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (ROOT / target).exists(), f"{page.name}: {target}"


def test_reference_of_the_model_document_is_current() -> None:
    script = ROOT / "docs" / "model_document.py"
    code = f"import runpy; print(runpy.run_path({str(script)!r})['page'](), end='')"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == (ROOT / "docs" / "model-document.md").read_text(encoding="utf-8"), "run `make docs`"


@pytest.mark.parametrize(
    "example",
    sorted(set((ROOT / "examples").glob("*.toml")) - {ROOT / "examples" / "variants.toml"}),
    ids=lambda path: path.name,
)
def test_example_solves_on_the_built_in_market(example: Path) -> None:
    portfolio = solve(load_model(example), simulated_market())
    assert portfolio.status == "solved"
    assert portfolio.certificate is not None
    assert portfolio.certificate.ok
