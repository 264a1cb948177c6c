"""Our tables into a file and back, by PostgreSQL's own programs."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

import sqlalchemy as sa

from db.embedded import PROGRAM_ENVIRONMENT, installed_program
from db.errors import BackupError
from db.schema import artefact_part, metadata
from db.store.engine import create_engine
from db.store.opening import direct_address, open_server
from db.store.programs import connecting, ended_with_us

if TYPE_CHECKING:
    from db.settings import Settings

_OUR_TABLES = sa.text(
    "SELECT format('%I.%I', current_schema(), relname) FROM pg_class"
    " WHERE relnamespace = quote_ident(current_schema())::regnamespace AND relkind IN ('r', 'p')"
    " AND (relname = ANY (:names) OR relname ~ '^embedding_[0-9]+$') ORDER BY relname"
).bindparams(names=[*metadata.tables, "alembic_version"])
_EACH_GENERATIONS = "embedding_[0-9]+"  # a pattern, as one may be added while the others are dumped
_ERROR = re.compile(r"^.*?error: *", re.IGNORECASE)
_HEAD_BYTES = 4096
_UNKNOWN_BEFORE_17 = b"SET transaction_timeout = 0;"
"""What `pg_restore` 18 begins with, whatever server it is for."""

_PLAIN = ("--no-owner", "--no-privileges", "--no-comments", "--no-password")


def dump_database(settings: Settings, to: Path) -> str:
    """Writes all that is in our tables, as of one moment, and returns its name; nobody is kept from asking or voting.

    Raises:
        BackupError: the server is newer than the program, the disk is full, or something can't be read.
        DatabaseUnavailableError: the database can't be reached.
    """
    with _reached(settings) as engine:
        with engine.connect() as connection:
            schema = str(connection.scalar(sa.select(sa.func.current_schema())))
        named = '"{}"'.format(schema.replace('"', '""'))
        tables = [_EACH_GENERATIONS, *(f'"{name}"' for name in (*metadata.tables, "alembic_version"))]
        ours = [f"--table={named}.{table}" for table in tables]
        # models lie beside it as files, wherever they were
        without = f'--exclude-table-data={named}."{artefact_part.name}"'
        _run("pg_dump", engine, *_PLAIN, "--format=custom", *ours, without, f"--file={to}")
    return schema


def restore_database(settings: Settings, dumped: Path, schema: str) -> None:
    """Puts our tables back as they were dumped, in the place of those that are there, in one transaction.

    What others have in the schema stays.

    Raises:
        BackupError: the schema goes by another name here, or what was dumped can't be put back: nothing is changed.
        DatabaseUnavailableError: the database can't be reached.
    """
    with _reached(settings) as engine:
        with engine.begin() as connection:
            here = connection.scalar(sa.select(sa.func.current_schema()))
            if here != schema:
                raise BackupError(
                    f"The backup is of schema {schema}, and this database's is {here}: name that one with ?schema= in "
                    "NIGHTSHIFT_DATABASE_URL."
                )
            connection.execute(sa.text("CREATE EXTENSION IF NOT EXISTS vector"))
            ours = connection.scalars(_OUR_TABLES).all()
        _replace(engine, ours, dumped)
        with engine.begin() as connection:  # or the first searches would be planned for empty tables
            for table in connection.scalars(_OUR_TABLES).all():
                connection.execute(sa.text(f"ANALYZE {table}"))


def _replace(engine: sa.Engine, ours: Sequence[str], dumped: Path) -> None:
    """The tables go, and what was dumped comes, or neither."""
    read = [str(installed_program("pg_restore")), *_PLAIN, "--file=-", str(dumped)]
    in_one = ("--no-psqlrc", "--no-password", "--set=ON_ERROR_STOP=1", "--single-transaction", "--file=-")
    with (
        connecting(engine) as (known, environment),
        tempfile.TemporaryFile() as of_reading,
        tempfile.TemporaryFile() as of_writing,
    ):
        write = [str(installed_program("psql")), f"--dbname={known}", *in_one]
        reading = subprocess.Popen(read, env=PROGRAM_ENVIRONMENT, stdout=subprocess.PIPE, stderr=of_reading)  # noqa: S603 - PostgreSQL's own
        writing = subprocess.Popen(  # noqa: S603 - as well
            write, env=environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=of_writing
        )
        with ended_with_us(writing, reading):
            is_whole = _pass_on(reading, writing, ours)
        if not is_whole:
            _require_success("pg_restore", reading, of_reading)
        _require_success("psql", writing, of_writing)


def _pass_on(reading: subprocess.Popen[bytes], writing: subprocess.Popen[bytes], ours: Sequence[str]) -> bool:
    """Whether all could be read: if not, the client is killed, which would take the end for a reason to commit."""
    script, client = cast("IO[bytes]", reading.stdout), cast("IO[bytes]", writing.stdin)
    is_whole = True
    with suppress(BrokenPipeError), script, client:
        client.write("".join(f"DROP TABLE {table} CASCADE;\n" for table in ours).encode())
        client.write(script.read(_HEAD_BYTES).replace(_UNKNOWN_BEFORE_17, b""))
        shutil.copyfileobj(script, client)
        if reading.wait():
            is_whole = False  # what is left to write finds nobody any more
            writing.kill()
    writing.wait()
    return is_whole


@contextmanager
def _reached(settings: Settings) -> Iterator[sa.Engine]:
    with open_server(settings) as url:
        address = direct_address(settings) or sa.make_url(url)
        engine = create_engine(address, connect_timeout_s=settings.connect_timeout_s)
        try:
            yield engine
        finally:
            engine.dispose()


def _run(program: str, engine: sa.Engine, *options: str) -> None:
    with connecting(engine) as (known, environment), tempfile.TemporaryFile() as said:
        command = [str(installed_program(program)), f"--dbname={known}", *options]
        process = subprocess.Popen(  # noqa: S603 - PostgreSQL's own program
            command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said
        )
        with ended_with_us(process):
            process.wait()
        _require_success(program, process, said)


def _require_success(program: str, process: subprocess.Popen[bytes], said: IO[bytes]) -> None:
    if not process.returncode:
        return
    said.seek(0)
    lines = said.read().decode(errors="replace").splitlines()
    line = next((own for own in lines if _ERROR.search(own)), f"exit code {process.returncode}")
    raise BackupError(f"{program} failed: {_ERROR.sub('', line)}")
