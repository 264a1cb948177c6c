from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from db.embedded.file_lock import FileLock
from tests.conftest import ROOT


def test_one_exclusive_lock_or_many_shared_ones(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with FileLock.acquire(path):
        assert FileLock.try_acquire(path) is None
    with FileLock.acquire(path, shared=True), FileLock.acquire(path, shared=True):
        assert FileLock.try_acquire(path) is None
    last = FileLock.try_acquire(path)
    assert last is not None
    last.close()
    last.close()
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_child_that_was_handed_the_descriptor_holds_the_lock_on(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with FileLock.acquire(path) as lock:
        child = subprocess.Popen(["cat"], stdin=subprocess.PIPE, pass_fds=(lock.fd,))
    assert FileLock.try_acquire(path) is None
    child.communicate()
    with FileLock.acquire(path):
        pass


def test_a_forked_child_keeps_no_lock(tmp_path: Path) -> None:
    script = """
import os, sys
from pathlib import Path
from db.embedded.file_lock import FileLock
path = Path(sys.argv[1])
lock = FileLock.acquire(path)
waiting, going = os.pipe()
hearing, telling = os.pipe()
if os.fork() == 0:
    os.close(going)
    os.write(telling, b"!")
    os.read(waiting, 1)
    os._exit(0)
os.read(hearing, 1)
still_ours = FileLock.try_acquire(path) is None
lock.close()
print(still_ours, FileLock.try_acquire(path) is not None)
os.close(going)
os.wait()
"""
    command = [sys.executable, "-c", script, str(tmp_path / "lock")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.stdout == "True True\n", done.stderr


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic links"):
        FileLock.acquire(tmp_path / "lock")
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes files for others")
def test_root_gives_a_new_lock_to_the_owner_of_its_folder(tmp_path: Path) -> None:
    os.chown(tmp_path, 12345, 12345)
    FileLock.acquire(tmp_path / "lock").close()
    assert (tmp_path / "lock").stat().st_uid == 12345


def test_a_wait_that_is_broken_off_leaves_no_descriptor_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[int] = []

    def interrupt(fd: int, _how: int) -> None:
        waited.append(fd)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("fcntl.flock", interrupt)
        FileLock.acquire(tmp_path / "lock")
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(waited[0])
    FileLock.acquire(tmp_path / "lock").close()
