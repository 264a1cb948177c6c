"""Words are made anew where they have to be, at once or not at all, while questions go on."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from db.corpus import DocumentDraft, draft_chunk, write_documents
from db.store import raw_connection
from db.words import ensure_words, read_indexed, rebuild, set_languages
from db.words.postings import Indexed
from tests.histories import assert_counts, assert_scores, encode
from tests.synthetic import make_generation, serve

ENGLISH = ("english",)


@pytest.fixture
def write(engine: sa.Engine) -> Callable[..., None]:
    serve(engine, make_generation(engine))

    def add(name: str, *texts: str) -> None:
        chunks = [draft_chunk("Title", "", text) for text in texts]
        write_documents(engine, [DocumentDraft(f"file:{name}", "Title", name.encode(), chunks)], encode)

    return add


def indexed(engine: sa.Engine) -> Indexed:
    with raw_connection(engine) as raw:
        found = read_indexed(raw)
    assert found is not None
    return found


def test_nothing_is_made_anew_where_nothing_changed(engine: sa.Engine, write: Callable[..., None]) -> None:
    assert ensure_words(engine, ENGLISH) is None
    write("a", "parrots need permits", "travel")
    assert ensure_words(engine, ENGLISH) is None


def test_other_languages(engine: sa.Engine, write: Callable[..., None]) -> None:
    write("a", "Die Verträge liegen in der Mappe", "parrots travelling")
    done: list[tuple[int, int]] = []
    why = ensure_words(engine, ("german", "english"), lambda *at: done.append(at))
    assert why == "their languages were english and are german, english"
    assert done == [(2, 2)]
    assert indexed(engine).languages == ("german", "english")
    assert_scores(engine, ["Vertrag Verträgen", "parrot"], [[1]])
    assert_counts(engine)
    assert ensure_words(engine, ("german", "english")) is None


def test_the_languages_of_an_empty_store_are_set_once(engine: sa.Engine, write: Callable[..., None]) -> None:
    set_languages(engine, ("german",))
    set_languages(engine, ("french",))
    write("a", "Verträge")
    assert indexed(engine).languages == ("german",)


def test_another_version_of_what_makes_lexemes(
    engine: sa.Engine, write: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    write("a", "parrot")
    monkeypatch.setattr(rebuild, "VERSION", 99)
    assert ensure_words(engine, ENGLISH) == "this version of Nightshift reads words differently"
    assert indexed(engine).version == 99


def test_lengths_that_moved(engine: sa.Engine, write: Callable[..., None]) -> None:
    write("short", "parrot permit", "parrot")
    before = indexed(engine).average_length
    write("long", " ".join(f"word{number}" for number in range(300)))
    assert ensure_words(engine, ENGLISH) == "passages' average length moved"
    assert before is not None
    assert (indexed(engine).average_length or 0) > 20 * before
    assert_scores(engine, ["parrot word7 word8"], [[1]])
    assert_counts(engine)


def test_passages_that_somebody_wrote_without_their_words(engine: sa.Engine, write: Callable[..., None]) -> None:
    write("a", "parrot")
    with raw_connection(engine) as raw:
        raw.execute(
            "INSERT INTO chunk (document_id, ordinal, section, text, text_hash)"
            " SELECT id, 1, '', 'permit', '' FROM document"
        )
    assert ensure_words(engine, ENGLISH) == "those of some passages lacked"
    assert_scores(engine, ["permit"], [[1]])
    assert_counts(engine)


def test_killed_on_the_way_it_leaves_the_words_as_they_were(engine: sa.Engine, write: Callable[..., None]) -> None:
    write("a", "parrots travelling", "permits")

    def die(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ensure_words(engine, ("german",), die)
    assert indexed(engine).languages == ENGLISH
    assert_scores(engine, ["parrots permits"], [[1]])
    assert_counts(engine)


def test_memory_is_bounded_and_every_span_is_written(
    engine: sa.Engine, write: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "abc":
        write(name, *(f"parrot {name} {number}" for number in range(5)))
    monkeypatch.setattr(rebuild, "_BATCH", 4)
    done: list[tuple[int, int]] = []
    with raw_connection(engine) as raw:
        rebuild.rebuild_words(raw, ENGLISH, lambda *at: done.append(at))
        assert raw.execute("SELECT count(*), sum(chunks) FROM words_segment").fetchone() == (1, 15)
    assert done == [(4, 15), (8, 15), (12, 15), (15, 15)]
    assert_scores(engine, ["parrot a 3"], [[1]])
    assert_counts(engine)


def test_who_changes_documents_meanwhile_waits_and_nothing_is_lost(
    engine: sa.Engine, write: Callable[..., None]
) -> None:
    write("a", "parrot", "permits")
    with ThreadPoolExecutor(1) as pool:

        def add_beside(done: int, total: int) -> None:
            adding.append(pool.submit(write, "b", "Verträge"))
            assert_scores(engine, ["parrots permits"], [[1]])  # as they were: nobody sees half of it

        adding: list[object] = []
        assert ensure_words(engine, ("german",), add_beside)
    assert_scores(engine, ["Vertrag parrot"], [[1]])
    assert_counts(engine)


def test_passages_without_words(engine: sa.Engine, write: Callable[..., None]) -> None:
    write("a", "the of and", "?!", "🎉")
    with raw_connection(engine) as raw:
        rebuild.rebuild_words(raw, ENGLISH)
    assert ensure_words(engine, ENGLISH) is None
    write("b", "parrot")
    assert_scores(engine, ["parrot", "the", ""], [[1]])
    assert_counts(engine)
