"""Putting a backup back: looked at first, then the database in one go, its tables brought up, its models checked."""

from __future__ import annotations

import json
import shutil
import tarfile
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from db.corpus import count_documents
from db.errors import BackupError, EmptyCorpusError, NightshiftError
from db.feedback import count_votes
from db.generations import artefact_directory, generations_by_role, share_models
from db.models import check_model_hash
from db.store import open_server, open_unchecked, require_server, restore_database, schema_status, upgrade
from nightshift.backup.about import ABOUT, DATABASE, MODELS, REPORTS, About
from nightshift.backup.work_folder import folder_beside

if TYPE_CHECKING:
    from collections.abc import Iterator

    import sqlalchemy as sa

    from db.settings import Settings

_NOT_ONE = "That file is no backup of Nightshift's, or not a whole one."


def restore(settings: Settings, from_: Path, *, replace: bool = False) -> About:
    """Puts a backup in the place of what there is, brings its tables to this version, and checks the models' hashes.

    Raises:
        BackupError: it is no backup, is of a newer version, or the store holds something and `replace` isn't given:
            then nothing is changed. Or the database can't be written.
        ModelError: a model isn't the one that was recorded.
    """
    with _opened(from_) as archive, folder_beside(settings.home / "restored") as work:
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
