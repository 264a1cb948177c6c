"""PostgreSQL's programs reach what the pool reaches, and nobody sees a secret among their arguments."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from db.embedded import installed_program
from db.store import create_engine
from db.store.address import read_address
from db.store.programs import connecting, ended_with_us
from tests.own_postgres import APP, PASSWORD, OwnServer, free_port

WHERE = "SELECT current_user, inet_server_port()"


@contextmanager
def programs(url: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    engine = create_engine(read_address(url), connect_timeout_s=5)
    with connecting(engine) as known:
        yield known
    engine.dispose()


def ask(known: str, environment: Mapping[str, str]) -> str:
    command = [str(installed_program("psql")), f"--dbname={known}", "--no-password", "--no-psqlrc", "-Atc"]
    done = subprocess.run(
        [*command, "SELECT current_user, inet_server_port()"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() or done.stderr


def test_no_secret_is_among_the_arguments(own: OwnServer) -> None:
    url = own.url(sslpassword="key-2", oauth_client_secret="secret-3", schema="s", pgbouncer="false")
    with programs(url) as (known, environment):
        assert not [secret for secret in (PASSWORD, "key-2", "secret-3") if secret in known]
        assert not [name for name in ("schema", "pgbouncer", "options") if name in known]
        file = Path(environment["PGSERVICEFILE"])
        assert {"sslpassword=key-2", "oauth_client_secret=secret-3"} < set(file.read_text().splitlines())
        assert file.parent.stat().st_mode & 0o077 == 0
        assert ask(known, environment) == f"{APP}|{own.port}"
        file.write_text("[nightshift]\nsslpasswort=x")
        assert "syntax error in service file" in ask(known, environment)  # it is the one that is read
    assert not file.parent.exists()


def by_pgpass(folder: Path, port: int) -> tuple[str, dict[str, str]]:
    (folder / ".pgpass").write_text("*:*:*:*:" + PASSWORD.replace(":", "\\:"))
    (folder / ".pgpass").chmod(0o600)
    return f"postgresql://{APP}@127.0.0.1:{port}/postgres", {"HOME": str(folder)}


def by_service(folder: Path, port: int) -> tuple[str, dict[str, str]]:
    lines = ["[mine]", "host=127.0.0.1", f"port={port}", f"user={APP}", f"password={PASSWORD}", "dbname=postgres"]
    (folder / "services").write_text("\n".join([*lines, "sslpassword=key-2"]))
    return "postgresql:///?service=mine", {"PGSERVICEFILE": str(folder / "services")}


def by_variables(_: Path, port: int) -> tuple[str, dict[str, str]]:
    given = {
        "PGUSER": APP,
        "PGPASSWORD": PASSWORD,
        "PGPORT": str(port),
        "PGHOST": "127.0.0.1",
        "PGDATABASE": "postgres",
    }
    return "postgresql://", given | {"PGOPTIONS": "-c statement_timeout=1", "PGCLIENTENCODING": "latin1"}


def by_the_second_host(_: Path, port: int) -> tuple[str, dict[str, str]]:
    url = f"host=127.0.0.1,127.0.0.1 port={free_port()},{port} user={APP} dbname=postgres"
    return url, {"PGPASSWORD": PASSWORD, "PGHOSTADDR": "192.0.2.1"}  # which leads elsewhere than the address says


@pytest.mark.parametrize("way", [by_pgpass, by_service, by_variables, by_the_second_host], ids=lambda way: way.__name__)
def test_a_program_gets_where_the_pool_does(
    own: OwnServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: object
) -> None:
    url, variables = way(tmp_path, own.port)  # type: ignore[operator]
    for name, value in {**variables, "NIGHTSHIFT_LLM_API_KEY": "hunter2"}.items():
        monkeypatch.setenv(name, value)
    with programs(url) as (known, environment):
        assert ask(known, environment) == f"{APP}|{own.port}"
        assert PASSWORD not in known and "key-2" not in known
        assert "hunter2" not in environment.values()


def test_a_program_ends_with_us() -> None:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    with pytest.raises(SystemExit), ended_with_us(process):
        raise SystemExit(143)
    assert process.returncode is not None
