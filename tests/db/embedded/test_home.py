from __future__ import annotations

import logging
import os
import pwd
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from db.embedded import EmbeddedServer, home
from db.embedded.home import make_home
from db.errors import EmbeddedServerError
from tests.conftest import copy_home
from tests.db.embedded.processes import QUICK, connect, processes_of

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="root's own rules")


@pytest.fixture
def roots_place(homes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Instead of /var/lib/nightshift."""
    place = homes / f"place-{tmp_path.name}"
    monkeypatch.setattr(home, "ROOTS_PLACE", place)
    return place


@pytest.fixture
def closed_folder() -> Iterator[Path]:
    """A folder that only this user can enter, as /root is."""
    folder = Path(tempfile.mkdtemp(prefix="nightshift-closed-"))
    yield folder
    shutil.rmtree(folder)


def _what_is(folder: Path) -> tuple[int, int, int, int, list[str]]:
    """Whose it is, and what is in it. Not when it was read, for to look inside is to read it."""
    status = folder.stat()
    names = sorted(path.name for path in folder.iterdir())
    return status.st_mode, status.st_uid, status.st_gid, status.st_mtime_ns, names


def test_a_new_home_is_private(homes: Path) -> None:
    made = make_home(homes / "new" / "home")
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o700
    assert (made.account is None) == (os.geteuid() != 0)


def test_a_folder_with_other_files_is_refused(homes: Path) -> None:
    (homes / "full").mkdir()
    (homes / "full" / "thesis.txt").touch()
    before = _what_is(homes / "full")
    with pytest.raises(EmbeddedServerError, match="to itself"):
        EmbeddedServer.attach(homes / "full")
    assert _what_is(homes / "full") == before


def test_a_home_that_cannot_be_made_is_told(homes: Path) -> None:
    (homes / "file").touch()
    with pytest.raises(EmbeddedServerError, match="file"):
        EmbeddedServer.attach(homes / "file" / "home")


@as_root
def test_root_runs_it_under_an_account_that_exists(server_home: Path) -> None:
    accounts = Path("/etc/passwd").read_bytes()
    EmbeddedServer.attach(server_home, settings=QUICK)
    process = psutil.Process(EmbeddedServer.status(server_home).pid)
    assert process.uids().real == server_home.stat().st_uid != 0
    assert process.uids() == (process.uids().real,) * 3
    assert process.gids().real == pwd.getpwuid(process.uids().real).pw_gid
    assert Path("/etc/passwd").read_bytes() == accounts


@as_root
def test_root_uses_the_owner_of_the_home(homes: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    (homes / "nobodys").mkdir(mode=0o700)
    os.chown(homes / "nobodys", nobody.pw_uid, nobody.pw_gid)
    made = make_home(homes / "nobodys")
    assert made.account == nobody
    made.write_private("password", "secret")
    assert (made.path / "password").stat().st_uid == nobody.pw_uid


@as_root
def test_a_home_out_of_the_accounts_reach_is_moved_and_the_folders_stay_closed(
    closed_folder: Path, roots_place: Path, made_home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    asked = closed_folder / "data"
    with caplog.at_level(logging.WARNING):
        moved = make_home(asked).path
    assert moved.parent == roots_place
    assert str(moved) in caplog.text
    assert str(moved) in (asked / "MOVED.txt").read_text()
    assert stat.S_IMODE(closed_folder.stat().st_mode) == 0o700
    shutil.rmtree(moved)
    copy_home(made_home, moved)
    server = EmbeddedServer.attach(asked, settings=QUICK)
    assert EmbeddedServer.status(asked).home == moved
    with connect(server) as connection:
        assert connection.info.backend_pid in {process.pid for process in processes_of(moved)}
    closed_folder.chmod(0o755)
    assert EmbeddedServer.attach(asked) is server
    assert EmbeddedServer.stop(asked)
    server.detach()


@as_root
def test_data_whose_folder_was_closed_are_not_replaced_by_an_empty_database(
    closed_folder: Path, roots_place: Path, made_home: Path
) -> None:
    copy_home(made_home, closed_folder / "data")
    with pytest.raises(EmbeddedServerError, match="Permission denied"):
        EmbeddedServer.attach(closed_folder / "data", settings=QUICK)
    assert not roots_place.exists()


def test_private_files_are_whole_and_never_written_through_a_link(homes: Path) -> None:
    made = make_home(homes / "written")
    (homes / "victim").write_text("untouched")
    for name in ("password", "password.new"):
        (made.path / name).symlink_to(homes / "victim")
    made.write_private("password", "secret")
    assert (homes / "victim").read_text() == "untouched"
    assert (made.path / "password").read_text() == "secret"
    assert not (made.path / "password").is_symlink()
    assert stat.S_IMODE((made.path / "password").stat().st_mode) == 0o600


@as_root
def test_a_folder_of_another_user_s_is_refused_to_who_is_not_root(homes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (homes / "roots").mkdir()
    monkeypatch.setattr("os.geteuid", lambda: pwd.getpwnam("nobody").pw_uid)
    assert home.find_home(homes / "roots") == home.Home(homes / "roots")
    with pytest.raises(EmbeddedServerError, match="belongs to another user; set NIGHTSHIFT_DATA_DIR"):
        make_home(homes / "roots")
    assert list((homes / "roots").iterdir()) == []


@as_root
def test_where_the_account_can_enter_no_place_at_all_that_is_said(
    closed_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(home, "ROOTS_PLACE", closed_folder / "place")
    with pytest.raises(EmbeddedServerError, match="can enter neither .*set NIGHTSHIFT_DATA_DIR"):
        make_home(closed_folder / "data")
