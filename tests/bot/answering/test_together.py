"""One list of what two generations found: the same said twice is one source, and each is to its finder's credit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from bot.answering.finding import Found
from bot.answering.selection import Selection
from bot.answering.together import select_together
from db.corpus import sign_text
from db.search import FoundDocument, Hit
from tests.hits import hit

RULES = " ".join(f"Rule {n} of the archive on floor {n % 7}: label box {n * 37} by its year." for n in range(12))


def found(*documents: FoundDocument[Hit], relevant: Sequence[int] | None = None) -> Found:
    """All that stands there is relevant, unless other ranks are given."""
    hits = [passage for document in documents for passage in document.passages]
    return Found(hits, list(documents), list(relevant or range(1, len(documents) + 1)), None)


def document(document_id: int, text: str | None = None, *, passages: int = 1, first: int = 0) -> FoundDocument[Hit]:
    """Of so many passages, whose ids are the document's and a digit from `first` on."""
    told = text or f"What document {document_id} says"
    signature = sign_text([told]) if text else b""
    return FoundDocument(
        tuple(
            hit(document_id * 10 + n, f"{told} {n}" if n else told, document_id=document_id, signature=signature)
            for n in range(first, first + passages)
        )
    )


def together(incumbent: Found, candidate: Found, n: int = 5, key: str = "Ev1") -> Selection:
    return select_together(7, incumbent, candidate, n, key)


def shown(selection: Selection) -> list[int]:
    return [source.document_id for source in selection.sources]


def teams(selection: Selection) -> dict[int, Any]:
    assert selection.drawn is not None
    return dict(selection.drawn.teams)


def test_what_both_would_show_credits_neither_and_what_one_has_credits_it() -> None:
    made = together(found(document(1), document(2)), found(document(1), document(3)))
    assert shown(made)[0] == 1 and sorted(shown(made)) == [1, 2, 3]
    assert teams(made) == {20: "incumbent", 30: "candidate"}
    assert made.drawn is not None
    assert (made.drawn.trial_id, made.drawn.slots, made.drawn.contested) == (7, 3, 2)
    assert made.telling == made.sources
    assert (made.propensities, made.refused_because) == ({}, None)


def test_where_both_agree_nothing_is_contested_and_it_is_drawn_all_the_same() -> None:
    made = together(found(document(1), document(2)), found(document(1), document(2)))
    assert (shown(made), teams(made)) == ([1, 2], {})
    assert made.drawn is not None and (made.drawn.slots, made.drawn.contested) == (2, 0)


def test_every_passage_of_a_source_is_to_its_team_s_credit() -> None:
    made = together(found(document(1, passages=2)), found(document(2, passages=3)))
    assert teams(made) == {10: "incumbent", 11: "incumbent", 20: "candidate", 21: "candidate", 22: "candidate"}


def test_a_document_that_both_have_is_shown_as_what_serves_found_it() -> None:
    made = together(found(document(1, passages=2)), found(document(1, passages=2, first=1), document(2)))
    [source] = [source for source in made.sources if source.document_id == 1]
    assert [passage.chunk_id for passage in source.passages] == [10, 11]
    assert teams(made) == {}, "where one has no more sources, the other's next credits neither"


def test_what_only_the_candidate_found_of_the_sources_is_remembered_behind_the_rest_with_both_ranks() -> None:
    incumbent = found(document(1), document(2, passages=2), document(4))
    candidate = found(document(3, passages=2), document(1), document(5))
    made = together(incumbent, candidate, n=2)
    assert made.drawn is not None
    assert [own.chunk_id for own in made.hits] == [10, 20, 21, 40, 30, 31]
    assert made.drawn.incumbent_ranks == {10: 1, 20: 2, 21: 3, 40: 4}
    assert made.drawn.candidate_ranks == {30: 1, 31: 2, 10: 3, 50: 4}


def test_what_isn_t_shown_of_the_candidate_is_not_remembered() -> None:
    made = together(found(document(1), document(2)), found(document(1), document(2), document(3)), n=2)
    assert [own.chunk_id for own in made.hits] == [10, 20]


def test_neither_is_looked_at_below_what_it_would_show() -> None:
    made = together(found(document(1), document(2)), found(document(3), document(4)), n=1)
    assert len(shown(made)) == 1
    made = together(found(document(1), document(2), document(3)), found(document(2), document(1), document(9)), n=2)
    assert sorted(shown(made)) == [1, 2]


def test_what_says_too_little_to_be_a_source_is_none() -> None:
    incumbent = found(document(1), document(2), relevant=[1])
    made = together(incumbent, found(document(1), document(3), document(4), relevant=[1, 3]))
    assert shown(made) == [1, 4] and [own.chunk_id for own in made.hits] == [10, 20, 40]


@pytest.mark.parametrize("text", [RULES, f"{RULES} Amen."])
def test_a_copy_or_near_copy_of_what_the_other_has_is_the_same_source(text: str) -> None:
    made = together(found(document(1, RULES), document(2)), found(document(8, text), document(3)))
    assert sorted(shown(made)) == [1, 2, 3]
    assert teams(made) == {20: "incumbent", 30: "candidate"}


def test_a_copy_without_a_signature_is_the_same_source_too() -> None:
    one, other = (FoundDocument((hit(id_, "28 days.", document_id=id_),)) for id_ in (1, 8))
    made = together(found(one), found(other))
    assert (shown(made), teams(made)) == ([1], {})


def test_of_copies_that_stand_at_different_ranks_each_side_s_pick_is_shown_as_that_side_found_it() -> None:
    """The candidate has it at hand in the first round, when what serves has another: it is the candidate's pick."""
    incumbent, candidate = found(document(2), document(1, RULES)), found(document(8, RULES), document(3))
    made = together(incumbent, candidate)
    assert sorted(shown(made)) == [2, 3, 8], "what serves doesn't show the copy of it again"
    assert teams(made)[80] == "candidate" and 10 not in teams(made)


def test_near_copies_that_one_side_shows_both_are_not_taken_for_one_another() -> None:
    """As 4.2.1 and 4.2.0 of the same notes: a question may want either, and `gather` keeps both then."""
    incumbent = found(document(1, RULES), document(2))
    candidate = found(document(8, f"{RULES} Amen."), document(1, RULES))
    made = together(incumbent, candidate)
    assert sorted(shown(made)) == [1, 2, 8], "the candidate's first pick isn't lost"
    assert teams(made)[80] == "candidate"


def test_the_coin_is_the_question_s_own_in_this_trial() -> None:
    def first(key: str, trial_id: int = 7) -> int:
        return select_together(trial_id, found(document(1)), found(document(2)), 2, key).sources[0].document_id

    keys = [f"Ev{n}" for n in range(40)]
    assert [first(key) for key in keys] == [first(key) for key in keys]
    assert {first(key) for key in keys} == {1, 2}
    assert [first(key) for key in keys] != [first(key, trial_id=8) for key in keys]
