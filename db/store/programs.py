"""PostgreSQL's own programs, which the embedded server's wheel brings, run on a database as the pool connects to it."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg
import sqlalchemy as sa
from psycopg import conninfo

from db.embedded import PROGRAM_ENVIRONMENT

_OF_THE_POOL = {"service", "servicefile", "passfile", "password", "options", "client_encoding", "application_name"}
"""What is resolved already, or means nothing to a program or would change what it writes."""

_SERVICE = "nightshift"
_HIDDEN = b"*"
"""How libpq marks an option that nobody is to see."""


@contextmanager
def connecting(engine: sa.Engine) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yields what a program takes for `--dbname`, and its environment, so that it gets to where the engine does.

    However that was found out: from its address, a service, libpq's own variables, `.pgpass`. Arguments are for
    everybody on the machine to see, so no secret is among them.

    Raises:
        DatabaseUnavailableError: the database can't be reached.
    """
    with engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert isinstance(raw, psycopg.Connection)  # noqa: S101 - all of our engines' are
        options, secrets = _resolved(raw.pgconn)
        password = raw.pgconn.password.decode()
    environment = {**PROGRAM_ENVIRONMENT, "HOME": str(Path.home())}  # libpq looks for certificates there
    if password:
        environment["PGPASSWORD"] = password
    if not secrets:
        yield conninfo.make_conninfo("", **options), environment
        return
    with tempfile.TemporaryDirectory(prefix="nightshift-service-") as folder:  # which nobody else can enter
        file = Path(folder) / "service"
        file.write_text("\n".join([f"[{_SERVICE}]", *(f"{name}={value}" for name, value in secrets.items()), ""]))
        environment["PGSERVICEFILE"] = str(file)
        yield conninfo.make_conninfo("", **options, service=_SERVICE), environment


@contextmanager
def ended_with_us(*processes: subprocess.Popen[bytes]) -> Iterator[None]:
    """Processes don't outlive the block, however it ends; without this an exit would wait for what nobody wants."""
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def _resolved(connection: psycopg.pq.abc.PGconn) -> tuple[dict[str, str], dict[str, str]]:
    """What a connection was made with, of several hosts the one that it is to; and apart from it what is secret."""
    options: dict[str, str] = {}
    secrets: dict[str, str] = {}
    for option in connection.info:
        name, value = option.keyword.decode(), (option.val or b"").decode()
        if value and option.val != option.compiled and name not in _OF_THE_POOL:
            (secrets if option.dispchar == _HIDDEN or name.startswith("scram_") else options)[name] = value
    options |= {"host": connection.host.decode(), "port": connection.port.decode()}
    if "," in options.get("hostaddr", ""):
        options["hostaddr"] = connection.hostaddr.decode()
    return {name: value for name, value in options.items() if value}, secrets
