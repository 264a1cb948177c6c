"""From a source's row to the source itself: which kinds there are, and what each is made of."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from db.corpus import NamedAudience, read_audience
from db.sources import Items
from intake.loaders import LOADERS_FILE, Loader, LoaderSettings, read_loader
from intake.repositories import GitSettings, Repository, find_default_branch, forget_repository
from intake.sources import DirectorySettings, Files, Source, SourceSettings, read_settings
from intake.websites import Website, WebsiteSettings

if TYPE_CHECKING:
    import sqlalchemy as sa

    from db.settings import Settings
    from db.sources import StoredSource

KINDS: Mapping[str, type[SourceSettings]] = {
    "directory": DirectorySettings,
    "git": GitSettings,
    "website": WebsiteSettings,
    "loader": LoaderSettings,
}


def check_source(kind: str, values: Mapping[str, Any]) -> SourceSettings:
    """The settings of a source of that kind.

    Raises:
        BadInputError: one can't be used, or its audience isn't understood.
    """
    own = read_settings(KINDS[kind], values)
    if own.audience:
        read_audience(list(own.audience))
    return own


@contextmanager
def open_source(
    engine: sa.Engine,
    settings: Settings,
    stored: StoredSource,
    audience_id_of: Callable[[NamedAudience], int],
    *,
    dry_run: bool = False,
) -> Iterator[Source]:
    """The source, ready to be listed; what it opened is closed with the block. In a dry run it remembers nothing.

    Raises:
        BadInputError: its settings can't be used.
        SourceError: it can't be reached.
    """
    own = check_source(stored.kind, stored.settings)
    audience_id = audience_id_of(read_audience(list(own.audience))) if own.audience else None
    match own:
        case DirectorySettings():
            yield Files(own.paths, audience_id, audience_id_of)
        case GitSettings():
            with (
                _folder(settings, stored, dry_run) as folder,
                Repository.fetched(own, folder, audience_id, audience_id_of) as repository,
            ):
                yield repository
        case WebsiteSettings():
            memory = Items(engine, stored.id, is_kept=not dry_run)
            with Website.opened(own, memory, audience_id) as website:
                yield website
        case LoaderSettings():
            yield Loader(own.entry, read_loader(settings.home / LOADERS_FILE, own.entry), audience_id)


def resolve_branch(values: Mapping[str, Any]) -> str:
    """The branch that a repository names as its own.

    Raises:
        BadInputError: its settings can't be used.
        SourceError: it can't be reached, or names none.
    """
    own = check_source("git", {**values, "branch": "any"})
    assert isinstance(own, GitSettings)  # noqa: S101 - of that kind
    with tempfile.TemporaryDirectory() as folder:
        return find_default_branch(own, Path(folder))


def forget_fetched(settings: Settings, stored: StoredSource) -> None:
    """Removes what a source keeps on disk."""
    forget_repository(_kept_folder(settings, stored))


def _kept_folder(settings: Settings, stored: StoredSource) -> Path:
    return settings.home / "sources" / f"{stored.id}.git"


@contextmanager
def _folder(settings: Settings, stored: StoredSource, dry_run: bool) -> Iterator[Path]:
    if not dry_run:
        yield _kept_folder(settings, stored)
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)
