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


def test_the_readme_begins_with_two_commands_and_has_five_lines_of_python() -> None:
    """That they run is tested with the blocks of all pages."""
    first, *_ = blocks("README.md", "python")
    assert len([line for line in first.splitlines() if line.strip()]) == 5
    two, *_ = blocks("README.md", "sh")
    assert re.findall(r"^make ([a-z]+)", two, flags=re.MULTILINE) == ["demo", "test"]
    assert (ROOT / "README.md").read_text(encoding="utf-8").index("```sh") < 800, "the two commands stand at the top"


def test_links_between_pages_lead_somewhere() -> None:
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for target, anchor in re.findall(r"\]\(([^)#\s]*)(#[^)\s]+)?\)", page.read_text(encoding="utf-8")):
            if "://" not in target:
                there = page.parent / target if target else page
                assert there.exists(), f"{page.name}: {target}"
                if anchor:
                    assert anchor[1:] in anchors(there), f"{page.name}: {target}{anchor}"


def anchors(page: Path) -> set[str]:
    """As GitHub makes them: lower case, blanks to hyphens, other signs dropped."""
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}


def test_the_list_of_pages_has_every_page() -> None:
    listed = re.findall(r"\]\(([\w-]+\.md)\)", (ROOT / "docs" / "README.md").read_text(encoding="utf-8"))
    assert set(listed) == {page.name for page in (ROOT / "docs").glob("*.md")} - {"README.md"}


@pytest.mark.parametrize("name", ["model_document", "command_line", "cookbook"])
def test_written_page_is_current(name: str) -> None:
    script = ROOT / "docs" / f"{name}.py"
    code = f"import runpy; print(runpy.run_path({str(script)!r})['page'](), end='')"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    page = ROOT / "docs" / f"{name.replace('_', '-')}.md"
    assert done.stdout == page.read_text(encoding="utf-8"), "run `make docs`"


@pytest.mark.parametrize("example", ["client", "priorities"])
def test_example_solves_on_the_built_in_market(example: str) -> None:
    portfolio = solve(load_model(ROOT / "examples" / f"{example}.toml"), simulated_market())
    assert portfolio.status == "solved"
    assert portfolio.certificate is not None
    assert portfolio.certificate.ok


def test_examples_are_all_tested() -> None:
    """Mandates on the real market, variants by the tests of grids, the others here."""
    there = {path.name for path in (ROOT / "examples").glob("*.toml")}
    assert there == {"client.toml", "priorities.toml", "variants.toml"}


def test_the_architecture_has_every_room() -> None:
    rows = re.findall(
        r"^\| `([\w/]+)` \| (.+) \|$", (ROOT / "docs" / "architecture.md").read_text(), flags=re.MULTILINE
    )
    floors = ("universe", "riskmodels", "constraints", "optimizer", "aggplus")
    rooms = {
        path.parent.relative_to(ROOT).as_posix() for floor in floors for path in (ROOT / floor).rglob("__init__.py")
    }
    assert {name for name, _ in rows} == rooms
    assert len(rows) == len(rooms)


def test_modules_that_the_architecture_names_exist() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    for name in re.findall(r"`((?:[\w-]+/)+[\w-]+\.py)`", text):
        assert (ROOT / name).exists() or (ROOT / "aggplus" / name).exists(), name
