"""The embedded server is reached whatever libpq's variables say, by every process."""

from __future__ import annotations

import os
from pathlib import Path

import psycopg
import pytest

from db.embedded import EmbeddedServer
from db.embedded.address import CLIENT_VARIABLES
from tests.db.embedded.processes import QUICK, StartPython, connect

HOSTILE = {
    "PGSERVICE": "nope",
    "PGSERVICEFILE": "/nowhere/pg_service.conf",
    "PGHOST": "nowhere.invalid",
    "PGHOSTADDR": "10.255.255.1",
    "PGPORT": "1",
    "PGDATABASE": "nope",
    "PGUSER": "nope",
    "PGPASSWORD": "nope",
    "PGPASSFILE": "/nowhere/pgpass",
    "PGREQUIREAUTH": "none",
    "PGREQUIREPEER": "nobody-here",
    "PGCHANNELBINDING": "require",
    "PGTARGETSESSIONATTRS": "read-only",
    "PGLOADBALANCEHOSTS": "nonsense",
    "PGSSLMODE": "verify-full",
    "PGSSLROOTCERT": "system",
    "PGSSLNEGOTIATION": "direct",
    "PGSSLCERT": "/nowhere/cert",
    "PGGSSENCMODE": "require",
    "PGMINPROTOCOLVERSION": "nonsense",
    "PGSSLMINPROTOCOLVERSION": "nonsense",
    "PGOPTIONS": "-c default_transaction_read_only=on -c statement_timeout=1",
    "PGCONNECT_TIMEOUT": "nonsense",
    "PGCLIENTENCODING": "SQL_ASCII",
    "PGTZ": "Nowhere/Nothing",
    "PGDATESTYLE": "nonsense",
    "PGGEQO": "nonsense",
    "PGAPPNAME": "nope",
}

USE = """
import sys
from pathlib import Path
from db.embedded import EmbeddedServer
from db.settings import Settings
from db.store import open_store, raw_connection
home = Path(sys.argv[1])
print(EmbeddedServer.status(home / "postgres").running, end=" ")
with open_store(Settings(data_dir=home)) as engine, raw_connection(engine) as raw:
    raw.execute("CREATE TABLE kept (n int)")
    print(raw.info.user, raw.info.dbname, EmbeddedServer.status(home / "postgres").version)
"""


def test_another_process_gets_there_whatever_all_of_them_say(
    server_home: Path, start_python: StartPython, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = server_home.with_name(f"{server_home.name}-data")
    data.mkdir(mode=0o711)
    server_home.rename(data / "postgres")
    for name, value in HOSTILE.items():
        monkeypatch.setenv(name, value)
    user = start_python(USE, data)
    out, err = user.communicate(timeout=60)
    (data / "postgres").rename(server_home)
    data.rmdir()
    assert out.split()[:3] == ["False", "nightshift", "nightshift"], err


def test_a_running_one_is_attached_to_whatever_each_of_them_says(
    server_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = EmbeddedServer.attach(server_home, settings=QUICK)
    for name, value in HOSTILE.items():
        monkeypatch.setenv(name, value)
        assert EmbeddedServer.attach(server_home) is server, name
        connect(server).close()
        assert name not in os.environ
        monkeypatch.setenv(name, value)
        assert EmbeddedServer.status(server_home).running, name
    server.detach()


def test_all_that_libpq_reads_is_known() -> None:
    read = {option.envvar.decode() for option in psycopg.pq.Conninfo.get_defaults() if option.envvar}
    assert read | set(HOSTILE) <= set(CLIENT_VARIABLES)
