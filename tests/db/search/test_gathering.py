"""Whatever was found, no document comes twice, no words come twice, and few passages come."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.corpus import sign_text
from db.search.found import Found, copy_of
from db.search.gathering import GOOD_RANK, MOST_PASSAGES, FoundDocument, gather


def passage(place: int, document_id: int, words: str) -> Found:
    """What gathering looks at: which it is, of which document, and its words."""
    return Found(place, document_id, copy_of(words), 0.5, 0.0, 0.0, 1 / place)


def found(*documents_and_words: str) -> list[Found]:
    """Best first, of "2b" document 2 and the words b; without words, of words of its own."""
    return [
        passage(place, int(name[0]), name[1:] or f"words {place}")
        for place, name in enumerate(documents_and_words, start=1)
    ]


def gathered(*documents_and_words: str) -> list[tuple[int, list[int]]]:
    """Each document with its passages, by their places."""
    documents = gather(found(*documents_and_words))
    return [(own.document_id, [passage.chunk_id for passage in own.passages]) for own in documents]


PASSAGES = st.lists(st.tuples(st.integers(1, 8), st.sampled_from("abcdefghijkl")), max_size=60).map(
    lambda rows: [passage(place, document, words) for place, (document, words) in enumerate(rows, start=1)]
)


@given(PASSAGES)
def test_no_document_and_no_words_come_twice_however_passages_are_found(passages: list[Found]) -> None:
    documents = gather(passages)
    ids = [document.document_id for document in documents]
    shown = [passage for document in documents for passage in document.passages]
    assert len(set(ids)) == len(ids)
    assert len({passage.copy for passage in shown}) == len(shown)
    assert set(shown) <= set(passages)
    for document in documents:
        assert {passage.document_id for passage in document.passages} == {document.document_id}
        assert 1 <= len(document.passages) <= MOST_PASSAGES
        assert [passage.chunk_id for passage in document.passages] == sorted(p.chunk_id for p in document.passages)
    leads = [document.lead.chunk_id for document in documents]
    assert leads == sorted(leads)
    assert documents[:1] == [] or documents[0].lead == passages[0]


@given(PASSAGES)
def test_only_a_document_whose_words_stand_in_a_better_one_is_left_out(passages: list[Found]) -> None:
    order = list(dict.fromkeys(passage.document_id for passage in passages))
    words = {own: {passage.copy for passage in passages if passage.document_id == own} for own in order}
    new = [own for place, own in enumerate(order) if words[own] - set().union(*(words[each] for each in order[:place]))]
    assert sorted(document.document_id for document in gather(passages)) == sorted(new)


@given(PASSAGES)
def test_five_documents_bring_eleven_passages_at_most(passages: list[Found]) -> None:
    assert sum(len(document.passages) for document in gather(passages)[:5]) <= 11


def test_a_document_stands_where_its_best_passage_does_with_those_that_are_good_enough() -> None:
    assert gathered("2", "1", "2", "3", "1") == [(2, [1, 3]), (1, [2, 5]), (3, [4])]
    assert gathered(*["1"] * 5) == [(1, [1, 2, 3])]
    assert gathered(*"2345678923", "1", "2") == [
        (2, [1, 9]),
        (3, [2, 10]),
        *((n, [n - 1]) for n in range(4, 10)),
        (1, [11]),
    ]
    assert GOOD_RANK == 10


def test_a_copy_is_left_out_whichever_passage_of_it_comes_first() -> None:
    assert gathered("1a", "2b", "1b", "2a") == [(1, [1, 3])]
    assert gathered("1a", "2a", "2b") == [(1, [1]), (2, [3])]
    assert gathered("1a", "2a", "3b", "2c") == [(1, [1]), (3, [3]), (2, [4])]


def test_copies_take_no_ranks() -> None:
    assert gathered("1a", *["2a"] * 20, "1b") == [(1, [1, 22])]


ONE, OTHER, UNLIKE = (sign_text([f"{word} {n}" for n in range(90)]) for word in ("leave", "leave", "tea"))


def signed(**signatures: bytes) -> list[Found]:
    """A passage of each of these documents, best first; "d2" is document 2."""
    return [
        replace(passage(place, int(name[1:]), name), signature=signature)
        for place, (name, signature) in enumerate(signatures.items(), start=1)
    ]


def test_of_documents_that_say_nearly_the_same_the_best_is_there() -> None:
    documents = gather(signed(d1=ONE, d2=UNLIKE, d3=OTHER, d4=b"", d5=b""))
    assert [own.document_id for own in documents] == [1, 2, 4, 5]


def test_what_the_question_names_in_a_title_isnt_left_out_for_another_one() -> None:
    first, second, third = signed(d1=ONE, d2=OTHER, d3=OTHER)
    documents = gather([first, replace(second, in_title=0.2), third])
    assert [own.document_id for own in documents] == [1, 2]


def test_words_that_stand_in_a_copy_that_is_left_out_stay_another_ones() -> None:
    found = [
        replace(passage(1, 1, "a"), signature=ONE),
        replace(passage(2, 2, "b"), signature=OTHER),
        replace(passage(3, 3, "b"), signature=UNLIKE),
    ]
    assert [own.document_id for own in gather(found)] == [1, 3]


def test_another_passage_may_lead() -> None:
    document = FoundDocument(tuple(found("1", "1", "1")))
    assert [passage.chunk_id for passage in document.led_by(2).passages] == [2, 1, 3]
    assert document.led_by(1) == document
    assert document.led_by(9) == document, "one that it doesn't have changes nothing"


@pytest.mark.parametrize("passages", [[], found("1")])
def test_nothing_and_little_are_gathered_too(passages: list[Found]) -> None:
    assert [document.lead for document in gather(passages)] == passages
