"""A sync of a source that is stored: what it does once, twice, after changes, and when it is killed or refused."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from db import schema
from db.corpus import known_documents, list_matching
from db.errors import BadInputError, SourceBusyError, SourceError, UnknownIdError
from db.generations import Encoders
from db.settings import Settings
from db.sources import StoredSource, add_source, find_source, hold_source, list_sources, next_due, postpone
from intake import ingest_paths, preview_source, remove_source, sync_due, sync_source, syncing
from intake.ingest import ingest_source
from intake.sources import Listed, Page, file_uri
from intake.tally import IngestReport
from tests.conftest import ROOT
from tests.db.corpus.test_handing_on import said, show
from tests.intake.sources.test_source import PREFIX, Wiki
from tests.next_attempt import as_soon_as_free
from tests.ranked_company import hashing_encoders
from tests.synthetic import make_generation, serve

HANDBOOK = ROOT.parent / "shared" / "data" / "handbook_sourcegraph"

Sync = Callable[..., IngestReport]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "home")


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    (folder / "people").mkdir(parents=True)
    for number in range(8):
        (folder / "people" / f"{number}.md").write_text(
            f"# Deck {number}\n\nNumber {number} parks {number * 7} cars.\n"
        )
    return folder


@pytest.fixture
def served(engine: sa.Engine) -> sa.Engine:
    """A store whose encoder costs nothing."""
    serve(engine, make_generation(engine))
    return engine


@pytest.fixture
def stored(served: sa.Engine, docs: Path) -> StoredSource:
    return add_source(served, "docs", "directory", {"path": str(docs)}, 600)


@pytest.fixture
def sync(served: sa.Engine, settings: Settings, stored: StoredSource) -> Sync:
    def run(own: StoredSource = stored, **options: Any) -> IngestReport:
        return sync_source(served, options.pop("settings", settings), hashing_encoders(), own, **options)

    return run


def sync_next_due(engine: sa.Engine, settings: Settings, encoders: Encoders) -> bool:
    stored = next_due(engine)
    if stored is not None:
        sync_due(engine, settings, encoders, stored)
    return stored is not None


def counts(report: IngestReport) -> tuple[int, int, int, int, int, int]:
    told = report.added, report.changed, report.moved, report.removed, report.unchanged
    return (*told, len(report.failed))


def test_a_second_sync_does_nothing_and_one_change_is_one(
    served: sa.Engine, sync: Sync, docs: Path, stored: StoredSource
) -> None:
    assert counts(sync()) == (8, 0, 0, 0, 0, 0)
    again = sync()
    assert (counts(again), again.chunks) == ((0, 0, 0, 0, 8, 0), 0)
    (docs / "people" / "3.md").write_text("# Deck 3\n\nIt is closed.\n")
    changed = sync()
    assert (counts(changed), changed.chunks) == ((0, 1, 0, 0, 7, 0), 1)
    noted = find_source(served, "docs")
    assert noted.documents == 8 and noted.outcome is not None
    assert (noted.outcome["changed"], noted.outcome["failures"]) == (1, 0)
    assert next_due(served) is None


def test_a_renamed_folder_keeps_its_votes(served: sa.Engine, sync: Sync, docs: Path) -> None:
    sync()
    asked = show(served, "Number 3 parks 21 cars.")
    (docs / "people").rename(docs / "staff")
    report = sync()
    assert (counts(report), report.chunks) == ((0, 0, 8, 0, 0, 0), 0)
    assert said(served, asked).uri == file_uri(str(docs / "staff" / "3.md"))
    assert counts(sync()) == (0, 0, 0, 0, 8, 0)


def test_what_is_gone_is_removed_unless_it_is_much_and_then_only_if_it_is_meant(
    served: sa.Engine, sync: Sync, docs: Path
) -> None:
    sync()
    (docs / "people" / "0.md").unlink()
    assert counts(sync()) == (0, 0, 0, 1, 7, 0)
    shutil.rmtree(docs)
    unmounted = sync()
    assert unmounted.removed == 0 and [(gone.known, gone.is_there) for gone in unmounted.not_removed] == [(7, False)]
    assert not unmounted.is_whole
    assert sync(dry_run=True, may_remove=lambda gone: True).removed == 7
    assert find_source(served, "docs").documents == 7
    assert sync(may_remove=lambda gone: True).removed == 7


def test_what_was_emptied_is_lost_like_what_is_gone(served: sa.Engine, sync: Sync, docs: Path) -> None:
    sync()
    (docs / "people" / "0.md").write_text("")
    assert (counts(sync()), find_source(served, "docs").documents) == ((0, 0, 0, 1, 7, 1), 7)
    for number in range(1, 5):
        (docs / "people" / f"{number}.md").write_text("")
    report = sync()
    assert (report.removed, [(len(gone.uris), gone.known) for gone in report.not_removed]) == (0, [(4, 7)])
    assert find_source(served, "docs").documents == 7
    assert sync(may_remove=lambda gone: True).removed == 4


def test_what_was_read_in_by_hand_becomes_the_sources_and_is_not_encoded_again(
    served: sa.Engine, settings: Settings, sync: Sync, docs: Path
) -> None:
    ingest_paths(served, settings, hashing_encoders(), [docs])
    report = sync()
    assert (counts(report), report.chunks) == ((0, 0, 0, 0, 8, 0), 0)
    assert find_source(served, "docs").documents == 8


def test_no_source_takes_a_document_from_another_whatever_it_says_of_who_may_see_it(
    served: sa.Engine, sync: Sync, docs: Path
) -> None:
    sync()
    told = {"path": str(docs / "people"), "audience": ["nobody"]}
    second = sync(add_source(served, "second", "directory", told, None))
    assert counts(second) == (0, 0, 0, 0, 0, 8)
    assert {failure.reason for failure in second.failed} == {
        "another source has it already; leave it out of one of them"
    }
    assert {one.audience for one in list_matching(served, None)} == {"public"}
    assert [one.documents for one in list_sources(served)] == [8, 0]
    (docs / "people" / "1.md").unlink()
    assert sync(find_source(served, "second"), may_remove=lambda gone: True).removed == 0  # it isn't the second's


def test_its_audience_is_its_documents_from_the_first_sync_on(served: sa.Engine, sync: Sync, docs: Path) -> None:
    told = {"path": str(docs), "audience": ["#finance"]}
    sync(add_source(served, "finance", "directory", told, None))
    assert {one.audience for one in list_matching(served, None)} == {"#finance"}


def test_its_removal_takes_its_documents_and_no_others(
    served: sa.Engine, settings: Settings, sync: Sync, docs: Path, tmp_path: Path, stored: StoredSource
) -> None:
    (tmp_path / "note.md").write_text("# Note\n\nRead in by hand.\n")
    ingest_paths(served, settings, hashing_encoders(), [tmp_path / "note.md"])
    sync()
    asked = show(served, "Number 3 parks 21 cars.")
    assert remove_source(served, settings, stored) == 8
    assert [one.title for one in list_matching(served, None)] == ["Note"]
    assert list_sources(served) == []
    with pytest.raises(UnknownIdError):
        sync()
    add_source(served, stored.name, stored.kind, stored.settings, None)
    with pytest.raises(UnknownIdError, match="removed meanwhile"):
        sync()
    ingest_paths(served, settings, hashing_encoders(), [docs])
    assert said(served, asked).uri == file_uri(str(docs / "people" / "3.md"))  # its votes waited


@pytest.mark.parametrize("by", ["the clock", "a sync", "the same command"])
def test_a_removal_that_was_cut_off_is_ended_by_whoever_comes_next(
    served: sa.Engine, settings: Settings, sync: Sync, stored: StoredSource, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    sync()

    def die(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(syncing, "remove_all", die)
    postpone(served, stored.id, 1e6)
    with pytest.raises(KeyboardInterrupt):
        remove_source(served, settings, stored)
    monkeypatch.undo()
    assert find_source(served, "docs").is_going
    with pytest.raises(UnknownIdError, match="is being removed"):
        sync(dry_run=True)
    if by == "the clock":
        assert sync_next_due(served, settings, hashing_encoders())
    elif by == "a sync":
        with pytest.raises(UnknownIdError, match="done now, with 8 more documents"):
            sync()
    else:
        assert remove_source(served, settings, find_source(served, "docs")) == 8
    assert list_sources(served) == [] and not list(list_matching(served, None))


def test_two_at_once_are_refused_and_the_clock_comes_back_later(
    served: sa.Engine, settings: Settings, sync: Sync, stored: StoredSource
) -> None:
    with hold_source(served, stored.id):
        with pytest.raises(SourceBusyError):
            sync()
        with pytest.raises(SourceBusyError):
            remove_source(served, settings, stored)
        assert sync_next_due(served, settings, hashing_encoders())
        assert next_due(served) is None
    assert counts(sync()) == (8, 0, 0, 0, 0, 0)


def test_the_clock_syncs_what_is_due_once_and_asks_nobody(
    served: sa.Engine, settings: Settings, stored: StoredSource, docs: Path
) -> None:
    assert sync_next_due(served, settings, hashing_encoders())
    assert find_source(served, "docs").documents == 8
    assert not sync_next_due(served, settings, hashing_encoders())


def test_a_preview_changes_nothing(served: sa.Engine, settings: Settings, docs: Path) -> None:
    report = preview_source(served, settings, hashing_encoders(), "directory", {"path": str(docs)})
    assert report.added == 8 and list_sources(served) == [] and not list(list_matching(served, None))


@pytest.mark.parametrize(
    "told", [{}, {"path": "docs"}, {"path": "/docs", "token": "hunter2"}, {"path": "/docs", "audience": ["developers"]}]
)
def test_settings_that_can_not_be_used_are_named_without_what_they_are(
    served: sa.Engine, sync: Sync, told: dict[str, Any]
) -> None:
    with pytest.raises(BadInputError) as raised:
        sync(add_source(served, "wrong", "directory", told, None))
    assert "hunter2" not in str(raised.value)
    assert (find_source(served, "wrong").outcome or {})["error"] == str(raised.value)


def test_the_clock_tells_the_log_of_what_it_can_not_sync_and_goes_on(
    served: sa.Engine, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    add_source(served, "burrow", "directory", {"paths": []}, 60)
    assert sync_next_due(served, settings, hashing_encoders())
    assert "source burrow couldn't be synced: " in caplog.text
    assert not sync_next_due(served, settings, hashing_encoders())


def test_of_what_nobody_expected_the_log_has_the_kind_and_no_text(
    served: sa.Engine,
    settings: Settings,
    stored: StoredSource,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise LookupError("hunter2")

    monkeypatch.setattr(syncing, "_pass_over", fail)
    assert sync_next_due(served, settings, hashing_encoders())
    assert "source docs couldn't be synced: LookupError" in caplog.text and "hunter2" not in caplog.text
    assert (find_source(served, "docs").outcome or {}) == {"error": "LookupError"}


class Slow(Wiki):
    """A wiki whose listing breaks off after so many pages, because it wants to be left alone."""

    pages = 99

    def changes(self, cursor: str | None) -> Iterator[Page]:
        for number, page in enumerate(super().changes(cursor)):
            if number == self.pages:
                raise SourceError("it asks to be left alone for an hour", wait_s=3600.0)
            yield page


def test_a_listing_that_breaks_off_goes_in_as_far_as_it_went_and_removes_nothing(
    served: sa.Engine, settings: Settings
) -> None:
    wiki = Slow()
    wiki.edit(leave="# Leave\nDays.", parking="# Parking\nDeck.", wifi="# Wifi\nCode.")
    ingest_source(served, settings, hashing_encoders(), wiki)
    wiki.edit(leave=None, parking="# Parking\nDeck B.", wifi="# Wifi\nNo code.")
    wiki.pages = 2
    report = ingest_source(served, settings, hashing_encoders(), wiki, prune=True)
    assert (counts(report), report.wait_s) == ((0, 1, 0, 0, 1, 0), 3600.0)
    assert report.broken_off == "it asks to be left alone for an hour" and not report.is_whole
    assert not known_documents(served, [f"{PREFIX}leave.md"])[f"{PREFIX}leave.md"].deleted
    wiki.pages = 99
    after = ingest_source(served, settings, hashing_encoders(), wiki, cursor=report.cursor, prune=True)
    assert counts(after)[1:4] == (1, 0, 1)


def test_a_cursor_is_told_only_when_all_before_it_is_stored_and_not_after_a_failure(
    served: sa.Engine, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intake.ingest.BATCH_CHARS", 1)
    wiki, told = Wiki(), list[tuple[str, int]]()
    wiki.edit(**{f"p{number}": f"# Page {number}\nIts text." for number in range(4)})

    def note(cursor: str) -> None:
        told.append((cursor, len(list(list_matching(served, None)))))

    ingest_source(served, settings, hashing_encoders(), wiki, on_settled=note)
    assert told == [("1", 2), ("2", 3), ("3", 4)]
    told.clear()
    wiki.edit(**{f"p{number}": f"# Page {number}\nOther text." for number in range(4)})
    wiki.down = {"p0.md"}
    ingest_source(served, settings, hashing_encoders(), wiki, on_settled=note)
    assert told == []


def test_what_is_listed_twice_is_stored_once_as_it_was_last(served: sa.Engine, settings: Settings) -> None:
    class Twice(Wiki):
        def changes(self, cursor: str | None) -> Iterator[Page]:
            for page in super().changes(cursor):
                yield replace(page, changes=[*page.changes, *page.changes])
            yield Page([Listed(f"{PREFIX}leave.md", "leave.md", version="newer")], 1)

    wiki = Twice()
    wiki.edit(leave="# Leave\nDays.")
    report = ingest_source(served, settings, hashing_encoders(), wiki)
    assert not report.failed
    assert [(one.uri, one.passages) for one in list_matching(served, None)] == [(f"{PREFIX}leave.md", 1)]


SYNC_AND_DIE = """
import os, signal, sys
from pathlib import Path
import intake.ingest
from db.settings import Settings
from db.sources import find_source
from db.store import create_engine
from intake import sync_source
from intake.sources import files
from tests.next_attempt import as_soon_as_free
from tests.ranked_company import hashing_encoders

intake.ingest.BATCH_CHARS, files._PAGE_FILES = 1, 2
turn_to = intake.ingest.Tally.turn_to

def sync_and_die(left):
    def turn_to_and_die(self, page):
        nonlocal left
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1
        turn_to(self, page)

    intake.ingest.Tally.turn_to = turn_to_and_die
    engine = create_engine(sys.argv[1])
    settings, stored = Settings(data_dir=Path(sys.argv[2])), find_source(engine, "docs")
    as_soon_as_free(lambda: sync_source(engine, settings, hashing_encoders(), stored))

for page in range(int(sys.argv[3])):
    child = os.fork()
    if child == 0:
        sync_and_die(page)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
"""


def test_killed_at_each_page_the_next_sync_goes_on(
    served: sa.Engine,
    database_url: str,
    sync: Sync,
    tmp_path: Path,
    start_python: Callable[..., subprocess.Popen[str]],
) -> None:
    process = start_python(SYNC_AND_DIE, database_url, tmp_path / "home", 4)
    errors = process.communicate()[1]
    assert process.returncode == 0, errors
    assert find_source(served, "docs").documents == 6
    assert counts(as_soon_as_free(sync)) == (2, 0, 0, 0, 6, 0)


@pytest.mark.skipif(not HANDBOOK.is_dir(), reason="needs the handbook beside the repository")
def test_a_real_handbook_is_synced_changed_and_renamed(
    served: sa.Engine, settings: Settings, tmp_path: Path, sync: Sync
) -> None:
    shutil.copytree(HANDBOOK / "content", tmp_path / "handbook")
    own = add_source(served, "handbook", "directory", {"path": str(tmp_path / "handbook")}, None)
    first = sync(own)
    assert first.added == 880 and first.chunks > 5000
    again = sync(own)
    assert (again.unchanged, again.chunks, again.changes) == (880, 0, 0)
    changed = sorted((tmp_path / "handbook").rglob("*.md"))[::100]
    for path in changed:
        path.write_text(path.read_text() + "\nThis was added.\n")
    after = sync(own)
    assert after.changed + after.added == len(changed) and after.chunks <= 2 * len(changed)
    with served.connect() as connection:
        inside = schema.document.c.source_uri.contains("/handbook/departments/")
        query = sa.select(schema.chunk.c.text).join(schema.document).where(inside)
        text = connection.scalars(query.order_by(sa.func.length(schema.chunk.c.text).desc())).first()
    asked = show(served, text or "")
    before = said(served, asked)
    (tmp_path / "handbook" / "departments").rename(tmp_path / "handbook" / "teams")
    moved = sync(own)
    assert moved.moved > 100 and (moved.removed, moved.added, moved.chunks) == (0, 0, 0)
    assert said(served, asked) == before._replace(uri=(before.uri or "").replace("/departments/", "/teams/"))
