"""What compiled code prints while a program is solved reaches nobody; what is printed before and after does."""

import os
import subprocess
import sys

import pytest

CODE = """
import ctypes
from aggplus.accounts.quiet_solver import quiet_solver
library = ctypes.CDLL(None)
print("before", flush=True)
with quiet_solver():
    library.printf(b"a line of the solver\\n")
print("after", flush=True)
library.printf(b"later\\n")
"""


@pytest.mark.skipif(os.name != "posix", reason="elsewhere the output of compiled code is left alone")
def test_only_what_is_written_within_is_thrown_away() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["before", "after", "later"]


@pytest.mark.skipif(os.name != "posix", reason="elsewhere the output of compiled code is left alone")
def test_a_closed_output_is_no_trouble() -> None:
    code = "import os; os.close(1)\nfrom aggplus.accounts.quiet_solver import quiet_solver\nwith quiet_solver(): pass\n"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0
