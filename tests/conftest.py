"""What every test shares: a clean environment, one PostgreSQL server, and a fresh database for each test that asks."""

from __future__ import annotations

import functools
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import hypothesis
import psycopg
import pytest
import sqlalchemy
from psycopg import sql

from db.embedded import EmbeddedServer
from db.embedded.file_lock import FileLock
from tests.own_postgres import APP, address, own_server, pooler

ROOT = Path(__file__).parents[1]
FOREIGN_PREFIXES = ("NIGHTSHIFT_", "PG", "SLACK_", "OPENAI_")
TEMPLATE = "nightshift_template"
HOMES_PREFIX = "nightshift-tests-"
IN_USE = "in-use.lock"
ROOM_BYTES = 4 * 1024**3
# A test's data needs to survive nothing, so nothing waits for the disk.
FAST_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "shared_buffers": "128MB",
    "maintenance_work_mem": "128MB",
}

if os.environ.get("CI_REQUIRE_ALL"):  # new examples are found at people's desks: CI judges a change, not its luck
    hypothesis.settings.load_profile("ci")

Fill = Callable[[sqlalchemy.Engine], object]

_numbers = itertools.count(1)

DIRECT_PORTS: dict[int, int] = {}
"""Of a pooler's port, that of the server behind it."""


def strip_environment(patch: pytest.MonkeyPatch) -> None:
    """Take away whatever the developer's shell says about databases, Slack and models; never go online."""
    for name in list(os.environ):
        if name.startswith(FOREIGN_PREFIXES):
            patch.delenv(name)
    patch.setenv("HF_HUB_OFFLINE", "1")
    # nor what stands in a file in the checkout's own data folder
    patch.setenv("NIGHTSHIFT_SETTINGS_FILE", os.devnull)
    # chance has a part in what is shown only where a test says so
    patch.setenv("NIGHTSHIFT_EXPLORATION", "0")
    # and people's votes decide on a generation only there
    patch.setenv("NIGHTSHIFT_TRIALS", "off")


def pytest_configure() -> None:
    """Set before huggingface_hub and torch are first imported, because they read this once."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    if os.environ.get("PYTEST_XDIST_WORKER"):  # the cores are for the workers beside this one
        os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.hookimpl(wrapper=True, optionalhook=True)
def pytest_xdist_auto_num_workers() -> Generator[None, int, int]:
    """One more than there are cores: for a third of its time a test waits, for a server, a process, a deadline."""
    return (yield) + 1


@pytest.fixture(scope="session", autouse=True)
def clean_session_environment() -> Iterator[None]:
    """Session fixtures see the same environment as the tests."""
    with pytest.MonkeyPatch.context() as patch:
        strip_environment(patch)
        yield


@pytest.fixture(autouse=True)
def clean_environment(clean_session_environment: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever an earlier test left in the environment is gone."""
    strip_environment(monkeypatch)


@pytest.fixture(scope="session")
def homes() -> Iterator[Path]:
    """A folder for the data of embedded servers, which the account that runs them for root can enter."""
    # Not pytest's own temporary folder: as root that one is closed to everybody else. In memory if there is enough:
    # many times faster where others use the disk.
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > ROOM_BYTES
    fresh = Path(tempfile.mkdtemp(prefix=f"new-{HOMES_PREFIX}", dir=memory if roomy else None))
    fresh.chmod(0o711)
    with FileLock.acquire(fresh / IN_USE):
        # By its name only once it is locked: another worker takes what nobody holds for a killed run's.
        folder = fresh.rename(fresh.with_name(fresh.name.removeprefix("new-")))
        remove_homes_of_killed_runs(folder.parent)
        yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def made_home(homes: Path, clean_session_environment: None) -> Path:
    """The home of a server that was made and is stopped; to be copied."""
    home = homes / "made"
    EmbeddedServer.attach(home, settings={"fsync": "off"}).detach()
    return home


@pytest.fixture
def server_home(homes: Path, made_home: Path) -> Iterator[Path]:
    """The home of a server of this test's own, which it may start, crash and break; stopped and removed afterwards.

    Start it with `settings={"fsync": "off"}`: a crash of the server loses nothing that way, and it is faster.
    """
    home = homes / f"server-{next(_numbers)}"
    copy_home(made_home, home)
    yield home
    EmbeddedServer.stop(home)
    shutil.rmtree(home)


@pytest.fixture
def start_python() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start another Python with a script and arguments, all its streams in pipes; what is left of it is killed."""
    started: list[subprocess.Popen[str]] = []

    def start(script: str, *arguments: object, prefix: Sequence[str] = ()) -> subprocess.Popen[str]:
        command = [*prefix, sys.executable, "-c", script, *map(str, arguments)]
        pipe = subprocess.PIPE
        process = subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def pytest_addoption(parser: pytest.Parser) -> None:
    """What lies between the tests and their database, and what else is run; see `make test-more`."""
    parser.addoption("--through", choices=("pooler", "schema"), help="a pooler, or an extension in another schema")
    parser.addoption(
        "--programs", action="store_true", help="also what starts LibreOffice, pandoc and other programs, for minutes"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Through a pooler nobody has a session to look into, and slow programs are run where they are asked for.

    What takes long is begun first: the last of several workers would be alone with it at the end.
    """
    items.sort(key=lambda item: item.get_closest_marker("long") is None)
    if not config.getoption("--programs"):
        later = pytest.mark.skip(reason="for `make test-more`: starts other programs, for minutes")
        for item in items:
            if item.get_closest_marker("programs") is not None:
                item.add_marker(later)
    if config.getoption("--through") == "pooler":
        skip = pytest.mark.skip(reason="looks into a session")
        for item in items:
            if item.get_closest_marker("session") is not None:
                item.add_marker(skip)


@pytest.fixture(scope="session")
def postgres_server(request: pytest.FixtureRequest, homes: Path, clean_session_environment: None) -> Iterator[str]:
    """The SQLAlchemy URL of an empty database on a PostgreSQL server that lives as long as the test run."""
    through = request.config.getoption("--through")
    if through is None:
        yield from embedded_server(homes, request.getfixturevalue("made_home"))
        return
    with own_server(homes / "own") as server:
        server.run(
            "CREATE SCHEMA extensions",
            "CREATE EXTENSION vector" + (" SCHEMA extensions" if through == "schema" else ""),
            f"GRANT ALL ON SCHEMA public, extensions TO {APP}",
            database="template1",
        )
        server.run(f"CREATE DATABASE {APP}")
        if through == "schema":
            yield with_driver(server.url(APP))
            return
        with pooler(homes / "pooler", server.port) as port:
            DIRECT_PORTS[port] = server.port
            yield with_driver(address(port, APP))


def embedded_server(homes: Path, made_home: Path) -> Iterator[str]:
    """The one that all tests share where nothing is between."""
    home = homes / "shared"
    copy_home(made_home, home)
    server = EmbeddedServer.attach(home, settings=FAST_SETTINGS)
    yield server.url
    EmbeddedServer.stop(home)
    server.detach()


@pytest.fixture(scope="session")
def template_database(postgres_server: str) -> str:
    """The name of a database with every migration applied, which nobody is connected to."""
    from db.store import upgrade

    with maintenance_connection(postgres_server) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(TEMPLATE)))
    made = on_database(postgres_server, TEMPLATE)
    upgrade(past_pooler(made) or made)  # a pooler would stay connected, and nobody could copy it
    return TEMPLATE


@pytest.fixture(scope="session")
def filled_databases(postgres_server: str, template_database: str) -> Callable[[Fill], str]:
    """Gives the name of a database that was filled so, once for all tests that begin with it."""

    @functools.cache
    def make(fill: Fill) -> str:
        name = f"{TEMPLATE}_{next(_numbers)}"
        copy_database(postgres_server, template_database, name)
        made = on_database(postgres_server, name)
        with engine_on(past_pooler(made) or made) as engine:
            fill(engine)
        return name

    return make


@pytest.fixture
def database_url(request: pytest.FixtureRequest, postgres_server: str, template_database: str) -> Iterator[str]:
    """The SQLAlchemy URL of a fresh, migrated database of this test's own, empty but for what its mark `store` says."""
    store = request.node.get_closest_marker("store")
    fill = store.kwargs["of"] if store else None
    made = request.getfixturevalue("filled_databases")(fill) if fill else template_database
    name = f"test_{os.getpid()}_{next(_numbers)}"
    copy_database(postgres_server, made, name)
    yield on_database(postgres_server, name)
    with maintenance_connection(postgres_server) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def engine(database_url: str) -> Iterator[sqlalchemy.Engine]:
    """Nightshift's own engine on this test's database."""
    with engine_on(database_url) as engine:
        yield engine


@contextmanager
def engine_on(url: str) -> Iterator[sqlalchemy.Engine]:
    """An engine that leaves no connection open: what a thread has still got is closed as it gives it back."""
    from db.store import create_engine

    engine = create_engine(url, direct_url=past_pooler(url))
    yield engine
    # otherwise the collector finds them open, while another test runs
    sqlalchemy.event.listen(engine.pool, "checkin", lambda connection, _: connection.close())
    engine.dispose()


def remove_homes_of_killed_runs(parent: Path) -> None:
    """A test run that was killed has stopped no server and removed nothing."""
    for lock_file in parent.glob(f"{HOMES_PREFIX}*/{IN_USE}"):
        lock = FileLock.try_acquire(lock_file) if lock_file.stat().st_uid == os.geteuid() else None
        if lock is not None:
            with lock:
                for password in lock_file.parent.glob("*/password"):
                    EmbeddedServer.stop(password.parent)
                shutil.rmtree(lock_file.parent)


def copy_database(server: str, made: str, name: str) -> None:
    """Copy a database that nobody is connected to."""
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
    with maintenance_connection(server) as connection:
        connection.execute(statement.format(sql.Identifier(name), sql.Identifier(made)))


def copy_home(made: Path, home: Path) -> None:
    """Copy a stopped server's home with its owners, which is several times faster than making one."""
    subprocess.run(["cp", "-pR", made, home], check=True)


def maintenance_connection(url: str) -> psycopg.Connection[tuple[object, ...]]:
    """An autocommit connection, because CREATE DATABASE refuses to run inside a transaction; past any pooler."""
    url = past_pooler(url) or url
    return psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://", 1), autocommit=True)


def with_driver(url: str) -> str:
    """An operator's URL as SQLAlchemy's."""
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def past_pooler(url: str) -> str | None:
    """The server's own address, where there is a pooler before it."""
    asked = sqlalchemy.make_url(url)
    port = DIRECT_PORTS.get(asked.port or 0)
    return asked.set(port=port).render_as_string(hide_password=False) if port is not None else None


def on_database(url: str, database: str) -> str:
    """The same server and role, another database."""
    return sqlalchemy.make_url(url).set(database=database).render_as_string(hide_password=False)
