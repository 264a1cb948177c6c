"""Room on disk: whether a night has what it takes, and what goes after it."""

from __future__ import annotations

import logging
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from db.errors import DiskFullError
from db.generations import StoredVectors, drop_orphan_tables, prune, remove_leftovers
from db.models import find_base_model
from db.store import EMBEDDED_DIR

if TYPE_CHECKING:
    from db.settings import Settings

MODEL_COPIES = 7
"""Of the model's size: the trained one, and a checkpoint of its weights and two moments of each, old and new."""

BYTES_PER_CHUNK = 100
"""Of a row and its place in the index, beside the vector."""

VECTOR_COPIES = 2.5
"""Of a vector's two bytes a dimension: in the table, in the index, and where pages aren't full."""

MAX_LOG_BYTES = 10**9
"""Of the write-ahead log, which takes as much again as the vectors until PostgreSQL clears it (`max_wal_size`)."""

log = logging.getLogger(__name__)


def model_takes(model_bytes: int) -> int:
    """Bytes that training takes on disk."""
    return MODEL_COPIES * model_bytes


def vectors_take(n_chunks: int, dimension: int) -> int:
    """Bytes that the vectors of so many chunks take in the database, while they are written and indexed."""
    stored = n_chunks * (int(VECTOR_COPIES * 2 * dimension) + BYTES_PER_CHUNK)
    return stored + min(stored, MAX_LOG_BYTES)


def read_vectors_take(n_chunks: int, dimension: int) -> int:
    """Bytes of a file from which a night reads a generation's vectors."""
    return 2 * n_chunks * dimension


@dataclass(frozen=True, slots=True)
class Need:
    """Bytes that a night takes at a place, and how many are free there."""

    place: Path
    needed: int
    free: int


def space_needed(
    settings: Settings, n_chunks: int, dimension: int, *, is_trained: bool, is_read: bool = False
) -> list[Need]:
    """What a night takes on each disk that writes so many vectors, so wide; of a database elsewhere nothing is known.

    `is_trained` is whether an earlier attempt has the model, `is_read` whether what serves is read in already.

    Raises:
        ModelError: the base model can't be used.
    """
    needs: dict[Path, int] = {}
    if not is_trained:
        needs[settings.models_dir] = model_takes(base_model_bytes(settings))
    needs[settings.home] = (1 if is_read else 2) * read_vectors_take(n_chunks, dimension)
    if settings.database_url is None:
        needs[settings.home / EMBEDDED_DIR] = vectors_take(n_chunks, dimension)
    disks: dict[int, tuple[Path, int]] = {}
    for folder, needed in needs.items():
        there = next(path for path in (folder, *folder.parents) if path.exists())
        disk = there.stat().st_dev
        place, before = disks.get(disk, (there, 0))
        disks[disk] = place, before + needed
    return [Need(place, needed, free_bytes(place)) for place, needed in disks.values()]


def lacking_space(settings: Settings, serving: StoredVectors, *, is_trained: bool) -> list[str]:
    """A sentence for each disk on which a night wouldn't fit, which writes as many vectors as are `serving`, as wide.

    Raises:
        ModelError: the base model can't be used.
    """
    needs = space_needed(settings, *serving.vectors.shape, is_trained=is_trained, is_read=True)
    return [explain_lack(need) for need in needs if need.free < need.needed]


def explain_lack(need: Need) -> str:
    """That a night doesn't fit on a disk, and what to do."""
    return (
        f"A night needs about {in_units(need.needed)} for its model, checkpoint and vectors, and "
        f"{in_units(need.free)} is free at {need.place}. Make room there, or remove old generations: "
        "`nightshift generations prune`."
    )


def require_room_to_read(settings: Settings, n_chunks: int, dimension: int) -> None:
    """Sees to it that a file of so many vectors fits, and that a server on the same disk still has room for its log.

    Raises:
        DiskFullError: it doesn't.
    """
    needed, free = read_vectors_take(n_chunks, dimension), free_bytes(settings.home)
    if free < needed + min(needed, MAX_LOG_BYTES):
        raise DiskFullError(
            f"The vectors take {in_units(needed)} on the disk of {settings.home} while they are read, and "
            f"{in_units(free)} is free there. Make room, or remove old generations: `nightshift generations prune`."
        )


def free_bytes(folder: Path) -> int:
    """What is free on the disk of an existing folder, for who isn't root."""
    return shutil.disk_usage(folder).free


def make_room(engine: sa.Engine, settings: Settings) -> None:
    """After a night: old generations beyond those to keep go, and what killed ones left; that it fails is logged."""
    try:
        pruned = prune(engine, settings, settings.keep_generations)
        left = [path.name for path in remove_leftovers(engine, settings)] + drop_orphan_tables(engine)
    except Exception:
        log.exception("what old nights left on disk could not be removed")
        return
    if pruned or left:
        log.info("pruned generations: %s; left by nights: %d", ", ".join(str(own.id) for own in pruned), len(left))


def base_model_bytes(settings: Settings) -> int:
    """The size of the base model's files.

    Raises:
        ModelError: it can't be used.
    """
    folder = find_base_model(settings.base_model)[0]
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def in_units(n_bytes: int) -> str:
    """A number of bytes, for people."""
    return f"{n_bytes / 1e9:.1f} GB" if n_bytes >= 1e9 else f"{n_bytes / 1e6:.0f} MB"
