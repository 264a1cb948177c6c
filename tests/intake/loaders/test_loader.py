"""What loaders of others give, synced: LangChain's in parts, LlamaIndex's whole, and ones that fail."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from db.corpus import list_matching
from db.errors import BadInputError
from db.settings import Settings
from db.sources import add_source, find_source
from intake import sync_source
from intake.loaders import LOADERS_FILE
from intake.loaders.loader import Loader, _name_of
from intake.loaders.told import ToldLoader
from intake.sources import MAX_FILE_BYTES, MAX_URI_CHARS, TOO_LARGE, Failure, Listed
from intake.tally import IngestReport
from tests.intake.loaders import given
from tests.ranked_company import hashing_encoders
from tests.synthetic import make_generation, serve

Sync = Callable[..., IngestReport]


@pytest.fixture
def sync(engine: sa.Engine, tmp_path: Path) -> Sync:
    serve(engine, make_generation(engine))
    given.PAGES.clear()
    given.MADE_WITH.clear()
    settings = Settings(data_dir=tmp_path)
    settings.home.mkdir(exist_ok=True)
    add_source(engine, "wiki", "loader", {"entry": "wiki"}, None)

    def run(loader: str = "Pages", more: str = "") -> IngestReport:
        file = settings.home / LOADERS_FILE
        file.write_text(f'[wiki]\nloader = "tests.intake.loaders.given.{loader}"\n{more}\n')
        file.chmod(0o600)
        return sync_source(engine, settings, hashing_encoders(), find_source(engine, "wiki"))

    return run


def counts(report: IngestReport) -> tuple[int, int, int, int, int]:
    return report.added, report.changed, report.removed, report.unchanged, len(report.failed)


def test_parts_of_one_document_are_one_and_only_changes_are_read(engine: sa.Engine, sync: Sync) -> None:
    given.PAGES.update({f"pages/{number}.pdf": [f"Deck {number}.", "It is open."] for number in range(4)})
    assert counts(sync()) == (4, 0, 0, 0, 0)
    assert {one.uri for one in list_matching(engine, None)} == {
        f"loader:wiki/pages/{number}.pdf" for number in range(4)
    }
    given.PAGES["pages/2.pdf"] = ["Deck 2.", "It is closed."]
    del given.PAGES["pages/3.pdf"]
    assert counts(sync()) == (0, 1, 1, 2, 0)
    assert counts(sync()) == (0, 0, 0, 3, 0)


def test_a_loader_that_fails_midway_removes_nothing_and_tells_no_secret(
    engine: sa.Engine, sync: Sync, monkeypatch: pytest.MonkeyPatch
) -> None:
    given.PAGES.update({f"{number}": [f"Deck {number}."] for number in range(4)})
    sync()
    monkeypatch.setenv("WIKI_KEY", "hunter2")
    report = sync(more='arguments = { fails_after = 1 }\nsecrets = { key = "WIKI_KEY" }')
    assert given.MADE_WITH[-1] == {"key": "hunter2"}
    assert report.broken_off == "The loader tests.intake.loaders.given.Pages fails (ConnectionError)."
    assert report.removed == 0 and len(list(list_matching(engine, None))) == 4


def test_a_reader_as_llamaindex_has_them(engine: sa.Engine, sync: Sync) -> None:
    given.PAGES.update(leave=["Days."], parking=["Deck B."])
    assert counts(sync("Reader", 'load = { folder = "docs" }')) == (2, 0, 0, 0, 0)
    assert {(one.uri, one.title) for one in list_matching(engine, None)} == {
        ("loader:wiki/docs/leave", "leave"),
        ("loader:wiki/docs/parking", "parking"),
    }


def test_an_id_made_by_chance_is_no_name() -> None:
    ids = ("4F1c2d3e-0000-4000-8000-0123456789ab", "page 7", "")
    assert [_name_of(given.Node("x", own), 3) for own in ids] == ["document 3", "page 7", "document 3"]
    assert _name_of(given.Node("x", ids[0], {"file_path": "a/b.md"}), 3) == "a/b.md"


@pytest.mark.parametrize(("loader", "why"), [("Nothing", "neither lazy_load nor load_data"), ("Missing", "install")])
def test_what_is_no_loader_is_said_to_be_none(sync: Sync, loader: str, why: str) -> None:
    assert why in (sync(loader).broken_off or "")


def test_what_can_not_go_in_is_named_and_only_what_is_not_given_any_more_is_gone() -> None:
    loader = Loader("wiki", ToldLoader(loader="tests.intake.loaders.given.Twice"), None)
    long = "x" * MAX_URI_CHARS
    given.PAGES.clear()
    given.PAGES.update({"a": ["A."], "b": ["B."], long: ["C."], "large": ["y" * (MAX_FILE_BYTES + 1)]})
    listing = loader.changes(None)
    first = next(listing).changes[0]
    assert isinstance(first, Listed) and loader.fetch(first.uri) == b"A."
    assert not loader.is_gone("loader:wiki/was"), "it is still being listed"
    rest = [item for page in listing for item in page.changes]
    with pytest.raises(BadInputError, match="only while it lists it"):
        loader.fetch(first.uri)
    assert [one.reason for one in rest if isinstance(one, Failure)][:2] == ["its name is too long", TOO_LARGE]
    assert "gives it twice" in [one.reason for one in rest if isinstance(one, Failure)][2]
    gone = {uri: loader.is_gone(uri) for uri in ("loader:wiki/was", "loader:wiki/a", "loader:other/was")}
    assert gone == {"loader:wiki/was": True, "loader:wiki/a": False, "loader:other/was": False}
