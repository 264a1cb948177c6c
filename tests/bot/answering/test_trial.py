"""Questions that two generations answer together, on a real database and encoder."""

from __future__ import annotations

import asyncio
import copy
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.answering import answer as answering
from bot.answering import finding, pinned
from bot.answering.answer import Answerer
from bot.answering.llm import LanguageModel
from db import schema
from db.answers import count_drawn, load_answer, read_picks, read_ranked
from db.errors import DatabaseUnavailableError, ModelError
from db.feedback import record_vote
from db.generations import (
    Encoders,
    Generation,
    Pins,
    Ranking,
    Terms,
    Trial,
    backfill,
    begin_trial,
    end_trial,
    get_generation,
    get_trial,
    promote,
    propose_trial,
    roll_back,
    serving,
)
from db.models import SentenceEncoder
from db.question import Answer, Asked
from db.settings import Settings
from db.store import raw_connection
from tests.corpus import add_base_generation, add_document, embed, encoders
from tests.db.feedback.test_votes import press
from tests.doubles import Aimock
from tests.synthetic import add_audience, insert_generation, make_sharing

QUESTION = "How many days of vacation do I get?"
ASKED = Asked(QUESTION, "T1", "C1", "public", "T1:U1", event_id="Ev1")
BY_VECTORS = Ranking(words=0.0, pairs=0.0)
TEXTS = {
    "Paid leave": "Everyone has 28 days of holidays a year. Tell your lead two weeks ahead.",
    "Parental leave": "Parents stay at home for up to fourteen months after a birth.",
    "Sick leave": "Who is ill stays at home; a note is wanted from the third day.",
    "Parking": "Visitors park on the north side, days and nights, a year long.",
    "Bicycles": "Bicycles go to the cellar. How many days they stay there is not limited.",
    "Car pool": "A car can be booked for days; how many is up to your lead.",
    "Canteen": "Lunch is free on many days of the week.",
}
BY_WORDS_FIRST, BY_VECTORS_FIRST = {"Bicycles", "Car pool"}, {"Paid leave", "Sick leave"}
"""The two sources of `QUESTION` by what serves, and those by its candidate."""


@pytest.fixture
def base(engine: sa.Engine) -> Generation:
    """It serves, ranks as it ships, and takes nothing for irrelevant."""
    made = add_base_generation(engine, unrelated_nearness=-9.0)
    for title, text in TEXTS.items():
        embed(engine, add_document(engine, title, [("", text)]))
    return made


def begin(engine: sa.Engine, candidate: Generation, *, share: float = 1.0) -> Trial:
    terms = Terms(alpha=0.02, share=share, most_questions=100, most_days=14)
    incumbent, encoder = serving(engine), encoders().get(serving(engine))
    return begin_trial(engine, candidate, encoder, terms, incumbent_id=incumbent.id, by="run 1")


@pytest.fixture
def candidate(engine: sa.Engine, base: Generation) -> Generation:
    """Another ranking on the same vectors, by which the question's sources are others."""
    return make_sharing(engine, base, ranking=BY_VECTORS)


@pytest.fixture
def trial(engine: sa.Engine, candidate: Generation) -> Trial:
    return begin(engine, candidate)


def answerer(
    engine: sa.Engine, llm: LanguageModel | None = None, own: Encoders | None = None, **settings: Any
) -> Answerer:
    return Answerer(
        engine, Settings(**({"sources": 4, "candidates": 7} | settings)), own or encoders(), llm, exact=True
    )


def titles(answer: Answer) -> set[str]:
    return {source.title for source in answer.sources}


def impressions(engine: sa.Engine, answer: Answer) -> dict[str, Any]:
    """By title of the document."""
    own, chunk, document = schema.impression, schema.chunk, schema.document
    query = (
        sa.select(document.c.title, own)
        .join_from(own, chunk, chunk.c.id == own.c.chunk_id)
        .join(document, document.c.id == chunk.c.document_id)
        .where(own.c.question_id == answer.question_id)
        .order_by(own.c.rank)
    )
    with engine.connect() as connection:
        return {row.title: row for row in connection.execute(query)}


def drawn(engine: sa.Engine) -> list[tuple[int, int, int, int]]:
    columns = schema.trial_question.c
    wanted = sa.select(columns.question_id, columns.trial_id, columns.slots, columns.contested)
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(wanted.order_by(columns.question_id))]  # type: ignore[misc]


def require_plain(engine: sa.Engine, answer: Answer) -> None:
    """It is as if there were no trial."""
    assert drawn(engine) == []
    rows = impressions(engine, answer).values()
    assert {(row.team, row.incumbent_rank, row.candidate_rank) for row in rows} == {(None, None, None)}


async def test_both_s_sources_are_shown_and_it_is_kept_whose_each_is(
    engine: sa.Engine, base: Generation, trial: Trial
) -> None:
    answer = await answerer(engine).answer(ASKED)
    assert (answer.kind, answer.generation_id) == ("quoted", base.id)
    assert titles(answer) == BY_WORDS_FIRST | BY_VECTORS_FIRST
    assert drawn(engine) == [(answer.question_id, trial.id, 4, 4)]
    rows = impressions(engine, answer)
    assert {title for title, row in rows.items() if row.team == "incumbent"} == BY_WORDS_FIRST
    assert {title for title, row in rows.items() if row.team == "candidate"} == BY_VECTORS_FIRST
    assert {title for title, row in rows.items() if row.shown} == titles(answer)
    assert [row.rank for row in rows.values()] == list(range(1, 8))
    assert [row.incumbent_rank for row in rows.values()] == list(range(1, 8)), "what serves found comes first"
    assert sorted(row.candidate_rank for row in rows.values()) == list(range(1, 8))
    assert (rows["Bicycles"].incumbent_rank, rows["Paid leave"].candidate_rank) == (1, 1)
    assert {row.propensity for row in rows.values()} == {None}
    assert load_answer(engine, answer.question_id) == answer
    assert {"encode", "search", "trial"} <= answer.timings_ms.keys()


async def test_every_source_that_was_drawn_may_be_voted_on(engine: sa.Engine, trial: Trial) -> None:
    answer = await answerer(engine).answer(ASKED)
    assert [source.number for source in answer.sources] == [1, 2, 3, 4]
    for number, source in enumerate(answer.sources, start=1):
        live = record_vote(engine, press(answer, 1, number, number=number))
        assert live[source.citation_id].value == 1
    picks = read_picks(engine, trial.id)
    assert {pick.text for pick in picks} == {QUESTION}
    assert [pick.team for pick in picks].count("candidate") == 2 == [pick.team for pick in picks].count("incumbent")
    assert count_drawn(engine, trial.id) == (1, 1, 1, 4, 4)


async def test_sources_that_a_model_doesn_t_cite_are_shown_too(engine: sa.Engine, trial: Trial, aimock: Aimock) -> None:
    aimock.says("28 days [1].")
    answer = await answerer(engine, LanguageModel(aimock.settings())).answer(ASKED)
    assert (answer.kind, len(answer.sources)) == ("generated", 4)
    [prompt] = aimock.prompts()
    assert all(source.lead.text in prompt for source in answer.sources)


async def test_where_both_have_the_same_at_hand_nobody_is_credited(engine: sa.Engine, trial: Trial) -> None:
    asked = replace(ASKED, text="How long may I stay at home with my baby?")
    answer = await answerer(engine, sources=2).answer(asked)
    assert titles(answer) == {"Parental leave", "Sick leave"}
    assert drawn(engine) == [(answer.question_id, trial.id, 2, 0)]
    assert {row.team for row in impressions(engine, answer).values()} == {None}
    assert count_drawn(engine, trial.id) == (1, 0, 0, 2, 0)


async def test_what_the_candidate_alone_found_is_kept_behind_and_no_ranking_learns_from_it(
    engine: sa.Engine, trial: Trial
) -> None:
    asked = replace(ASKED, text="How many days a year may I take off?")
    answer = await answerer(engine, sources=4, candidates=5).answer(asked)
    rows = impressions(engine, answer)
    assert [title for title, row in rows.items() if row.incumbent_rank is None] == ["Parental leave"]
    found = rows["Parental leave"]
    assert (found.rank, found.candidate_rank, found.team, found.shown) == (6, 3, "candidate", True)
    assert rows["Car pool"].candidate_rank is None
    assert {title for title, row in rows.items() if row.team} == {"Parking", "Parental leave"}
    assert "Sick leave" not in rows, "what the candidate found and nobody was shown"
    [listed] = read_ranked(engine, [answer.question_id]).values()
    assert [own.chunk_id for own in listed] == [row.chunk_id for row in rows.values() if row is not found]


async def test_nothing_is_explored_in_a_trial(engine: sa.Engine, trial: Trial) -> None:
    answer = await answerer(engine, exploration=1).answer(ASKED)
    assert titles(answer) == BY_WORDS_FIRST | BY_VECTORS_FIRST
    assert {row.propensity for row in impressions(engine, answer).values()} == {None}
    alone = await answerer(engine, exploration=1).answer(replace(ASKED, event_id=None))
    assert {row.propensity for row in impressions(engine, alone).values()} != {None}


async def test_a_question_that_slack_didn_t_send_takes_no_part(engine: sa.Engine, trial: Trial) -> None:
    require_plain(engine, await answerer(engine).answer(replace(ASKED, event_id=None)))


async def test_a_share_of_the_questions_takes_part_the_same_ones_each_time(
    engine: sa.Engine, candidate: Generation
) -> None:
    known = begin(engine, candidate, share=0.5)
    asking = answerer(engine)

    async def taking_part() -> set[str]:
        pins = [await pinned.pin(engine, asking.pins, f"Ev{n}") for n in range(60)]
        return {f"Ev{n}" for n, own in enumerate(pins) if own.beside is not None}

    first = await taking_part()
    assert 15 < len(first) < 45
    assert await taking_part() == first
    end_trial(engine, known, "stopped", by="ann", reason="Again.")
    assert await taking_part() == set()
    begin(engine, make_sharing(engine, serving(engine), ranking=BY_VECTORS), share=0.5)
    assert await taking_part() not in (set(), first), "each trial has questions of its own"


async def test_the_same_event_asked_twice_is_drawn_once(engine: sa.Engine, trial: Trial) -> None:
    asking = answerer(engine)
    first, second = await asyncio.gather(asking.answer(ASKED), asking.answer(ASKED))
    assert first == second == await asking.answer(ASKED)
    assert len(drawn(engine)) == 1
    with engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(schema.impression)) == 7


async def test_two_questions_at_once_are_each_drawn_by_themselves(engine: sa.Engine, trial: Trial) -> None:
    asking = answerer(engine)
    others = [replace(ASKED, event_id=f"Ev{n}", person=f"T1:U{n}") for n in range(8)]
    answers = await asyncio.gather(*map(asking.answer, others))
    assert [row[2:] for row in drawn(engine)] == [(4, 4)] * 8
    orders = set()
    for answer in answers:
        rows = impressions(engine, answer)
        assert {title for title, row in rows.items() if row.team == "candidate"} == BY_VECTORS_FIRST
        orders.add(tuple(source.title for source in answer.sources))
    assert len(orders) > 1, "the coins are each question's own"


@pytest.mark.parametrize("refuses", ["incumbent", "candidate"])
async def test_where_either_refuses_it_is_answered_as_if_there_were_no_trial(
    engine: sa.Engine, base: Generation, refuses: str
) -> None:
    far = {"unrelated_nearness": 0.9}
    candidate = make_sharing(engine, base, ranking=BY_VECTORS, **(far if refuses == "candidate" else {}))
    begin(engine, candidate)
    if refuses == "incumbent":
        with engine.begin() as connection:
            own = schema.generation.c.id == base.id
            connection.execute(schema.generation.update().where(own).values(far))
    in_trial = await answerer(engine).answer(ASKED)
    alone = await answerer(engine).answer(replace(ASKED, event_id=None))
    assert in_trial.kind == alone.kind == ("unknown" if refuses == "incumbent" else "quoted")
    assert titles(in_trial) == titles(alone)
    assert in_trial.refused_because == alone.refused_because
    require_plain(engine, in_trial)


def own_artefact(engine: sa.Engine, base: Generation, **values: Any) -> Generation:
    """The same model once more, with vectors of its own."""
    with engine.begin() as connection:
        made = insert_generation(connection, base, status="built", ranking=BY_VECTORS, **values)
    return made


class OwnEncoders:
    """An encoder of its own for each generation."""

    def __init__(self) -> None:
        self.of: dict[int, SentenceEncoder] = {}

    def get(self, generation: Generation) -> SentenceEncoder:
        known = encoders().get(generation)
        return self.of.setdefault(generation.id, copy.copy(known))

    def has_to_fetch(self, generation: Generation) -> bool:
        return False


async def test_a_query_is_encoded_by_the_encoder_of_the_generation_it_searches(
    engine: sa.Engine, base: Generation, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = own_artefact(engine, base)
    begin(engine, made)
    own, encoded, searched = OwnEncoders(), dict[int, Any](), dict[int, Any]()
    encode, look = finding.encode_questions, finding.search

    def encode_and_note(encoder: Any, texts: Sequence[str]) -> Any:
        [question] = encode(encoder, texts)
        encoded[id(encoder)] = question
        return [question]

    def search_and_note(engine: sa.Engine, generation: Generation, question: Any, *rest: Any, **options: Any) -> Any:
        searched[generation.id] = question
        return look(engine, generation, question, *rest, **options)

    monkeypatch.setattr(finding, "encode_questions", encode_and_note)
    monkeypatch.setattr(finding, "search", search_and_note)
    answer = await answerer(engine, own=own).answer(ASKED)  # type: ignore[arg-type]
    assert titles(answer) == BY_WORDS_FIRST | BY_VECTORS_FIRST
    assert set(searched) == {base.id, made.id}
    for generation_id, question in searched.items():
        assert encoded[id(own.of[generation_id])] is question


def take_its_model(engine: sa.Engine, made: Generation, monkeypatch: pytest.MonkeyPatch) -> None:
    values = {"uri": "data:../elsewhere"}
    own = schema.artefact.c.id == made.artefact_id
    with engine.begin() as connection:
        connection.execute(schema.artefact.update().where(own).values(values))


def drop_its_vectors(engine: sa.Engine, made: Generation, monkeypatch: pytest.MonkeyPatch) -> None:
    with raw_connection(engine) as raw:
        raw.execute(f"DROP TABLE {made.table}".encode())


def lose_the_database(engine: sa.Engine, made: Generation, monkeypatch: pytest.MonkeyPatch) -> None:
    look = finding.search

    def search(engine: sa.Engine, generation: Generation, *rest: Any, **options: Any) -> Any:
        if generation.id == made.id:
            raise DatabaseUnavailableError
        return look(engine, generation, *rest, **options)

    monkeypatch.setattr(finding, "search", search)


def hide_the_trial(engine: sa.Engine, made: Generation, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: sa.Engine) -> None:
        raise DatabaseUnavailableError

    monkeypatch.setattr(pinned, "open_trial", broken)


FAULTS: dict[str, tuple[Callable[[sa.Engine, Generation, pytest.MonkeyPatch], None], str]] = {
    "its model is gone": (take_its_model, "The model of generation {} can't be used"),
    "its vectors are dropped": (drop_its_vectors, "Generation {}, on trial, found nothing for a question"),
    "its search fails": (lose_the_database, "Generation {}, on trial, found nothing for a question"),
    "its trial can't be read": (hide_the_trial, "is answered by generation"),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_trial_never_costs_anybody_an_answer_and_the_log_says_so(
    engine: sa.Engine,
    base: Generation,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
    fault: str,
) -> None:
    made = own_artefact(engine, base)
    begin(engine, made)
    break_it, says = FAULTS[fault]
    break_it(engine, made, monkeypatch)
    fresh = Encoders(Settings(data_dir=tmp_path, encoder_dtype="float32"))
    with caplog.at_level(logging.WARNING):
        answer = await answerer(engine, own=fresh).answer(ASKED)
    alone = await answerer(engine).answer(replace(ASKED, event_id=None))
    assert (answer.kind, titles(answer)) == (alone.kind, titles(alone))
    require_plain(engine, answer)
    assert says.format(made.id) in caplog.text


async def test_a_model_that_is_still_to_be_fetched_is_not_waited_for(
    engine: sa.Engine, candidate: Generation, trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    asking, fetched = answerer(engine), list[int]()
    monkeypatch.setattr(Encoders, "has_to_fetch", lambda self, generation: generation.id == candidate.id)
    monkeypatch.setattr(Pins, "_fetch_beside", lambda self, generation: fetched.append(generation.id))
    require_plain(engine, await asking.answer(ASKED))
    assert fetched == [candidate.id]


async def test_what_is_on_trial_never_answers_alone(
    engine: sa.Engine, base: Generation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Not even where the serving model is broken: then there is none, or the one to roll back to."""
    made = own_artefact(engine, base)
    begin(engine, made)
    take_its_model(engine, base, monkeypatch)
    settings = Settings(data_dir=tmp_path, encoder_dtype="float32")
    asking = Answerer(engine, settings, Encoders(settings), None, exact=True)
    with pytest.raises(ModelError, match=f"Generation {base.id} names its model"):
        await asking.answer(ASKED)
    with pytest.raises(ModelError):
        asking.pins.pin()


async def test_where_the_previous_one_answers_no_trial_is_held(
    engine: sa.Engine, base: Generation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The candidate was to be compared with what serves."""
    broken = own_artefact(engine, base)
    backfill(engine, broken, encoders().get(base))
    promote(engine, broken, expected_current_id=base.id, by="run 1")
    begin(engine, make_sharing(engine, base, ranking=BY_VECTORS))
    take_its_model(engine, broken, monkeypatch)
    settings = Settings(data_dir=tmp_path, encoder_dtype="float32", sources=4, candidates=7)
    answer = await Answerer(engine, settings, Encoders(settings), None, exact=True).answer(ASKED)
    assert answer.generation_id == base.id
    require_plain(engine, answer)


async def test_one_that_only_waits_to_begin_answers_nothing(
    engine: sa.Engine, base: Generation, candidate: Generation
) -> None:
    terms = Terms(alpha=0.02, share=1.0, most_questions=100, most_days=14)
    propose_trial(engine, candidate, terms, incumbent_id=base.id)
    require_plain(engine, await answerer(engine).answer(ASKED))


async def test_no_passage_outside_the_reply_s_audience_comes_through_the_candidate(
    engine: sa.Engine, base: Generation, aimock: Aimock
) -> None:
    """By vectors alone it would be the first."""
    foreign = add_audience(engine, "C2")
    text = "You get this many days of vacation; a secret: Zebra."
    hits = add_document(engine, "Vacation of the board", [("", text)], audience_id=foreign)
    embed(engine, hits, audience_id=foreign)
    begin(engine, own_artefact(engine, base))
    aimock.says("28 days [1].")
    asking = answerer(engine, LanguageModel(aimock.settings()))
    answer = await asking.answer(ASKED)
    assert len(drawn(engine)) == 1
    assert "Vacation of the board" not in impressions(engine, answer)
    there = await asking.answer(replace(ASKED, channel="C2", channel_kind="private", event_id="Ev2"))
    assert "Vacation of the board" in titles(there)
    here, elsewhere = aimock.prompts()
    assert "Zebra" not in here and "Zebra" in elsewhere


async def test_who_loses_a_document_while_the_trial_goes_on_loses_it_on_both_sides(
    engine: sa.Engine, base: Generation
) -> None:
    made = own_artefact(engine, base)
    begin(engine, made)
    asking = answerer(engine)
    assert "Paid leave" in titles(await asking.answer(ASKED))
    foreign = add_audience(engine, "C2")
    with engine.begin() as connection:
        own = schema.document.c.title == "Paid leave"
        connection.execute(schema.document.update().where(own).values(audience_id=foreign))
    for generation in (base, made):
        with raw_connection(engine) as raw:
            raw.execute(
                f"UPDATE {generation.table} e SET audience_id = d.audience_id FROM chunk c"
                " JOIN document d ON d.id = c.document_id WHERE c.id = e.chunk_id".encode()
            )
    answer = await asking.answer(replace(ASKED, event_id="Ev2"))
    assert len(drawn(engine)) == 2
    assert "Paid leave" not in impressions(engine, answer)


async def test_a_vote_after_the_promotion_counts_for_the_trial_it_was_drawn_in(
    engine: sa.Engine, base: Generation, candidate: Generation, trial: Trial
) -> None:
    answer = await answerer(engine).answer(ASKED)
    promote(engine, candidate, expected_current_id=base.id, by="ann")
    later = begin(engine, make_sharing(engine, candidate))
    record_vote(engine, press(answer, 1, 1, number=1))
    assert len(read_picks(engine, trial.id)) == 4
    assert (read_picks(engine, later.id), count_drawn(engine, later.id).questions) == ([], 0)
    assert count_drawn(engine, trial.id).voted == 1


@pytest.mark.parametrize("ends", ["promoted", "dropped", "rolled back"])
async def test_a_question_under_way_as_its_trial_ends_is_answered_and_stays_its_trial_s(
    engine: sa.Engine, base: Generation, monkeypatch: pytest.MonkeyPatch, ends: str
) -> None:
    """Between the draw and its being stored."""
    first = own_artefact(engine, base)
    backfill(engine, first, encoders().get(base))
    promote(engine, first, expected_current_id=base.id, by="run 1")
    made = make_sharing(engine, first, ranking=Ranking(words=2.0, pairs=0.0))
    known, store = begin(engine, made), answering.store_answer

    def end_and_store(*arguments: Any, **rest: Any) -> Answer:
        if ends == "promoted":
            promote(engine, made, expected_current_id=first.id, by="trial 1")
        elif ends == "dropped":
            end_trial(engine, known, "dropped", by="trial 1", reason="It lost.")
        else:
            roll_back(engine, by="ann")
        return store(*arguments, **rest)

    monkeypatch.setattr(answering, "store_answer", end_and_store)
    answer = await answerer(engine).answer(ASKED)
    assert not get_trial(engine, known.id).is_open
    assert answer.generation_id == first.id
    [(question_id, trial_id, _, contested)] = drawn(engine)
    assert (question_id, trial_id, contested > 0) == (answer.question_id, known.id, True)
    record_vote(engine, press(answer, 1, 1, number=1))
    assert {pick.question_id for pick in read_picks(engine, known.id)} <= {answer.question_id}


async def test_vectors_that_are_dropped_between_the_pin_and_the_search_leave_a_plain_answer(
    engine: sa.Engine, base: Generation, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = own_artefact(engine, base)
    known, beside = begin(engine, made), pinned.open_trial

    def end_after_reading(engine: sa.Engine) -> Trial | None:
        found = beside(engine)
        end_trial(engine, known, "stopped", by="ann", reason="Enough.")
        return found

    monkeypatch.setattr(pinned, "open_trial", end_after_reading)
    answer = await answerer(engine).answer(ASKED)
    assert answer.kind == "quoted"
    require_plain(engine, answer)
    assert get_generation(engine, made.id).status == "refused"
