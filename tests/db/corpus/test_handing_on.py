"""What was said of a passage goes on to what takes its place, and never to where its readers couldn't see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pytest
import sqlalchemy as sa
from numpy.typing import NDArray

from db import schema
from db.answers import store_answer
from db.corpus.document import DocumentDraft, draft_chunk
from db.corpus.documents import remove_documents, write_documents
from db.generations import Generation, serving
from db.question import Asked, Draft
from db.store import raw_connection
from tests.hits import hit
from tests.synthetic import HashingEncoder, add_audience, make_generation, serve

PARKING = "A parking permit costs 40 euros a month and is ordered at reception."
VISA = "Visa letters are written by the legal team within five working days."
GYM = "The gym opens at six in the morning on all working days."


class Said(NamedTuple):
    """Where the impression of a question is now."""

    uri: str | None
    text: str | None
    nearness: float


@pytest.fixture(autouse=True)
def generation(engine: sa.Engine) -> None:
    serve(engine, make_generation(engine))


def draft(uri: str, *texts: str, title: str = "Title", **values: Any) -> DocumentDraft:
    content_hash = repr((title, texts)).encode()
    return DocumentDraft(uri, title, content_hash, [draft_chunk(title, "", text) for text in texts], **values)


def encode(_: Generation, texts: Sequence[str]) -> NDArray[np.float32]:
    return HashingEncoder().encode_passages(texts)


def write(engine: sa.Engine, *drafts: DocumentDraft) -> None:
    write_documents(engine, drafts, encode)


def show(engine: sa.Engine, text: str, audience_ids: Sequence[int] = (1,)) -> int:
    """A question whose answer was made from the passage with that text."""
    with raw_connection(engine) as raw:
        query = "SELECT id, document_id, text_hash FROM chunk WHERE text = %s"
        row = raw.execute(query, (text,)).fetchone()
        assert row is not None
    found = hit(row[0], text, document_id=row[1], text_hash=row[2])
    made = Draft("What?", audience_ids, serving(engine).id, "quoted", "…", [found], [[row[0]]], {"total": 1.0})
    return store_answer(engine, Asked("What?", "T1", "C1", "public", "T1:U1", "1.5"), made).question_id


def said(engine: sa.Engine, question_id: int) -> Said:
    with raw_connection(engine) as raw:
        row = raw.execute(
            "SELECT d.source_uri, c.text, round(i.nearness::numeric, 2)::float8 FROM impression i"
            " LEFT JOIN chunk c ON c.id = i.chunk_id LEFT JOIN document d ON d.id = c.document_id"
            " WHERE i.question_id = %s",
            (question_id,),
        ).fetchone()
        assert row is not None
        return Said(*row)


def test_another_title_takes_nothing_away(engine: sa.Engine) -> None:
    write(engine, draft("a", PARKING, VISA))
    asked = show(engine, VISA)
    write(engine, draft("a", VISA, PARKING, title="Another title"))
    assert said(engine, asked) == Said("a", VISA, 1.0)


def test_an_edited_passage_keeps_what_was_said_and_tells_how_near_it_is_after_all_edits(engine: sa.Engine) -> None:
    write(engine, draft("a", PARKING, VISA))
    asked, other = show(engine, VISA), show(engine, PARKING)
    edited = VISA.replace("within five", "in five")
    write(engine, draft("a", GYM, PARKING, edited))
    assert said(engine, asked) == Said("a", edited, 0.92)
    again = edited.replace("legal team", "lawyers")
    write(engine, draft("a", PARKING, again))
    assert said(engine, asked) == Said("a", again, 0.76)
    assert said(engine, other) == Said("a", PARKING, 1.0)
    write(engine, draft("a", PARKING, VISA))
    assert said(engine, asked) == Said("a", VISA, 1.0), "as it was found"


def sentences(name: str, *numbers: int) -> str:
    return " ".join(
        f"{name}{n} {name}likes{n} {name}has{n} {name}wants{n} {name}needs{n} {name}uses{n}." for n in numbers
    )


def test_pieces_of_a_passage_that_was_cut_take_its_place_by_the_largest(engine: sa.Engine) -> None:
    whole = sentences("a", *range(8))
    write(engine, draft("a", whole, GYM))
    asked = show(engine, whole)
    small, large, rest = sentences("a", 0, 1), sentences("a", 2, 3, 4), sentences("a", 5, 6, 7)
    write(engine, draft("a", small, large, rest, GYM))
    assert said(engine, asked) == Said("a", large, 0.38)
    write(engine, draft("a", whole, GYM))
    assert said(engine, asked) == Said("a", whole, 1.0)


def test_a_piece_of_what_is_mostly_gone_takes_no_place(engine: sa.Engine) -> None:
    whole = sentences("a", *range(8))
    write(engine, draft("a", whole, GYM))
    asked = show(engine, whole)
    write(engine, draft("a", sentences("a", 0, 1), sentences("b", 0, 1, 2) + " " + sentences("a", 7), GYM))
    assert said(engine, asked) == Said(None, None, 1.0)


def test_what_a_passage_shared_with_one_that_stood_is_still_there(engine: sa.Engine) -> None:
    """As when passages share nothing with their neighbours any more: little of the last one is left in one of its own.

    What only stands beside it takes no place.
    """
    first, last = sentences("a", *range(8)), sentences("a", 5, 6, 7, 8)
    write(engine, draft("a", first, last))
    asked = show(engine, last)
    write(engine, draft("a", first, sentences("a", 8)))
    assert said(engine, asked) == Said("a", sentences("a", 8), 0.25)
    write(engine, draft("a", first))
    assert said(engine, asked) == Said(None, None, 0.25)


def test_what_became_a_part_of_a_larger_one_goes_on_with_its_own_words(engine: sa.Engine) -> None:
    texts = [sentences("a", 0, 1, 2), sentences("a", 3, 4, 5), sentences("a", 6, 7, 8)]
    write(engine, draft("a", *texts))
    questions = [show(engine, text) for text in texts]
    large = sentences("a", *range(9))
    write(engine, draft("a", large))
    assert [said(engine, asked) for asked in questions] == [Said("a", large, 1.0)] * 3
    cut = [sentences("a", 0, 1), sentences("a", 2, 3), sentences("a", 4, 5), sentences("a", 6, 7, 8)]
    write(engine, draft("a", *cut))
    after = [Said("a", cut[0], 0.67), Said("a", cut[2], 0.67), Said("a", cut[3], 1.0)]
    assert [said(engine, asked) for asked in questions] == after
    write(engine, draft("a", *cut, GYM))
    assert [said(engine, asked) for asked in questions] == after
    write(engine, draft("a", *texts))
    assert [said(engine, asked) for asked in questions] == [Said("a", text, 1.0) for text in texts]


def passage_of(engine: sa.Engine, question_id: int) -> int:
    with raw_connection(engine) as raw:
        row = raw.execute("SELECT chunk_id FROM impression WHERE question_id = %s", (question_id,)).fetchone()
        assert row is not None
        return int(row[0])


def test_a_passage_that_comes_back_has_its_own_again_though_its_heir_stands(engine: sa.Engine) -> None:
    own, large = sentences("a", 0, 1, 2), sentences("a", *range(6))
    write(engine, draft("a", own, GYM), draft("b", PARKING))
    asked = show(engine, own)
    write(engine, draft("a", large, GYM))
    assert said(engine, asked) == Said("a", large, 1.0)
    write(engine, draft("b", own))
    assert said(engine, asked) == Said("a", large, 1.0), "another document's is another passage"
    write(engine, draft("a", large, own))
    assert said(engine, asked) == Said("a", own, 1.0)


def test_a_copy_of_a_passage_takes_nothing_from_it(engine: sa.Engine) -> None:
    write(engine, draft("a", VISA, GYM))
    asked = show(engine, VISA)
    before = passage_of(engine, asked)
    write(engine, draft("a", VISA, VISA))
    assert passage_of(engine, asked) == before


def test_a_row_of_a_table_is_known_below_the_header_that_all_pieces_have(engine: sa.Engine) -> None:
    def table(*numbers: int) -> str:
        return "\n".join(["| City | Sick days | Vacation days | Desk |", *(sentences("a", n) for n in numbers)])

    write(engine, draft("a", table(0, 1, 2), table(3, 4, 5), table(6, 7, 8)))
    asked = show(engine, table(6, 7, 8))
    write(engine, draft("a", table(*range(9))))
    write(engine, draft("a", table(0, 1), table(2, 3), table(4, 5), table(6, 7), table(8)))
    assert said(engine, asked).text == table(6, 7)


def test_a_passage_that_went_leaves_nothing_to_those_that_stood_beside_it_however_near(engine: sa.Engine) -> None:
    write(engine, draft("a", "Deck 1 is open for all.", "Deck 2 is open for all."))
    asked = show(engine, "Deck 1 is open for all.")
    write(engine, draft("a", "Deck 2 is open for all."))
    assert said(engine, asked) == Said(None, None, 1.0)


def test_passages_that_became_one_share_it(engine: sa.Engine) -> None:
    write(engine, draft("a", PARKING, VISA))
    questions = show(engine, PARKING), show(engine, VISA)
    write(engine, draft("a", f"{PARKING}\n\n{VISA}"))
    assert {said(engine, asked) for asked in questions} == {Said("a", f"{PARKING}\n\n{VISA}", 1.0)}


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("target_first", [True, False])
def test_a_passage_that_moved_to_another_document_takes_it_along(
    engine: sa.Engine, at_once: bool, target_first: bool
) -> None:
    write(engine, draft("a", PARKING, VISA), draft("b", GYM))
    asked = show(engine, PARKING)
    drafts = [draft("b", GYM, PARKING, title="B"), draft("a", VISA)]
    drafts = drafts if target_first else drafts[::-1]
    for own in [drafts] if at_once else [[one] for one in drafts]:
        write(engine, *own)
    assert said(engine, asked) == Said("b", PARKING, 1.0)


@pytest.mark.parametrize("at_once", [True, False])
def test_documents_that_swapped_their_names_keep_their_own(engine: sa.Engine, at_once: bool) -> None:
    write(engine, draft("a", PARKING, title="Parking"), draft("b", VISA, title="Visa"))
    parking, visa = show(engine, PARKING), show(engine, VISA)
    drafts = [draft("a", VISA, title="Visa"), draft("b", PARKING, title="Parking")]
    for own in [drafts] if at_once else [[one] for one in drafts]:
        write(engine, *own)
    assert said(engine, parking) == Said("b", PARKING, 1.0)
    assert said(engine, visa) == Said("a", VISA, 1.0)


def test_a_document_that_is_removed_and_restored_has_it_back(engine: sa.Engine) -> None:
    write(engine, draft("a", PARKING, VISA))
    asked = show(engine, VISA)
    remove_documents(engine, ["a"])
    assert said(engine, asked) == Said(None, None, 1.0)
    write(engine, draft("elsewhere", VISA, title="Another title"))
    assert said(engine, asked) == Said("elsewhere", VISA, 1.0)


def test_a_copy_takes_over_when_the_other_is_removed(engine: sa.Engine) -> None:
    write(engine, draft("a", PARKING))
    asked = show(engine, PARKING)
    write(engine, draft("copy", PARKING))
    assert said(engine, asked).uri == "a"
    remove_documents(engine, ["a"])
    assert said(engine, asked) == Said("copy", PARKING, 1.0)


def test_of_equals_elsewhere_the_one_that_came_with_the_same_change_takes_it(engine: sa.Engine) -> None:
    write(engine, draft("a", PARKING, VISA))
    asked = show(engine, PARKING)
    write(engine, draft("copy", PARKING))
    write(engine, draft("a", VISA), draft("b", PARKING))
    assert said(engine, asked) == Said("b", PARKING, 1.0)


@pytest.mark.parametrize("restored", [True, False])
def test_it_goes_to_no_document_that_the_answers_readers_could_not_see(engine: sa.Engine, restored: bool) -> None:
    secret = add_audience(engine, "board")
    write(engine, draft("a", PARKING))
    asked = show(engine, PARKING)
    if restored:
        remove_documents(engine, ["a"])
    write(engine, draft("b", PARKING, audience_id=secret))
    if not restored:
        remove_documents(engine, ["a"])
    assert said(engine, asked) == Said(None, None, 1.0)
    write(engine, draft("c", PARKING, title="For all"))
    assert said(engine, asked) == Said("c", PARKING, 1.0)


def test_a_moved_document_is_the_same_for_the_same_people(engine: sa.Engine) -> None:
    group = add_audience(engine, "group")
    write(engine, draft("old/a", PARKING, audience_id=group))
    asked = show(engine, PARKING, (1, group))
    with engine.begin() as connection:
        before = connection.execute(sa.select(schema.document)).one()
        connection.execute(schema.document_review.insert().values(document_id=before.id, reported_by="T1:U1"))
    moved = draft("new/a", PARKING, moved_from="old/a")
    called = []
    written = write_documents(
        engine, [moved], lambda generation, texts: called.append(texts) or encode(generation, texts)
    )
    assert (written.added, written.changed, written.moved, written.chunks, called) == (0, 0, 1, 0, [])
    with engine.connect() as connection:
        after = connection.execute(sa.select(schema.document)).one()
        assert connection.scalar(sa.select(schema.document_review.c.document_id)) == before.id
    assert (after.id, after.source_uri, after.audience_id) == (before.id, "new/a", group)
    assert said(engine, asked) == Said("new/a", PARKING, 1.0)
    assert write_documents(engine, [replace(moved, moved_from=None)], encode).unchanged == 1


def test_a_document_moves_to_where_another_was_removed(engine: sa.Engine) -> None:
    write(engine, draft("a", PARKING), draft("b", VISA))
    asked = show(engine, VISA)
    remove_documents(engine, ["a"])
    write(engine, draft("a", VISA, GYM, moved_from="b"))
    assert said(engine, asked) == Said("a", VISA, 1.0)
    with engine.connect() as connection:
        assert connection.scalars(sa.select(schema.document.c.source_uri)).all() == ["a"]


@pytest.mark.parametrize(("moved_from", "is_moved"), [("never", False), ("b", False), ("removed", True)])
def test_what_cannot_have_moved_is_new(engine: sa.Engine, moved_from: str, is_moved: bool) -> None:
    write(engine, draft("b", VISA), draft("removed", GYM))
    remove_documents(engine, ["removed"])
    written = write_documents(engine, [draft("a", PARKING, moved_from=moved_from), draft("b", VISA, GYM)], encode)
    assert (written.added, written.changed, written.moved) == (not is_moved, 1, is_moved)


def test_two_cannot_both_be_what_one_was(engine: sa.Engine) -> None:
    write(engine, draft("old", PARKING))
    written = write_documents(
        engine, [draft("a", PARKING, moved_from="old"), draft("b", PARKING, moved_from="old")], encode
    )
    assert (written.added, written.moved) == (1, 1)


def test_pairs_and_what_was_asked_of_the_same_text_go_along(engine: sa.Engine) -> None:
    write(engine, draft("a", PARKING, VISA))
    with raw_connection(engine) as raw:
        ids = dict(raw.execute("SELECT text, id FROM chunk").fetchall())
        raw.execute(
            "INSERT INTO curated_pair (id, prompt, completion, added_by) OVERRIDING SYSTEM VALUE"
            " VALUES (7, 'q', 'c', 'test')"
        )
        raw.execute("INSERT INTO curated_pair_chunk VALUES (7, %s), (7, %s)", (ids[PARKING], ids[VISA]))
        raw.execute(
            "INSERT INTO synthetic_question (chunk_id, text, model) VALUES (%s, 'q?', 'm'), (%s, 'q?', 'm')",
            (ids[PARKING], ids[VISA]),
        )
    edited = VISA.replace("five", "six")
    write(engine, draft("a", edited, PARKING, title="Another title"))
    with raw_connection(engine) as raw:
        ids = dict(raw.execute("SELECT text, id FROM chunk").fetchall())
        linked = raw.execute("SELECT chunk_id FROM curated_pair_chunk ORDER BY 1").fetchall()
        written = raw.execute("SELECT chunk_id FROM synthetic_question").fetchall()
    assert {row[0] for row in linked} == {ids[edited], ids[PARKING]}
    assert written == [(ids[PARKING],)], "a question that a model wrote is of the text that it read"


def test_a_pair_goes_to_what_the_whole_became_and_not_a_part_of_it(engine: sa.Engine) -> None:
    small, rest = sentences("a", 0, 1, 2), sentences("a", *range(3, 9))
    write(engine, draft("a", small))
    asked = show(engine, small)
    write(engine, draft("a", f"{small} {rest}"))
    with raw_connection(engine) as raw:
        raw.execute("INSERT INTO curated_pair (prompt, completion, added_by) VALUES ('q', 'c', 'test')")
        raw.execute("INSERT INTO curated_pair_chunk SELECT curated_pair.id, chunk.id FROM curated_pair, chunk")
    write(engine, draft("a", small, rest))
    assert said(engine, asked).text == small
    with raw_connection(engine) as raw:
        query = "SELECT text FROM curated_pair_chunk JOIN chunk ON chunk.id = chunk_id"
        assert raw.execute(query).fetchall() == [(rest,)]
