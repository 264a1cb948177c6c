"""Making a backup: the database dumped, and models and reports packed up beside it, while everything goes on."""

from __future__ import annotations

import json
import os
import shutil
import tarfile
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

from db.corpus import count_documents
from db.embedded import EmbeddedServer
from db.errors import BackupError, EmptyCorpusError
from db.feedback import count_votes
from db.generations import artefact_directory, fetch_model, is_shared, list_generations, serving
from db.store import EMBEDDED_DIR, dump_database, open_store, schema_status
from nightshift.backup.about import ABOUT, DATABASE, MODELS, REPORTS, About
from nightshift.backup.work_folder import folder_beside

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import sqlalchemy as sa

    from db.settings import Settings


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
    with folder_beside(to) as work, open_store(settings, bounded=False) as engine:
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
        _sync(partial)
        partial.replace(to)
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


def _sync(file: Path) -> None:
    """Sees that it is on the disk before it gets its name; a network disk that is full says so here."""
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
