"""A file of the user's that bears the name of one of our packages is noticed and named."""

import subprocess
import sys
from pathlib import Path

import pytest

from aggplus.shadowing import PACKAGES


def run_script(
    folder: Path, text: str = "import aggplus\nprint(aggplus.load_model('baseline').id)\n"
) -> tuple[int, str, str]:
    script = folder / "script.py"
    script.write_text(text)
    done = subprocess.run([sys.executable, script], cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def test_nothing_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "mandates.py").write_text("")
    assert run_script(tmp_path) == (0, "ModelPort20\n", "")


@pytest.mark.parametrize("name", ["constraints.py", "optimizer/__init__.py", "universe/__init__.py"])
def test_in_the_way(tmp_path: Path, name: str) -> None:
    culprit = tmp_path / name
    culprit.parent.mkdir(exist_ok=True)
    culprit.write_text("")
    code, out, err = run_script(tmp_path)
    assert (code, out) == (1, "")
    last = err.splitlines()[-1]
    package = name.removesuffix("/__init__.py").removesuffix(".py")
    assert last == (
        f"aggplus.shadowing.ShadowedPackageError: {culprit.resolve()} is in the way of aggplus's own "
        f"package {package}: rename that file, or run from another folder"
    )
    # One message, not an accident inside one of our modules and another on top.
    assert err.count("Traceback") == 1


def test_imported_before_us(tmp_path: Path) -> None:
    """A notebook that has already imported its own file."""
    other = tmp_path / "elsewhere"
    other.mkdir()
    (other / "constraints.py").write_text("")
    text = "import sys\nsys.path.insert(0, 'elsewhere')\nimport constraints\nsys.path.pop(0)\nimport aggplus\n"
    code, _, err = run_script(tmp_path, text)
    assert code == 1
    assert f"{(other / 'constraints.py').resolve()} is in the way" in err.splitlines()[-1]


def test_a_folder_of_data_works_or_is_named(tmp_path: Path) -> None:
    """A folder without code hides a package only where aggplus is installed as editable."""
    (tmp_path / "optimizer").mkdir()
    (tmp_path / "optimizer" / "notes.csv").write_text("")
    code, out, err = run_script(tmp_path)
    if code == 0:
        assert out == "ModelPort20\n"
    else:
        assert f"{(tmp_path / 'optimizer').resolve()} is in the way" in err.splitlines()[-1]


def test_the_installed_command_is_not_disturbed(tmp_path: Path) -> None:
    """It does not look for modules in the folder it is called from."""
    command = Path(sys.executable).with_name("aggplus")
    if not command.exists():
        pytest.skip("the command is not installed beside this Python")
    (tmp_path / "constraints.py").write_text("raise SystemExit('imported')\n")
    done = subprocess.run([command, "--help"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_every_package_of_ours_is_watched() -> None:
    assert set(PACKAGES) == {"universe", "riskmodels", "constraints", "optimizer"}
