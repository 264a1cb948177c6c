"""Everything that people said and nights learnt, in one file, and back from it: the database, models and reports."""

from __future__ import annotations

import fcntl
import json
import logging
import os
import shutil
import tarfile
import tempfile
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from db.corpus import count_documents
from db.embedded import EmbeddedServer
from db.errors import BackupError, EmptyCorpusError, NightshiftError
from db.feedback import count_votes
from db.generations import (
    artefact_directory,
    fetch_model,
    generations_by_role,
    is_shared,
    list_generations,
    serving,
    share_models,
)
from db.models import check_model_hash
from db.store import (
    EMBEDDED_DIR,
    dump_database,
    open_server,
    open_store,
    open_unchecked,
    require_server,
    restore_database,
    schema_status,
    upgrade,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    import sqlalchemy as sa

    from db.settings import Settings

_log = logging.getLogger(__name__)
_WORK = ".nightshift-backup-"
_NOT_ONE = "That file is no backup of Nightshift's, or not a whole one."

ABOUT, DATABASE, MODELS, REPORTS = "about.json", "database.dump", "models", "reports"


@dataclass(frozen=True, slots=True)
class About:
    """What a backup says of itself: who made it and when, of which schema and revision, and what serves in it."""

    nightshift: str
    made_at: str
    schema: str
    revision: str | None
    generation: int | None
    documents: int
    votes: int


def back_up(settings: Settings, to: Path) -> About:
    """Writes a file that only its owner can read; questions and votes go on meanwhile, and are in it or not.

    Settings and secrets aren't in it. A file of that name is replaced once the new one is whole.

    Raises:
        BackupError: the file can't be written, or the database not dumped.
        DatabaseUnavailableError: the database can't be reached.
        SchemaMismatchError: its tables are of another version.
    """
    if settings.database_url is None and EmbeddedServer.status(settings.home / EMBEDDED_DIR).version is None:
        raise BackupError(f"There is no store in {settings.home}: is it the right folder (NIGHTSHIFT_DATA_DIR)?")
    if to.exists() and not to.is_file():
        raise BackupError(f"{to} is no plain file.")
    with _folder_beside(to) as work, open_store(settings, bounded=False) as engine:
        schema = dump_database(settings, work / DATABASE)
        about = _describe(engine, schema)
        (work / ABOUT).write_text(json.dumps(asdict(about)))
        partial = work / "whole.tar"
        with tarfile.open(partial, "w") as archive:
            archive.add(work / ABOUT, ABOUT)
            archive.add(work / DATABASE, DATABASE)
            for folder in _models(engine, settings, work):
                archive.add(folder, f"{MODELS}/{folder.name}")
            if settings.reports_dir.is_dir():
                archive.add(settings.reports_dir, REPORTS)
        partial.chmod(0o600)
        partial.replace(to)
    return about


def restore(settings: Settings, from_: Path, *, replace: bool = False) -> About:
    """Puts a backup in the place of what there is, brings its tables to this version, and checks the models' hashes.

    Raises:
        BackupError: it is no backup, is of a newer version, or the store holds something and `replace` isn't given:
            then nothing is changed. Or the database can't be written.
        ModelError: a model isn't the one that was recorded.
    """
    with _opened(from_) as archive, _folder_beside(settings.home / "restored") as work:
        about = _read_about(archive)
        with open_unchecked(settings) as engine:
            require_server(engine)
            status = schema_status(engine)
            if about.revision is not None and about.revision > status.latest:
                raise BackupError(
                    f"The backup was made by Nightshift {about.nightshift}, and this is {version('nightshift')}: "
                    "install that version or a newer one."
                )
            if not replace and status.current is not None and _holds_something(engine):
                raise BackupError("The store holds something already; with --replace the backup takes its place.")
        _extract(archive, work)
        restore_database(settings, work / DATABASE, about.schema)
        for name, home in ((MODELS, settings.models_dir), (REPORTS, settings.reports_dir)):
            _bring_in(work / name, home)
    with open_server(settings) as url:
        upgrade(url, languages=settings.language_names)
    with open_unchecked(settings) as engine:
        with suppress(EmptyCorpusError):
            for generation in generations_by_role(engine).values():
                check_model_hash(artefact_directory(generation, settings), generation.artefact_sha256)
        share_models(engine, settings)
    return about


def _describe(engine: sa.Engine, schema: str) -> About:
    generation = None
    with suppress(EmptyCorpusError):
        generation = serving(engine).id
    return About(
        nightshift=version("nightshift"),
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        schema=schema,
        revision=schema_status(engine).current,
        generation=generation,
        documents=count_documents(engine),
        votes=count_votes(engine),
    )


def _models(engine: sa.Engine, settings: Settings, work: Path) -> Iterator[Path]:
    """The folders of models that nights made, and generations still have; from the database if they aren't here."""
    elsewhere = settings.model_copy(update={"data_dir": work})
    own = [item for item in list_generations(engine) if item.status != "pruned" and item.is_trained]
    for item in {item.artefact_id: item for item in own}.values():
        folder = artefact_directory(item, settings)
        with engine.connect() as connection:
            fetched = not folder.is_dir() and is_shared(connection, item)
        if fetched:
            folder = fetch_model(engine, item, elsewhere)
        if folder.is_dir():
            yield folder
        if fetched:
            shutil.rmtree(folder, ignore_errors=True)  # one at a time


def _holds_something(engine: sa.Engine) -> bool:
    try:
        return count_documents(engine) > 0 or count_votes(engine) > 0
    except NightshiftError:  # of another version, and so somebody's
        return True


def _read_about(archive: tarfile.TarFile) -> About:
    try:
        [first] = [member for member in archive if member.name == ABOUT]
        content = archive.extractfile(first)
        if content is None or not {DATABASE} <= set(archive.getnames()):
            raise ValueError
        told = json.loads(content.read())
        if not isinstance(told["schema"], str) or not isinstance(told["revision"], str | None):
            raise ValueError
        return About(**told)
    except (ValueError, TypeError, KeyError, tarfile.TarError, EOFError):
        raise BackupError(_NOT_ONE) from None


def _extract(archive: tarfile.TarFile, to: Path) -> None:
    try:
        archive.extractall(to, filter="data")
    except (tarfile.TarError, EOFError):
        raise BackupError(_NOT_ONE) from None


def _bring_in(folder: Path, home: Path) -> None:
    """What was packed up takes the place of what is there by the same name; all else stays."""
    for one in folder.iterdir() if folder.is_dir() else ():
        home.mkdir(parents=True, exist_ok=True)
        place = home / one.name
        if place.is_dir() and not place.is_symlink():
            shutil.rmtree(place)
        else:
            place.unlink(missing_ok=True)
        shutil.move(one, place)  # which may lie on another disk


@contextmanager
def _opened(path: Path) -> Iterator[tarfile.TarFile]:
    try:
        archive = tarfile.open(path, "r:")
    except OSError as error:
        raise BackupError(f"{path} can't be read ({error.strerror}).") from None
    except tarfile.TarError:
        raise BackupError(_NOT_ONE) from None
    with archive:
        yield archive


@contextmanager
def _folder_beside(path: Path) -> Iterator[Path]:
    """A folder on the same disk, for its owner alone; gone afterwards, or with the next one after a kill."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _made_in(path.parent) as work:
            yield work
    except OSError as error:
        raise BackupError(f"{path.parent} can't be written to ({error.strerror}).") from None


@contextmanager
def _made_in(parent: Path) -> Iterator[Path]:
    """Its lock tells a folder in use from what is left of one."""
    with _locked(parent, wait=True), ExitStack() as stack:
        for left in parent.glob(f"{_WORK}*"):
            with suppress(OSError), _locked(left):
                shutil.rmtree(left)
                _log.warning("%s was left by a backup or a restore that was killed; it is removed.", left)
        work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=_WORK, dir=parent)))
        stack.enter_context(_locked(work))
        kept = stack.pop_all()
    with kept:
        yield work


@contextmanager
def _locked(folder: Path, *, wait: bool = False) -> Iterator[None]:
    """Holds a folder's lock, which ends with the process; raises OSError where another has it and nobody `wait`s."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield
    finally:
        os.close(descriptor)
