"""Where generations have their models, and how those of nights reach bots with other data folders: by the database.

The database that comes along is used by one data folder, so nothing goes there. What arrives is checked by the recorded
hash before it is taken for the model, and whole or not there at all.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import sqlalchemy as sa

from db.errors import DatabaseFullError, ModelError, ModelTamperedError
from db.generations.catalogue import list_generations
from db.generations.leftovers import remove_leftovers
from db.schema import artefact, artefact_part, generation
from db.store import driver, transaction

if TYPE_CHECKING:
    from db.generations.generation import Generation
    from db.settings import Settings

PART_BYTES = 1 << 20

_COPY = "COPY artefact_part (artefact_id, path, part, content) FROM STDIN BINARY"
_log = logging.getLogger(__name__)


def artefact_directory(generation: Generation, settings: Settings) -> Path:
    """Where a generation's model files are: `base:NAME` is the base model, `data:NAME` a folder the nights made.

    Raises:
        ModelError: the address is of another kind, or leads out of the models folder.
    """
    kind, _, name = generation.artefact_uri.partition(":")
    if kind == "base":
        from db.models import find_base_model

        return find_base_model(name)[0]
    directory = (settings.models_dir / name).resolve()
    if kind != "data" or directory.parent != settings.models_dir.resolve():
        raise ModelError(f"Generation {generation.id} names its model in a way that can't be used.")
    return directory


def share_model(engine: sa.Engine, item: Generation, settings: Settings) -> bool:
    """Puts a generation's model into the database, unless it is there or needn't be; whether it was put there now.

    Raises:
        ModelError: it isn't in the models folder, or can't be read.
        ModelTamperedError: it isn't the one that was recorded.
        DatabaseFullError: there is no room for it.
    """
    if not item.is_trained or settings.database_url is None or settings.share_models == "folder":
        return False
    from db.models import check_model_hash

    directory = artefact_directory(item, settings)
    with transaction(engine) as (connection, raw):
        one = sa.select(artefact.c.id).where(artefact.c.id == item.artefact_id)
        # who comes second waits, and finds it there
        if connection.scalar(one.with_for_update(key_share=True)) is None or is_shared(connection, item):
            return False
        try:
            check_model_hash(directory, item.artefact_sha256)
            with raw.cursor().copy(_COPY) as copy:
                copy.set_types(["int8", "text", "int4", "bytea"])
                for path, part, content in _parts_of(directory):
                    copy.write_row((item.artefact_id, path, part, content))
        except OSError as error:
            raise ModelError(f"{directory} can't be read ({error.strerror}): see that this account may.") from None
    return True


def share_models(engine: sa.Engine, settings: Settings) -> None:
    """Does it with all that may serve and are in this models folder; what can't be is logged, and left."""
    for item in list_generations(engine):
        if item.status == "built" and item.is_trained:
            try:
                if artefact_directory(item, settings).is_dir():
                    share_model(engine, item, settings)
            except (ModelError, DatabaseFullError) as error:
                _log.error("The model of generation %d reaches no other machine: %s", item.id, error)


def is_shared(connection: sa.Connection, item: Generation) -> bool:
    """Whether a generation's model is in the database."""
    parts = sa.exists().where(artefact_part.c.artefact_id == item.artefact_id)
    return bool(connection.scalar(sa.select(parts)))


def fetch_model(engine: sa.Engine, item: Generation, settings: Settings) -> Path:
    """The folder of a generation's model; where it isn't there, it is fetched from the database first.

    With what is fetched, what no generation has any more goes from the models folder: nobody prunes where bots are.

    Raises:
        ModelError: it is neither here nor there, or can't be written.
        ModelTamperedError: what is in the database isn't what was recorded.
        DatabaseUnavailableError: the database can't be asked.
    """
    directory = artefact_directory(item, settings)
    if directory.is_dir():
        return directory
    from db.models import check_model_files, hash_model, sync_folder

    with engine.connect() as connection:
        if not is_shared(connection, item):
            raise ModelError(
                f"The model of generation {item.id} is neither in {directory} nor in the database. Let all share one "
                "models folder, or start `nightshift nights` where it is: that puts it into the database."
            )
    try:
        settings.models_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{directory.name}.fetched-", dir=settings.models_dir) as work:
            arriving = Path(work) / directory.name
            _write_parts(engine, item, arriving)
            check_model_files(arriving)
            if hash_model(arriving) != item.artefact_sha256:
                raise ModelTamperedError(
                    f"The model of generation {item.id} in the database isn't the one that was recorded; it was "
                    "refused. Remove its rows from artefact_part and start `nightshift nights` where the model is, or "
                    "roll back to another generation."
                )
            sync_folder(arriving)
            if not directory.is_dir():
                arriving.rename(directory)
    except OSError as error:
        if directory.is_dir():  # another process was quicker
            return directory
        raise ModelError(
            f"The model of generation {item.id} can't be written to {settings.models_dir} ({error.strerror}): see that "
            "there is room, and that this account may."
        ) from None
    _log.info("the model of generation %d is fetched", item.id)
    remove_leftovers(engine, settings)
    return directory


def forget_shared(engine: sa.Engine) -> None:
    """Removes from the database what no generation needs any more."""
    needed = sa.exists().where(generation.c.artefact_id == artefact_part.c.artefact_id, generation.c.status != "pruned")
    with engine.begin() as connection:
        connection.execute(artefact_part.delete().where(~needed))


def remove_unneeded_folders(engine: sa.Engine, settings: Settings) -> None:
    """Removes the folders of pruned generations, on whichever machine these were pruned."""
    generations = list_generations(engine)
    used = {item.artefact_uri for item in generations if item.status != "pruned"}
    for item in generations:
        if item.artefact_uri not in used and item.is_trained:
            shutil.rmtree(artefact_directory(item, settings), ignore_errors=True)


def _parts_of(directory: Path) -> Iterator[tuple[str, int, bytes]]:
    from db.models import model_files

    for path in sorted(model_files(directory)):
        with path.open("rb") as file:
            # a file without content has one part, or it would be lost
            for part in range(max(1, -(-path.stat().st_size // PART_BYTES))):
                yield path.relative_to(directory).as_posix(), part, file.read(PART_BYTES)


def _write_parts(engine: sa.Engine, item: Generation, to: Path) -> None:
    of_it = artefact_part.c.artefact_id == item.artefact_id
    to.mkdir(mode=0o700)
    keys = sa.select(artefact_part.c.path, artefact_part.c.part).where(of_it)
    with engine.connect() as connection:
        raw = driver(connection)
        for path, part in connection.execute(keys.order_by(*keys.selected_columns)).all():
            place = to.joinpath(*_safe(path, item))
            place.parent.mkdir(parents=True, exist_ok=True)
            content = raw.execute(
                "SELECT content FROM artefact_part WHERE (artefact_id, path, part) = (%s, %s, %s)",
                (item.artefact_id, path, part),
                binary=True,
            ).fetchone()
            with place.open("ab") as file:
                file.write(content[0] if content else b"")  # what was removed meanwhile has another hash


def _safe(path: str, item: Generation) -> tuple[str, ...]:
    names = PurePosixPath(path).parts
    if not names or any(name in ("/", "..") for name in names) or "\\" in path or "\0" in path:
        raise ModelTamperedError(f"The model of generation {item.id} in the database has a file outside its folder.")
    return names
