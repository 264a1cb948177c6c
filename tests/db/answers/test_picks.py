"""Whose pick each source was that people voted on, and what a trial's draws came to by now."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
import sqlalchemy as sa

from db.answers import Drawing, Pick, count_drawn, read_picks, store_answer, trial_in_words
from db.corpus import remove_documents
from db.feedback import record_vote
from db.generations import Trial, serving
from db.question import Answer, Draft, Drawn, Team
from db.schema import impression, trial_question
from tests.corpus import ASKED, encoders
from tests.db.feedback.test_votes import press, react
from tests.synthetic import make_sharing
from tests.trial_rows import LOOK, begin


@pytest.fixture
def known(engine: sa.Engine, draft: Draft) -> Trial:
    base = serving(engine)
    return begin(engine, make_sharing(engine, base), encoders().get(base))


def store(engine: sa.Engine, draft: Draft, known: Trial, *teams: Team | None, event: str = "Ev1") -> Answer:
    """The answer, of two sources, drawn by these teams."""
    picked = {passage: team for source, team in zip(draft.shown, teams, strict=True) if team for passage in source}
    ranks = {hit.chunk_id: rank for rank, hit in enumerate(draft.hits, start=1)}
    drawn = Drawn(known.id, 2, sum(team is not None for team in teams), picked, ranks, ranks)
    return store_answer(engine, replace(ASKED, event_id=event), replace(draft, drawn=drawn))


def test_what_is_drawn_is_stored_with_the_answer(engine: sa.Engine, draft: Draft, known: Trial) -> None:
    answer = store(engine, draft, known, "candidate", None)
    own = impression.c
    with engine.connect() as connection:
        rows = connection.execute(sa.select(own.team, own.incumbent_rank, own.candidate_rank).order_by(own.rank)).all()
        kept = connection.execute(sa.select(trial_question)).all()
    assert [row.team for row in rows] == ["candidate", None, "candidate", None, None, None]
    assert [row[1:] for row in rows] == [(rank, rank) for rank in range(1, 7)]
    assert kept == [(answer.question_id, known.id, 2, 1)]


def test_the_same_event_again_is_kept_once(engine: sa.Engine, draft: Draft, known: Trial) -> None:
    first = store(engine, draft, known, "candidate", "incumbent")
    assert store(engine, draft, known, "incumbent", "candidate") == first
    assert count_drawn(engine, known.id).questions == 1


def test_picks_are_of_the_leading_passages_in_the_order_of_the_questions(
    engine: sa.Engine, draft: Draft, known: Trial
) -> None:
    first = store(engine, draft, known, "candidate", "incumbent")
    second = store(engine, replace(draft, searched_text="And now?"), known, None, "candidate", event="Ev2")
    assert read_picks(engine, known.id) == [], "nobody voted on any yet"
    record_vote(engine, press(first, 1, 1, number=2))
    record_vote(engine, press(second, -1, 2, number=2))
    leads = [source[0] for source in draft.shown]
    assert read_picks(engine, known.id) == [
        Pick(first.question_id, ASKED.text, leads[0], "candidate"),
        Pick(first.question_id, ASKED.text, leads[1], "incumbent"),
        Pick(second.question_id, "And now?", leads[1], "candidate"),
    ]
    assert read_picks(engine, known.id + 1) == []


def test_a_vote_on_what_credits_nobody_is_none_on_what_decides(engine: sa.Engine, draft: Draft, known: Trial) -> None:
    answer = store(engine, draft, known, None, "candidate")
    record_vote(engine, press(answer, 1, 1, number=1))
    assert (read_picks(engine, known.id), count_drawn(engine, known.id).voted) == ([], 0)
    record_vote(engine, press(answer, 1, 2, number=2))
    assert len(read_picks(engine, known.id)) == count_drawn(engine, known.id).voted == 1


def test_a_vote_on_the_answer_as_a_whole_is_none_on_its_sources(engine: sa.Engine, draft: Draft, known: Trial) -> None:
    answer = store(engine, draft, known, "incumbent", "candidate")
    record_vote(engine, react(answer, 1, 1))
    assert (read_picks(engine, known.id), count_drawn(engine, known.id).voted) == ([], 0)


def test_a_vote_that_was_taken_back_is_none(engine: sa.Engine, draft: Draft, known: Trial) -> None:
    answer = store(engine, draft, known, "incumbent", "candidate")
    record_vote(engine, press(answer, 1, 1))
    record_vote(engine, press(answer, 1, 2))
    assert (read_picks(engine, known.id), count_drawn(engine, known.id).voted) == ([], 0)


def test_what_a_passage_that_is_gone_was_about_nobody_can_tell(engine: sa.Engine, draft: Draft, known: Trial) -> None:
    answer = store(engine, draft, known, "candidate", "incumbent")
    record_vote(engine, press(answer, 1, 1))
    remove_documents(engine, [draft.hits[0].uri])
    assert [pick.team for pick in read_picks(engine, known.id)] == ["incumbent"]


def test_what_the_draws_came_to(engine: sa.Engine, draft: Draft, known: Trial) -> None:
    assert count_drawn(engine, known.id) == Drawing(0, 0, 0, 0, 0)
    answer = store(engine, draft, known, "candidate", "incumbent")
    store(engine, draft, known, None, "candidate", event="Ev2")
    store(engine, draft, known, None, None, event="Ev3")
    for number in (1, 2):
        record_vote(engine, press(answer, 1, number, number=number))
    record_vote(engine, replace(press(answer, -1, 3, person="T1:U2"), occurred_ts=Decimal(3)))
    assert count_drawn(engine, known.id) == Drawing(questions=3, competitive=2, voted=1, slots=6, contested=3)
    with engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM question WHERE id = :id"), {"id": answer.question_id})
    assert count_drawn(engine, known.id) == Drawing(2, 1, 0, 4, 1), "what is erased is drawn no more"


MOMENT = datetime(2026, 3, 1, tzinfo=UTC)
GOES_ON = Trial(
    4, 2, 3, "running", 0.025, 0.0, 0.2, 400, 14, [], MOMENT, MOMENT, "run 7", None, None, None
)  # fmt: skip
DRAWN = Drawing(120, 90, 48, 600, 300)


def test_one_that_goes_on_is_told_with_what_was_drawn_and_seen() -> None:
    assert trial_in_words(GOES_ON, DRAWN) == [
        "Trial 4, of generation 3 against generation 2, goes on.",
        "Both answered 120 questions together and differed on 90; people voted on what they differed in on 48 of the "
        "400 there may be.",
        "It was not looked at yet.",
    ]
    looks = [LOOK | {"won": 1}, LOOK | {"questions": 48, "won": 21, "lost": 9, "p": 0.0041, "allowed": 0.012}]
    assert trial_in_words(replace(GOES_ON, looks=looks), DRAWN)[2:] == [
        "Last look, at 48 questions with a say: candidate preferred on 21, incumbent on 9; p = 0.0041 of 0.0120 "
        "allowed then."
    ]


def test_one_that_waits_says_so_and_nothing_of_questions() -> None:
    waits = replace(GOES_ON, status="proposed", started_at=None, started_by=None)
    assert trial_in_words(waits, Drawing(0, 0, 0, 0, 0)) == [
        "Trial 4, of generation 3 against generation 2, waits for an admin to begin it."
    ]


@pytest.mark.parametrize(
    ("status", "how"),
    [
        ("promoted", "ended: the candidate serves."),
        ("dropped", "ended: the candidate was dropped."),
        ("undecided", "ended without a decision, so nothing was changed."),
        ("stopped", "was stopped."),
    ],
)
def test_one_that_ended_says_how_and_why(status: str, how: str) -> None:
    ended = replace(GOES_ON, status=status, ended_at=MOMENT, ended_by="ann", reason="So it is.")  # type: ignore[arg-type]
    first, _, last = trial_in_words(ended, DRAWN)
    assert (first.endswith(how), last) == (True, "So it is.")
