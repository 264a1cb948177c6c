"""A candidate's ranking is fitted to lists as they were served, and to nothing that judges."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import sqlalchemy as sa

from db.answers import store_answer
from db.corpus import DocumentDraft, draft_chunk, write_documents
from db.generations import SHIPPED, Generation, read_vectors
from db.question import Asked, Draft
from retrain.court import Side
from retrain.lesson import Anchor, AnchorText, Judgement, Label, Lesson, Snapshot
from retrain.night.weighing import told_of, weigh_features
from tests.hits import hit
from tests.synthetic import HashingEncoder, make_generation, serve

DOCUMENTS = 40
QUESTIONS = 15


@pytest.fixture
def generation(engine: sa.Engine) -> Generation:
    """One that serves documents about different things."""
    made = make_generation(engine)
    serve(engine, made)
    drafts = [
        DocumentDraft(f"d:{n}", f"Page {n}", b"", [draft_chunk(f"Page {n}", "", f"about w{n} and more")])
        for n in range(DOCUMENTS)
    ]
    write_documents(engine, drafts, lambda _, texts: HashingEncoder().encode_passages(texts))
    return made


def side(engine: sa.Engine, generation: Generation) -> Side:
    return Side(generation, HashingEncoder(), read_vectors(engine, generation))


def lesson_of(engine: sa.Engine, generation: Generation, people: int = 2, pairs: int = 0) -> Lesson:
    """Votes for the first passage of each list, which has its question's neighbouring words, and against the second.

    A third of them judges.
    """
    labels, judgements, anchors = [], [], {}
    with engine.connect() as connection:
        chunk_ids = list(connection.scalars(sa.text("SELECT id FROM chunk ORDER BY id")))
    for number in range(QUESTIONS):
        hits = [hit(chunk_ids[0], pairs=0.6), *(hit(chunk_id, pairs=0.1) for chunk_id in chunk_ids[1:10])]
        draft = Draft("?", [1], generation.id, "quoted", "…", hits, [[chunk_ids[0]]], {"total": 1.0})
        question = store_answer(engine, Asked("?", "T1", "C1", "public", "T1:U1"), draft).question_id
        anchors[Anchor("question", question)] = AnchorText(f"question {number}", 0.0)
        labels.append(Label(Anchor("question", question), chunk_ids[0], 1, 1.0))
        labels.append(Label(Anchor("question", question), chunk_ids[1], -1, 1.0))
        judgements.append(Judgement(f"T1:U{number % people}", question, chunk_ids[0], 1, 0.0))
    for number in range(pairs):
        anchors[Anchor("pair", number)] = AnchorText(f"w{number}", 0.0)
        labels.append(Label(Anchor("pair", number), chunk_ids[number], 1, 1.0))
    snapshot = Snapshot(tuple(judgements), {}, anchors)
    part_of = {
        anchor: "gate" if place % 3 == 2 and anchor.kind == "question" else "train"
        for place, anchor in enumerate(sorted(anchors))
    }
    return Lesson(snapshot, tuple(labels), part_of, (), (), {})


def test_weights_are_fitted_to_what_trains_alone(engine: sa.Engine, generation: Generation) -> None:
    fitted = weigh_features(engine, side(engine, generation), lesson_of(engine, generation))
    assert (fitted.questions, fitted.why_not) == (10, None)
    assert fitted.ranking.pairs > SHIPPED.pairs
    facts = told_of(fitted, SHIPPED)["ranking"]
    assert facts["weights"]["pairs"] == fitted.ranking.pairs
    assert facts["after"] > facts["before"] > 0


def test_one_person_s_votes_are_not_enough(engine: sa.Engine, generation: Generation) -> None:
    fitted = weigh_features(engine, side(engine, generation), lesson_of(engine, generation, people=1))
    assert fitted.ranking == SHIPPED
    assert fitted.why_not == "The weights are as they ship: all votes that train are one person's."
    assert told_of(fitted, SHIPPED)["ranking"]["why_not"] == fitted.why_not


def test_who_votes_only_where_it_is_judged_doesn_t_make_one_person_two(
    engine: sa.Engine, generation: Generation
) -> None:
    lesson = lesson_of(engine, generation, people=1)
    judging = lesson.judging("question")[0].id
    votes = (*lesson.snapshot.judgements, Judgement("T1:U9", judging, 1, 1, 0.0))
    lesson = replace(lesson, snapshot=replace(lesson.snapshot, judgements=votes))
    assert weigh_features(engine, side(engine, generation), lesson).ranking == SHIPPED


@pytest.mark.parametrize(("value", "said"), [(1, "up"), (-1, "down")])
def test_votes_that_all_say_the_same_tell_nothing_apart(
    engine: sa.Engine, generation: Generation, value: int, said: str
) -> None:
    lesson = lesson_of(engine, generation, pairs=20)
    lesson = replace(lesson, labels=tuple(own for own in lesson.labels if own.value == value))
    fitted = weigh_features(
        engine, replace(side(engine, generation), generation=replace(generation, artefact_uri="data:run-7")), lesson
    )
    assert fitted.ranking == SHIPPED
    assert fitted.why_not is not None and f"all votes that train say {said}" in fitted.why_not
    pairs = 20 if value > 0 else 0
    assert weigh_features(engine, side(engine, generation), lesson).questions == pairs


def test_pairs_count_where_the_base_model_serves_which_never_learnt_them(
    engine: sa.Engine, generation: Generation
) -> None:
    lesson = lesson_of(engine, generation, pairs=20)
    before = side(engine, generation)
    assert weigh_features(engine, before, lesson).questions == 30
    later = replace(before, generation=replace(generation, artefact_uri="data:run-7"))
    assert weigh_features(engine, later, lesson).questions == 10


def test_lists_that_kept_no_features_teach_nothing(engine: sa.Engine, generation: Generation) -> None:
    lesson = lesson_of(engine, generation)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE impression SET pairs = NULL"))
    assert weigh_features(engine, side(engine, generation), lesson).questions == 0
    assert np.isfinite(weigh_features(engine, side(engine, generation), lesson).ranking.weights).all()
