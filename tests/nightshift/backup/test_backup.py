"""A backup rehearsed: dumped, dropped, put back; the same rows, models and reports, and the same answer."""

from __future__ import annotations

import io
import json
import os
import signal
import stat
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from psycopg import sql

from db.errors import BackupError, ModelTamperedError
from db.generations import generations_by_role, share_model
from db.generations.vectors import build_index, write_vectors
from db.models import hash_model
from db.nights import get_run
from db.settings import Settings
from db.store import create_engine, raw_connection
from nightshift.backup import back_up, restore
from nightshift.console import cast_vote, console_question
from nightshift.doctor.examination import examine
from retrain.report import write_report
from tests.conftest import ROOT, maintenance_connection, on_database
from tests.corpus import add_answer, add_base_generation
from tests.db.embedded.processes import wait_for
from tests.night_rows import make_run, store_run
from tests.nightshift.conftest import Run
from tests.synthetic import unit_vectors

ROWS = "SELECT count(*), md5(string_agg(whole::text, '|' ORDER BY whole::text)) FROM {} AS whole"


@pytest.fixture
def elsewhere(database_url: str) -> Iterator[str]:
    """An empty database, with none of our tables."""
    name = sql.Identifier("restored_" + str(sa.make_url(database_url).database))
    with maintenance_connection(database_url) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(name))
    yield on_database(database_url, name.as_string(None).strip('"'))
    with maintenance_connection(database_url) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))


@pytest.fixture
def store(engine: sa.Engine) -> sa.Engine:
    generation = add_base_generation(engine)
    answer = add_answer(engine, 3, console_question("Where is the car park?"))
    with raw_connection(engine) as raw:
        write_vectors(raw, generation, [(chunk_id, 1) for chunk_id in (1, 2, 3)], unit_vectors(3, 384))
        build_index(raw, generation)
    cast_vote(engine, answer.sources[0].citation_id, 1)
    return engine


def is_dumping(engine: sa.Engine) -> bool:
    dumping = (
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pg_dump' AND datname = current_database()"
    )
    with engine.connect() as connection:
        return bool(connection.scalar(sa.text(dumping)))


def settings_for(url: str, folder: Path) -> Settings:
    return Settings(data_dir=folder, database_url=url)  # type: ignore[arg-type]


def everything(url: str) -> dict[str, tuple[int, str]]:
    """Of each table how many rows it has, and a digest of them."""
    with psycopg.connect(url.replace("+psycopg", "", 1)) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        return {
            name: connection.execute(sql.SQL(ROWS).format(sql.Identifier(name))).fetchone()  # type: ignore[misc]
            for (name,) in tables
        }


def test_what_was_backed_up_is_put_back(store: sa.Engine, database_url: str, elsewhere: str, tmp_path: Path) -> None:
    before, here, there = everything(database_url), tmp_path / "here", tmp_path / "there"
    for lying in ("reports/run-1/report.html", "models/strangers/x", "secrets.toml", "settings.toml"):
        (here / lying).parent.mkdir(parents=True, exist_ok=True)
        (here / lying).write_text("hunter2" if "toml" in lying else "x")
    with psycopg.connect(database_url.replace("+psycopg", "", 1), autocommit=True) as connection:
        connection.execute("CREATE TABLE mine (x int)")  # nobody's but theirs: neither packed up nor put back
    file = tmp_path / "kept" / "store.tar"
    about = back_up(settings_for(database_url, here), file)
    assert (about.documents, about.votes, about.generation) == (3, 1, 1)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(file.parent.iterdir()) == [file]
    with tarfile.open(file) as archive:
        assert not [name for name in archive.getnames() if "toml" in name or "strangers" in name]

    assert restore(settings_for(elsewhere, there), file) == about
    assert everything(elsewhere) == before
    assert (there / "reports" / "run-1" / "report.html").read_text() == "x"
    found = examine(settings_for(elsewhere, there))
    assert [name for name, finding in found.items() if finding.level == "fault"] == []
    with pytest.raises(BackupError, match="holds something already"):
        restore(settings_for(elsewhere, there), file)
    with psycopg.connect(elsewhere.replace("+psycopg", "", 1), autocommit=True) as connection:
        connection.execute("DELETE FROM vote")
        connection.execute("CREATE TABLE mine (x int)")
    restore(settings_for(elsewhere, there), file, replace=True)
    after = everything(elsewhere)
    assert after.pop("mine") == (0, None)
    assert after == before


def test_a_dump_that_is_broken_or_cannot_be_put_back_leaves_what_there_is(
    store: sa.Engine, database_url: str, elsewhere: str, tmp_path: Path
) -> None:
    settings, before = settings_for(database_url, tmp_path / "here"), everything(database_url)
    back_up(settings, tmp_path / "whole")
    with tarfile.open(tmp_path / "whole") as archive:
        archive.extractall(tmp_path / "parts", filter="data")
    dump = (tmp_path / "parts" / "database.dump").read_bytes()
    for broken in (dump[: len(dump) // 2], dump[:200], b"", bytes([*dump[:-400], *[0] * 400])):
        (tmp_path / "parts" / "database.dump").write_bytes(broken)
        with tarfile.open(tmp_path / "broken", "w") as archive:
            for part in ("about.json", "database.dump"):
                archive.add(tmp_path / "parts" / part, part)
        with pytest.raises(BackupError, match="pg_restore failed: "):
            restore(settings, tmp_path / "broken", replace=True)
        assert everything(database_url) == before
    with store.connect() as connection:
        index = connection.scalar(sa.text("SELECT indexname FROM pg_indexes WHERE tablename = 'vote_event' LIMIT 1"))
    with psycopg.connect(elsewhere.replace("+psycopg", "", 1), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE SEQUENCE {}").format(sql.Identifier(index)))
    with pytest.raises(BackupError, match=f'psql failed: relation "{index}" already exists'):
        restore(settings_for(elsewhere, tmp_path / "there"), tmp_path / "whole")
    assert everything(elsewhere) == {}


def test_a_folder_without_a_store_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="no store in"):
        back_up(Settings(data_dir=tmp_path / "empty"), tmp_path / "store.tar")
    assert not (tmp_path / "empty").exists()


def test_models_come_along_and_are_checked(store: sa.Engine, database_url: str, elsewhere: str, tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    with store.begin() as connection:
        connection.execute(sa.text("UPDATE artefact SET uri = 'data:run-7'"))
    (here / "models" / "run-7").mkdir(parents=True)
    (here / "models" / "run-7" / "modules.json").write_text("[]")
    back_up(settings_for(database_url, here), tmp_path / "store.tar")
    with pytest.raises(ModelTamperedError):
        restore(settings_for(elsewhere, there), tmp_path / "store.tar")
    assert (there / "models" / "run-7" / "modules.json").read_text() == "[]"
    assert generations_by_role(store)["serving"].artefact_uri == "data:run-7"


def test_a_model_that_is_only_in_the_database_comes_along(
    store: sa.Engine, database_url: str, elsewhere: str, tmp_path: Path
) -> None:
    nights, bot, there = (settings_for(database_url, tmp_path / name) for name in ("nights", "bot", "there"))
    folder = nights.models_dir / "run-7"
    folder.mkdir(parents=True)
    (folder / "modules.json").write_text("[]")
    with store.begin() as connection:
        own = {"sha256": hash_model(folder)}
        connection.execute(sa.text("UPDATE artefact SET uri = 'data:run-7', sha256 = :sha256"), own)
    assert share_model(store, generations_by_role(store)["serving"], nights)
    file = tmp_path / "store.tar"
    back_up(bot, file)
    with tarfile.open(file) as archive:
        assert "models/run-7/modules.json" in archive.getnames()
    assert not bot.models_dir.exists()
    before = everything(database_url)
    assert before["artefact_part"][0] == 1
    restore(settings_for(elsewhere, there.home), file)
    assert hash_model(there.models_dir / "run-7") == own["sha256"]
    assert everything(elsewhere) == before


def test_reports_are_the_nights_own_and_are_written_anew_where_a_backup_has_none(
    store: sa.Engine, database_url: str, elsewhere: str, tmp_path: Path
) -> None:
    """As where a bot's machine makes the backups, and the nights are on another."""
    nights, bot, there = (settings_for(database_url, tmp_path / name) for name in ("nights", "bot", "there"))
    run = store_run(store, make_run())
    page = write_report(store, nights, run).read_text()
    back_up(bot, tmp_path / "store.tar")
    with tarfile.open(tmp_path / "store.tar") as archive:
        assert not [name for name in archive.getnames() if name.startswith("reports")]
    restore(settings_for(elsewhere, there.home), tmp_path / "store.tar")
    engine = create_engine(elsewhere)
    assert write_report(engine, there, get_run(engine, run.id)).read_text() == page
    engine.dispose()


def test_what_is_no_backup_changes_nothing(store: sa.Engine, database_url: str, tmp_path: Path) -> None:
    settings = settings_for(database_url, tmp_path / "here")
    before = everything(database_url)
    (tmp_path / "text").write_text("no archive")
    with tarfile.open(tmp_path / "other", "w") as archive:
        archive.add(tmp_path / "text", "text")
    back_up(settings, tmp_path / "whole")
    (tmp_path / "cut").write_bytes((tmp_path / "whole").read_bytes()[:2000])
    with tarfile.open(tmp_path / "whole") as archive:
        told = json.loads(archive.extractfile("about.json").read())  # type: ignore[union-attr]
    pack(tmp_path / "without", told)
    pack(tmp_path / "nameless", {**told, "schema": None}, "database.dump")
    pack(tmp_path / "climbing", told, "database.dump", "../../climbed")
    for name in ("none", "text", "other", "cut", "without", "nameless", "climbing"):
        with pytest.raises(BackupError):
            restore(settings, tmp_path / name, replace=True)
    assert everything(database_url) == before
    assert not list(tmp_path.rglob("climbed"))


def pack(file: Path, about: dict[str, object], *names: str) -> None:
    """An archive that tells that of itself, with an empty file by each name."""
    with tarfile.open(file, "w") as archive:
        told = tarfile.TarInfo("about.json")
        content = json.dumps(about).encode()
        told.size = len(content)
        archive.addfile(told, io.BytesIO(content))
        for name in names:
            archive.addfile(tarfile.TarInfo(name))


def test_a_place_that_can_not_be_written_is_named(store: sa.Engine, database_url: str, tmp_path: Path) -> None:
    settings = settings_for(database_url, tmp_path / "here")
    (tmp_path / "text").write_text("no folder")
    with pytest.raises(BackupError, match=r"text can't be written to"):
        back_up(settings, tmp_path / "text" / "store.tar")
    with pytest.raises(BackupError, match="is no plain file"):
        back_up(settings, tmp_path)
    assert (tmp_path / "text").read_text() == "no folder"


def test_a_store_of_another_version_is_not_lost_by_the_way(store: sa.Engine, database_url: str, tmp_path: Path) -> None:
    settings = settings_for(database_url, tmp_path / "here")
    back_up(settings, tmp_path / "store.tar")
    with store.begin() as connection:
        connection.execute(sa.text("ALTER TABLE document RENAME TO another"))
    with pytest.raises(BackupError, match="--replace"):
        restore(settings, tmp_path / "store.tar")
    with store.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM another")) == 3


def test_one_of_a_newer_version_is_refused(store: sa.Engine, database_url: str, tmp_path: Path) -> None:
    settings = settings_for(database_url, tmp_path / "here")
    back_up(settings, tmp_path / "now")
    with tarfile.open(tmp_path / "now") as archive:
        archive.extractall(tmp_path / "parts", filter="data")
    about = json.loads((tmp_path / "parts" / "about.json").read_text())
    (tmp_path / "parts" / "about.json").write_text(json.dumps(about | {"revision": "9999", "nightshift": "9.9"}))
    with tarfile.open(tmp_path / "newer", "w") as archive:
        for part in ("about.json", "database.dump"):
            archive.add(tmp_path / "parts" / part, part)
    with pytest.raises(BackupError, match="made by Nightshift 9.9"):
        restore(settings, tmp_path / "newer", replace=True)


def test_at_the_command_line(run: Run, store: sa.Engine, tmp_path: Path) -> None:
    code, out, _ = run("backup", tmp_path / "store.tar", "--json")
    told = json.loads(out)
    assert (code, told["votes"], told["bytes"]) == (0, 1, (tmp_path / "store.tar").stat().st_size)
    assert "3 documents, 1 votes, generation 1." in run("backup", tmp_path / "store.tar")[1]
    code, out, err = run("restore", tmp_path / "store.tar")
    assert (code, out) == (1, "") and "--replace" in err
    code, out, _ = run("restore", tmp_path / "store.tar", "--replace")
    assert code == 0 and "3 documents, 1 votes, generation 1" in out
    code, out, _ = run("restore", tmp_path / "store.tar", "--replace", "--json")
    assert (code, json.loads(out)["documents"]) == (0, 3)


def test_what_is_left_of_one_that_was_killed_looks_like_no_backup_and_goes_with_the_next(
    store: sa.Engine, database_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    to, settings = tmp_path / "kept", settings_for(database_url, tmp_path / "here")
    environment = os.environ | {"NIGHTSHIFT_DATABASE_URL": database_url, "NIGHTSHIFT_DATA_DIR": str(tmp_path / "here")}
    with store.connect() as holding:
        holding.execute(sa.text("LOCK TABLE vote_event IN ACCESS EXCLUSIVE MODE"))  # for which the dump waits
        command = [sys.executable, "-m", "nightshift", "backup", str(to / "store.tar")]
        killed = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
        try:
            wait_for(lambda: is_dumping(store), "the dump")
        finally:
            killed.kill()
            killed.wait()
        [left] = to.iterdir()
        assert left.name.startswith(".nightshift-backup-")
    back_up(settings, to / "store.tar")
    assert [path.name for path in to.iterdir()] == ["store.tar"]
    assert f"{left} was left by a backup" in caplog.text


def test_one_that_is_told_to_end_leaves_nothing_behind(run: Run, store: sa.Engine, tmp_path: Path) -> None:
    to = tmp_path / "kept"

    def end_it() -> None:
        while not stop.is_set():
            if is_dumping(store):
                assert list(to.iterdir()) != []
                os.kill(os.getpid(), signal.SIGTERM)
                return

    before = signal.getsignal(signal.SIGTERM)
    stop, ending = threading.Event(), threading.Thread(target=end_it)
    with store.connect() as holding:
        holding.execute(sa.text("LOCK TABLE vote_event IN ACCESS EXCLUSIVE MODE"))  # for which the dump waits
        ending.start()
        try:
            assert run("backup", to / "store.tar")[0] == 128 + signal.SIGTERM
        finally:
            stop.set()
            ending.join()
    assert list(to.iterdir()) == []
    assert signal.getsignal(signal.SIGTERM) is before
