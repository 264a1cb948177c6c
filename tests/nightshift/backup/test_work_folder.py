"""Several at once in one folder, on one machine or on several by a network disk: none touches what another makes."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from pathlib import Path

import pytest

from db.errors import BackupError
from nightshift.backup import work_folder
from nightshift.backup.work_folder import folder_beside

TWO_DAYS_S = 2 * 24 * 3600


def of_another_machine(parent: Path) -> Path:
    """What one is at there: its lock is nowhere to be seen here."""
    made = parent / ".nightshift-backup-5f3a9c11-xyz"
    made.mkdir()
    (made / "database.dump").write_text("half")
    return made


def make_old(*paths: Path) -> None:
    long_ago = time.time() - TWO_DAYS_S
    for path in paths:
        os.utime(path, (long_ago, long_ago))


def test_one_beside_another_leaves_that_alone(tmp_path: Path) -> None:
    with folder_beside(tmp_path / "store.tar") as others:
        with folder_beside(tmp_path / "another.tar") as own:
            assert others.is_dir() and own != others
        assert others.is_dir()
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_one_left_goes_at_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with folder_beside(tmp_path / "store.tar") as work:
        left = work.with_name(work.name + "killed")
    left.mkdir()
    with folder_beside(tmp_path / "store.tar"):
        assert not left.exists()
    assert f"{left} was left by a backup" in caplog.text


def test_another_machine_s_is_left_alone_until_nothing_was_written_to_it_for_a_day(tmp_path: Path) -> None:
    others = of_another_machine(tmp_path)
    with folder_beside(tmp_path / "store.tar"):
        assert (others / "database.dump").is_file()
    make_old(others)
    with folder_beside(tmp_path / "store.tar"):
        assert (others / "database.dump").is_file()
    make_old(others / "database.dump", others)
    with folder_beside(tmp_path / "store.tar"):
        assert not others.exists()


def test_a_disk_without_locks_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody knows then what is in use: what was written to lately is left alone, whoever made it."""

    def refuse(_descriptor: int, _operation: int) -> None:
        raise OSError(errno.ENOSYS, "Function not implemented")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with folder_beside(tmp_path / "store.tar") as others:
        with folder_beside(tmp_path / "another.tar"):
            assert others.is_dir()
        make_old(others)
        with folder_beside(tmp_path / "another.tar"):
            assert not others.exists()


def test_what_else_a_disk_refuses_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_descriptor: int, _operation: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(fcntl, "flock", fail)
    with pytest.raises(BackupError, match=r"can't be written to \(Input/output error\)"):
        with folder_beside(tmp_path / "store.tar"):
            pass


def test_where_there_is_no_linux_machines_are_told_apart_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(_path: Path) -> str:
        raise FileNotFoundError

    monkeypatch.setattr(Path, "read_text", missing)
    monkeypatch.setattr(work_folder.platform, "node", lambda: "mac")
    with folder_beside(tmp_path / "store.tar") as work:
        assert work.name.startswith(".nightshift-backup-mac-")
