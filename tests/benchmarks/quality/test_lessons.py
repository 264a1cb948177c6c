"""The lesson is the night's, and knows nothing but the judgements that it is given and the pairs."""

from __future__ import annotations

from benchmarks.quality.lessons import judgements_of, lesson_of, question_of
from retrain.lesson import Anchor, LabelRules, MiningRules
from tests.benchmarks.quality.small_task import ASKED, make_task


def test_votes_are_judgements_with_where_they_were_shown() -> None:
    task = make_task()
    told = judgements_of(task)
    assert [(own.person, own.question_id, own.chunk_id, own.value) for own in told] == [
        (vote.person, vote.question, vote.chunk, vote.value) for vote in task.votes
    ]
    assert [own.rank for own in told[:5]] == [1, 2, 3, 4, 5]


def test_a_lesson_is_about_the_task_s_questions_and_pairs() -> None:
    task = make_task()
    lesson = lesson_of(task, judgements_of(task)[:50], LabelRules(), MiningRules())
    anchors = {label.anchor for label in lesson.labels}
    assert {question_of(task, own) for own in anchors if own.kind == "question"} <= set(range(10))
    assert {question_of(task, own) for own in anchors if own.kind == "pair"} == set(range(ASKED, ASKED + 20))
    assert lesson.snapshot.anchors[Anchor("pair", 3)].text == task.questions[ASKED + 3]
