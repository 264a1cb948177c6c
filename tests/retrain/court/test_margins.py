from __future__ import annotations

from retrain.court.margins import what_would_decide_otherwise
from tests.night_rows import EVIDENCE


def test_a_promoted_night_says_how_far_it_was_from_being_refused() -> None:
    first, *others = what_would_decide_otherwise(EVIDENCE, ["better"], promoted=True)

    assert first == "p = 0.0009, and it had to be at most 0.0200: gains 66% as large would just have been enough."
    assert [sentence.split(",")[0] for sentence in others[:1]] == ["The slice that did worst"]
    assert "documents without votes" in others[0]
    assert any("258 golden questions 5.0% were refused though a right document" in own for own in others)
    assert "more than 18% would have refused it" in others[-1]


def test_of_nights_that_tested_one_by_one_nothing_is_said() -> None:
    older = {"golden": EVIDENCE["golden"] | {"better": True}}
    assert what_would_decide_otherwise(older, ["better"], promoted=True) == []


def test_a_refused_night_says_what_it_would_take() -> None:
    takes = "A gain of 0.03 in ndcg@10 needs about 1020 more golden pairs to be seen."
    evidence = EVIDENCE | {"pooled": EVIDENCE["pooled"] | {"better": False}, "takes": takes}

    assert what_would_decide_otherwise(evidence, ["not shown", takes], promoted=False) == [takes]
    both = what_would_decide_otherwise(evidence, ["not shown", takes, "a slice fell"], promoted=False)
    assert (both[0], "no gain outweighs" in both[1]) == (takes, True)


def test_one_that_only_a_limit_refused_and_one_that_was_never_compared() -> None:
    [only] = what_would_decide_otherwise(EVIDENCE, ["a slice fell"], promoted=False)
    assert "shown to be better" in only
    for evidence in (None, {}, {"learnt_from": 12}):
        [nothing] = what_would_decide_otherwise(evidence, ["too little"], promoted=False)
        assert "Nothing was compared" in nothing
