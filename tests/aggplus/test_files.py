"""A result file is whole or not there, whatever happens while it is written."""

import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from aggplus.errors import OutputError
from aggplus.files import write_whole

OLD, NEW = b"old content\n", b"new content\n" * 100_000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "result.json"
    path.write_bytes(OLD)
    return path


def test_writes_and_overwrites(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    for content in (OLD, NEW, b""):
        write_whole(path, content)
        assert path.read_bytes() == content
    assert os.listdir(tmp_path) == ["result.json"]


@pytest.mark.parametrize("step", ["replace", "fsync", "chmod"])
def test_a_failure_leaves_the_old_content_and_nothing_else(
    file: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, step, fail)
    with pytest.raises(OutputError, match=r"result\.json: cannot be written \(No space left on device\)"):
        write_whole(file, NEW)
    assert file.read_bytes() == OLD
    assert os.listdir(file.parent) == [file.name]


def test_an_interrupt_leaves_the_old_content_and_nothing_else(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_whole(file, NEW)
    assert file.read_bytes() == OLD
    assert os.listdir(file.parent) == [file.name]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL here")
def test_a_killed_process_leaves_the_old_content(file: Path) -> None:
    """Killed when everything is written but the name: the worst moment there is."""
    text = (
        "import os, signal\nfrom pathlib import Path\nfrom aggplus.files import write_whole\n"
        "os.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"write_whole(Path({str(file)!r}), b'new' * 1000000)\n"
    )
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert file.read_bytes() == OLD


@pytest.mark.parametrize("mask", [0o022, 0o027, 0o077])
def test_umask(tmp_path: Path, mask: int) -> None:
    path = tmp_path / "result.json"
    before = os.umask(mask)
    try:
        write_whole(path, NEW)
        after = os.umask(mask)
    finally:
        os.umask(before)
    assert after == mask
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~mask


def test_a_link_is_followed(file: Path, tmp_path: Path) -> None:
    (tmp_path / "links").mkdir()
    link = tmp_path / "links" / "latest.json"
    link.symlink_to(file)
    write_whole(link, NEW)
    assert link.is_symlink()
    assert file.read_bytes() == NEW
    assert os.listdir(link.parent) == [link.name]


def test_a_pipe_is_written_to_not_replaced(tmp_path: Path) -> None:
    """Else `--json /dev/stdout` or `--json /dev/null`, said by a superuser, would replace the device."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()), daemon=True)
    reader.start()
    write_whole(pipe, NEW)
    reader.join(10)
    assert read == [NEW]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_the_longest_name_that_a_folder_takes(tmp_path: Path) -> None:
    path = tmp_path / ("x" * os.pathconf(tmp_path, "PC_NAME_MAX"))
    write_whole(path, NEW)
    assert path.read_bytes() == NEW
    with pytest.raises(OutputError, match="File name too long"):
        write_whole(path.with_name(path.name + "x"), NEW)


def test_folders(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="it is a folder"):
        write_whole(tmp_path, NEW)
    with pytest.raises(OutputError, match="does not exist; make it first"):
        write_whole(tmp_path / "no" / "result.json", NEW)
    (tmp_path / "plain").write_bytes(OLD)
    with pytest.raises(OutputError, match="does not exist"):
        write_whole(tmp_path / "plain" / "result.json", NEW)
    assert os.listdir(tmp_path) == ["plain"]
