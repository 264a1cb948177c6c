from __future__ import annotations

from retrain.court.margins import what_would_decide_otherwise
from tests.night_rows import EVIDENCE


def test_a_promoted_night_says_how_far_it_was_from_being_refused() -> None:
    first, *others = what_would_decide_otherwise(EVIDENCE, ["better"], promoted=True)

    assert "p was 0.0013, and had to be under 0.05" in first
    assert "258 golden questions, ndcg@10 going +0.030 or less" in first
    assert [sentence.split(",")[0] for sentence in others[:1]] == ["The slice that did worst"]
    assert "documents without votes" in others[0]
    assert any("258 golden questions 5.0% were refused though a right document" in own for own in others)
    assert "more than 18% would have refused it" in others[-1]


def test_golden_questions_share_the_chance_of_luck_with_what_else_is_compared() -> None:
    beside = EVIDENCE | {"votes": EVIDENCE["votes"] | {"p": 0.3, "better": False}}
    assert "had to be under 0.04." in what_would_decide_otherwise(beside, [], promoted=True)[0]
    votes = EVIDENCE["votes"] | {"p": 0.001, "better": True}
    assert "had to be under 0.01." in what_would_decide_otherwise({"votes": votes}, [], promoted=True)[0]


def test_a_refused_night_says_what_it_would_take() -> None:
    takes = "A gain of 0.03 in ndcg@10 needs about 1020 more golden pairs to be seen."
    evidence = {"golden": EVIDENCE["golden"] | {"better": False}, "takes": takes}

    assert what_would_decide_otherwise(evidence, ["not shown", takes], promoted=False) == [takes]
    both = what_would_decide_otherwise(evidence, ["not shown", takes, "a slice fell"], promoted=False)
    assert (both[0], "no gain outweighs" in both[1]) == (takes, True)


def test_one_that_only_a_limit_refused_and_one_that_was_never_compared() -> None:
    [only] = what_would_decide_otherwise(EVIDENCE, ["a slice fell"], promoted=False)
    assert "shown to be better" in only
    for evidence in (None, {}, {"learnt_from": 12}):
        [nothing] = what_would_decide_otherwise(evidence, ["too little"], promoted=False)
        assert "Nothing was compared" in nothing
