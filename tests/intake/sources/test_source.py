"""A source that isn't files: what it may leave to the pass, and what the pass then asks of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import sqlalchemy as sa

from db.corpus import known_documents
from db.errors import BadInputError
from db.schema import PUBLIC_AUDIENCE_ID
from db.settings import Settings
from intake.ingest import ingest_source
from intake.sources.source import Failure, Gone, KnownUnder, Listed, Page
from intake.tally import IngestReport
from tests.corpus import encoders
from tests.synthetic import add_audience

PREFIX = "wiki://handbook/"


@dataclass
class Wiki:
    """Pages with a log of their edits: a cursor is a place in it, and a page's version is the edit that made it."""

    edits: list[tuple[str, str | None]] = field(default_factory=list)
    """Name and text of each; None takes the page away."""

    audience_id: int | None = None
    down: set[str] = field(default_factory=set)
    fetched: list[str] = field(default_factory=list)

    def edit(self, **texts: str | None) -> None:
        self.edits += [(f"{name}.md", text) for name, text in texts.items()]

    def latest(self, since: int = 0) -> dict[str, int]:
        return {name: number for number, (name, text) in enumerate(self.edits) if number >= since and text is not None}

    def changes(self, cursor: str | None) -> Iterator[Page]:
        latest = self.latest(int(cursor or 0))
        for name, number in latest.items():
            listed = Listed(PREFIX + name, name, version=f"edit {number}", audience_id=self.audience_id)
            yield Page([listed], len(latest), cursor=str(number + 1))

    def fetch(self, uri: str) -> bytes:
        name = uri.removeprefix(PREFIX)
        self.fetched.append(name)
        if name in self.down:
            raise BadInputError("the wiki is down")
        return (self.edits[self.latest()[name]][1] or "").encode()

    def is_gone(self, uri: str) -> bool:
        return uri.startswith(PREFIX) and dict(self.edits).get(uri.removeprefix(PREFIX)) is None

    def gone(self, known_under: KnownUnder) -> Iterator[Gone]:
        known = [uri for uris in known_under(PREFIX) for uri in uris]
        yield Gone("the wiki", len(known), [uri for uri in known if self.is_gone(uri)])

    def left_out(self) -> dict[str, int]:
        return {}


@pytest.fixture
def wiki() -> Wiki:
    made = Wiki()
    made.edit(leave="# Leave\nTwenty-eight days.", parking="# Parking\nDeck B is open.")
    return made


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "home", encoder_dtype="float32")


def counts(report: IngestReport) -> tuple[int, int, int, int, int]:
    return report.added, report.changed, report.removed, report.unchanged, len(report.failed)


def test_a_pass_goes_on_from_the_cursor_of_the_last_one(engine: sa.Engine, settings: Settings, wiki: Wiki) -> None:
    first = ingest_source(engine, settings, encoders(), wiki)
    assert counts(first) == (2, 0, 0, 0, 0)
    wiki.edit(parking="# Parking\nDeck C is open.", wifi="# Wifi\nAsk at the desk.")
    wiki.fetched.clear()
    second = ingest_source(engine, settings, encoders(), wiki, cursor=first.cursor)
    assert counts(second) == (1, 1, 0, 0, 0)
    assert wiki.fetched == ["parking.md", "wifi.md"]


def test_what_has_the_version_that_is_stored_is_not_fetched(engine: sa.Engine, settings: Settings, wiki: Wiki) -> None:
    ingest_source(engine, settings, encoders(), wiki)
    wiki.edit(parking="# Parking\nDeck C is open.")
    wiki.fetched.clear()
    assert counts(ingest_source(engine, settings, encoders(), wiki)) == (0, 1, 0, 1, 0)
    assert wiki.fetched == ["parking.md"]


def test_a_document_that_failed_is_listed_again(engine: sa.Engine, settings: Settings, wiki: Wiki) -> None:
    wiki.down = {"leave.md"}
    broken = ingest_source(engine, settings, encoders(), wiki)
    assert (counts(broken), broken.failed) == ((1, 0, 0, 0, 1), (Failure("leave.md", "the wiki is down"),))
    wiki.down.clear()
    assert counts(ingest_source(engine, settings, encoders(), wiki, cursor=broken.cursor)) == (1, 0, 0, 1, 0)


def test_what_the_source_took_away_goes_when_asked(engine: sa.Engine, settings: Settings, wiki: Wiki) -> None:
    first = ingest_source(engine, settings, encoders(), wiki)
    wiki.edit(leave=None)
    assert counts(ingest_source(engine, settings, encoders(), wiki, cursor=first.cursor)) == (0, 0, 0, 0, 0)
    pruned = ingest_source(engine, settings, encoders(), wiki, cursor=first.cursor, prune=True)
    assert counts(pruned) == (0, 0, 1, 0, 0)
    assert known_documents(engine, [f"{PREFIX}leave.md"])[f"{PREFIX}leave.md"].deleted


def test_nothing_is_removed_after_a_listing_that_broke_off(engine: sa.Engine, settings: Settings, wiki: Wiki) -> None:
    ingest_source(engine, settings, encoders(), wiki)

    class Broken(Wiki):
        def changes(self, cursor: str | None) -> Iterator[Page]:
            raise ConnectionError

    with pytest.raises(ConnectionError):
        ingest_source(engine, settings, encoders(), Broken(), prune=True)
    assert not any(known.deleted for known in known_documents(engine, [f"{PREFIX}leave.md"]).values())


def test_each_document_is_for_the_audience_that_its_source_says(
    engine: sa.Engine, settings: Settings, wiki: Wiki
) -> None:
    wiki.audience_id = add_audience(engine, "people")
    ingest_source(engine, settings, encoders(), wiki)
    wiki.audience_id = PUBLIC_AUDIENCE_ID
    assert counts(ingest_source(engine, settings, encoders(), wiki)) == (0, 2, 0, 0, 0)
    known = known_documents(engine, [f"{PREFIX}leave.md", f"{PREFIX}parking.md"])
    assert {one.audience_id for one in known.values()} == {PUBLIC_AUDIENCE_ID}
