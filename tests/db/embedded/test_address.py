from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

import psycopg
import pytest
import sqlalchemy

from db.embedded import EmbeddedServer, address
from db.embedded.home import Home, find_home
from tests.conftest import copy_home
from tests.db.embedded.processes import QUICK, connect, processes_of


@pytest.mark.parametrize(
    "name",
    ["with a space", 'it\'s "$HOME" %41+ü;`x`', "a,b", "/".join(["quite-a-long-name-for-a-folder"] * 8)],
    ids=["space", "signs", "comma", "long"],
)
def test_any_path_will_do(name: str, homes: Path, made_home: Path) -> None:
    home = homes / name
    home.parent.mkdir(parents=True, exist_ok=True)
    copy_home(made_home, home)
    server = EmbeddedServer.attach(home, settings=QUICK)
    try:
        assert EmbeddedServer.status(home).running
        engine = sqlalchemy.create_engine(server.url)
        with engine.connect() as connection:
            backend = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
            assert backend in {process.pid for process in processes_of(home)}
        engine.dispose()
        assert (home / "run" / ".s.PGSQL.5432").is_socket() or sys.platform != "linux"
    finally:
        EmbeddedServer.stop(home)
        server.detach()


def test_where_no_socket_can_be_named_it_listens_on_the_loopback_address(
    server_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(address, "SOCKET_PATH_BYTES", 10)
    monkeypatch.setattr(address, "OWN_DESCRIPTORS", Path("/nowhere"))
    server = EmbeddedServer.attach(server_home, settings=QUICK)
    url = sqlalchemy.make_url(server.url)
    assert (url.host, url.query["require_auth"]) == ("127.0.0.1", "scram-sha-256")
    assert list((server_home / "run").iterdir()) == []
    with connect(server) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("127.0.0.1",)
    assert EmbeddedServer.status(server_home).version is not None


def test_the_descriptor_follows_a_home_that_was_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not address.OWN_DESCRIPTORS.is_dir():
        pytest.skip("this system doesn't show a process its descriptors")
    monkeypatch.setattr(address, "SOCKET_PATH_BYTES", 10)
    folder = tmp_path / "run"
    folder.mkdir()
    first = address.socket_folder(tmp_path)
    assert address.socket_folder(tmp_path) == first
    folder.rename(tmp_path / "old")
    folder.mkdir()
    second = address.socket_folder(tmp_path)
    assert os.path.samefile(second, folder)
    os.close(int(first.name))
    os.close(int(second.name))


def test_who_has_the_password_in_the_environment_finds_it_open_too(
    server_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    EmbeddedServer.attach(server_home, settings=QUICK)
    found = address.listening_address(find_home(server_home))
    assert found is not None and found.knock() == "open"
    monkeypatch.setenv("PGPASSWORD", (server_home / "password").read_text())
    assert found.knock() == "open"


def test_a_server_with_as_many_waiting_as_may_is_silent_and_not_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**_: object) -> None:
        raise psycopg.OperationalError(f"connection failed: {os.strerror(errno.EAGAIN)}")

    monkeypatch.setattr(psycopg, "connect", full)
    assert address.Address("127.0.0.1", 1).knock() == "silent"


@pytest.mark.parametrize("content", ["", "4711\n/data\n1700000000\n", "1\n2\n3\nno port\n5\n6\n"])
def test_a_server_that_is_starting_has_no_address_yet(tmp_path: Path, content: str) -> None:
    home = Home(tmp_path)
    home.pgdata.mkdir()
    (home.pgdata / "postmaster.pid").write_text(content)
    assert address.listening_address(home) is None
