"""A person's data: found wherever it is, exported whole, and gone for good, with a mark on what had learnt from it."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from db import schema
from db.corpus import ChannelKind
from db.corpus.visibility import RESTRICTED_TITLE
from db.errors import StaleRunError, UnknownIdError
from db.feedback import VoteEvent, record_vote, set_reason
from db.generations import reject_generation, request_decision, roll_back, serving
from db.nights.requests import request_run
from db.nights.runs import get_run
from db.nights.taking import record_phase, take_next_run
from db.privacy.erasure import ERASED, NAMED_IN, SAID_IN, TOLD_IN, erase_person, erase_question
from db.privacy.export import export_person
from db.question import Answer, Asked
from db.schema import metadata
from db.slack import abandoned_events, claim_event, set_answers
from db.store import raw_connection
from tests.corpus import add_answer
from tests.db.embedded.processes import wait_for
from tests.night_rows import EVIDENCE, make_run, store_run
from tests.synthetic import add_audience, insert_generation

ANN, BEN = "T1:U0ANNSID", "T1:U0BEN"
SECRET = "does my parrot need a permit"

OF_NOBODY = {
    # what others say of a person, for everybody's sake
    "audience_member.person", "document.owner", "audience.slack_id", "audience.contested_by", "slack_guest.person",
    # texts of the operator's: documents and their places
    "audience.workspace", "audience.kind", "audience.name", "document.source_uri", "document.title",
    "document.front_matter", "source.name", "source.kind", "source.settings", "source.cursor", "source.outcome",
    "source_item.key", "source_item.state", "chunk.place", "chunk.section", "chunk.text", "posting.lexeme",
    # what a language model wrote of such texts alone, and its name
    "synthetic_question.text", "synthetic_question.model",
    # words of the program's own
    "retrain_run.trigger", "retrain_run.status", "retrain_run.phase", "retrain_run.phases", "retrain_run.snapshot",
    "retrain_run.decision", "in_service.role", "artefact.base_model", "generation.turned_down_how",
    "artefact.uri", "artefact.sha256", "artefact.dtype", "generation.status", "generation.ranking",
    "artefact_part.path", "document_review.state", "decision_request.wanted",
    "decision_request.outcome", "channel_setting.answers", "failure_count.kind", "retrain_run.holder",
    "retrain_run.kind", "document.audience_from", "trial.status", "trial.looks", "trial.reason",
    "overdue_notice.about", "words.languages",
    # Slack's names for conversations, messages and events
    "channel_setting.workspace", "channel_setting.channel", "posted_report.channel", "posted_report.message_ts",
    "slack_event.event_id", "overdue_notice.channel", "overdue_notice.message_ts",
    # a digest, and an address of Slack's that is good for half an hour
    "ballot.key", "ballot.response_url",
}  # fmt: skip
"""Columns that hold nothing by which a person is known, in rows that outlive the person."""


def holds_texts(column: sa.Column[Any]) -> bool:
    texts = sa.String | JSONB | sa.dialects.postgresql.TSVECTOR
    return isinstance(column.type.item_type if isinstance(column.type, ARRAY) else column.type, texts)


def test_every_column_that_can_hold_a_text_is_accounted_for() -> None:
    """A new column fails here until somebody has said what becomes of it when a person is erased."""
    goes_with_its_row = {column.table.name for column in SAID_IN} | {"citation", "impression", "answer_message"}
    known = (
        {f"{column.table.name}.{column.name}" for column in (*NAMED_IN, *TOLD_IN)} | OF_NOBODY | {"slack_event.payload"}
    )
    texts = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        if table.name not in goes_with_its_row
        for column in table.columns
        if holds_texts(column)
    }
    assert texts == known


def vote_on(engine: sa.Engine, answer: Answer, person: str, value: int = -1) -> None:
    citation_id, at = answer.sources[0].citation_id, Decimal("9.5")
    key = f"{person} on {citation_id}"
    record_vote(engine, VoteEvent(key, "T1", person, answer.question_id, citation_id, "press", value, at))  # type: ignore[arg-type]


def insert(engine: sa.Engine, table: sa.Table, **values: Any) -> int:
    with engine.begin() as connection:
        return int(connection.execute(table.insert().values(values).returning(*table.primary_key)).scalar_one())


def everything(engine: sa.Engine) -> list[str]:
    """The whole database, each table as one text."""
    with engine.connect() as connection:
        return [
            table.name + json.dumps(connection.scalars(sa.select(sa.func.to_jsonb(table.table_valued()))).all())
            for table in metadata.sorted_tables
        ]


def personal_columns(engine: sa.Engine, person: str) -> set[str]:
    found = set()
    with engine.connect() as connection:
        for column in (*SAID_IN, *NAMED_IN):
            if connection.scalar(sa.select(sa.func.count()).where(column == person)):
                found.add(f"{column.table.name}.{column.name}")
    return found


class Lives:
    """Ann has left something wherever one can, and Ben asked one question, on which both voted."""

    def __init__(self, engine: sa.Engine) -> None:
        self.of_ann = add_answer(engine, 1, Asked(SECRET, "T1", "C1", "public", ANN, "1.5"))
        self.of_ben = add_answer(engine, 2, Asked("Where is the car park?", "T1", "C1", "public", BEN, "2.5"))
        for answer in (self.of_ann, self.of_ben):
            vote_on(engine, answer, ANN)
            vote_on(engine, answer, BEN)
        set_reason(engine, ANN, self.of_ben.sources[0].citation_id, "outdated")
        pair = {"completion": "A passage.", "added_by": ANN}
        self.pair_id = insert(engine, schema.curated_pair, prompt=SECRET, **pair)
        self.pair_of_ben = insert(engine, schema.curated_pair, prompt="Car park?", completion="P.", added_by=BEN)
        changed = {"better": [{"kind": "pair", "id": self.pair_id, "ndcg": [0, 1], "rank": [4, 1]}], "worse": []}
        self.quoting = store_run(engine, make_run(evidence=EVIDENCE | {"changed": changed}, requested_by=BEN)).id
        self.other = store_run(engine, make_run(evidence=EVIDENCE | {"changed": {}}, requested_by=BEN)).id
        told = {"reasons": [f"Generation 1 was rolled back by {ANN} on 1 May 2026."]}
        self.asked_for = store_run(engine, make_run(evidence=told, requested_by=ANN)).id
        self.taught = [self._generation(engine, run_id) for run_id in (self.quoting, self.other)]
        for run_id, own in (
            (self.quoting, {"question_id": self.of_ben.question_id}),
            (self.other, {"pair_id": self.pair_of_ben, "added_by": BEN}),
        ):
            insert(engine, schema.learnt_from, run_id=run_id, **own)
        gone = {"run_id": self.asked_for, "pair_id": 99, "added_by": ANN}  # a run that made no generation
        insert(engine, schema.learnt_from, **gone)
        insert(engine, schema.trained_question, run_id=self.other, pair_id=self.pair_id, text=SECRET, person=ANN)
        request_decision(engine, self.taught[0], "roll_back", ANN)
        document = sa.select(sa.func.min(schema.document.c.id)).scalar_subquery()
        insert(engine, schema.document_review, document_id=document, reported_by=ANN, state="will_fix", settled_by=ANN)
        set_answers(engine, "T1", "C1", "off", ANN)
        claim_event(engine, "waits", payload={"team": "T1", "user": ANN[3:], "text": SECRET})
        with engine.begin() as connection:
            names = {"promoted_by": ANN, "turned_down_by": ANN, "metrics": {"reasons": [f"Rejected by {ANN}.", 1]}}
            connection.execute(schema.generation.update().values(names))
            connection.execute(schema.in_service.update().values(changed_by=ANN))
            terms = {"alpha": 0.01, "share": 0.2, "most_questions": 400, "most_days": 14}
            sides = {"incumbent_id": serving(engine).id, "candidate_id": self.taught[0], "status": "stopped"}
            connection.execute(schema.trial.insert().values(sides | terms | {"started_by": ANN, "ended_by": ANN}))
            connection.execute(schema.document.update().values(title="A document", source_uri=sa.text("id::text")))

    def _generation(self, engine: sa.Engine, run_id: int) -> int:
        base = serving(engine)
        with engine.begin() as connection:
            own = {"run_id": run_id, "artefact_uri": f"data:run-{run_id}", "artefact_sha256": "0" * 64}
            return insert_generation(connection, base, status="built", **own).id


@pytest.fixture
def lives(engine: sa.Engine) -> Lives:
    return Lives(engine)


def test_erasing_a_person_leaves_no_trace_of_them(engine: sa.Engine, lives: Lives) -> None:
    assert personal_columns(engine, ANN) == {f"{c.table.name}.{c.name}" for c in (*SAID_IN, *NAMED_IN)}, "a gap here"
    assert sum(SECRET in table for table in everything(engine)) == 4  # a question, a pair, what trained, an event

    erased = erase_person(engine, ANN)

    left = everything(engine)
    assert [table for table in left if SECRET in table or ANN[3:] in table] == []
    assert (erased.questions, erased.pairs) == (1, 1)
    assert get_run(engine, lives.asked_for).requested_by == ERASED
    # what is Ben's is whole, but for what he said of Ann's answer
    assert export_person(engine, BEN)["question"][0]["raw_text"] == "Where is the car park?"
    assert [row["question_id"] for row in export_person(engine, BEN)["vote"]] == [lives.of_ben.question_id]
    # an event that was taken in is neither answered again nor by anybody else
    assert abandoned_events(engine, stale_after_s=-1) == [] and not claim_event(engine, "waits")

    again = erase_person(engine, ANN)
    assert (again.questions, again.pairs, again.generations) == (0, 0, ())
    assert everything(engine) == left


def test_generations_that_learnt_from_it_are_marked_and_their_reports_outdated(engine: sa.Engine, lives: Lives) -> None:
    insert_post = schema.posted_report.insert().values(
        [{"run_id": run, "channel": "C9", "message_ts": "1.5", "shown": b"x"} for run in (lives.quoting, lives.other)]
    )
    with engine.begin() as connection:
        connection.execute(insert_post)
    assert erase_person(engine, ANN).generations == (lives.taught[0],)
    with engine.connect() as connection:
        marked = connection.scalars(sa.select(schema.generation.c.id).where(schema.generation.c.learnt_from_erased))
        assert list(marked) == [lives.taught[0]]
        outdated = sa.select(schema.retrain_run.c.id).where(schema.retrain_run.c.report_outdated)
        assert set(connection.scalars(outdated)) == {lives.quoting, lives.asked_for}
        shown = dict(connection.execute(sa.select(schema.posted_report.c.run_id, schema.posted_report.c.shown)).all())
    assert shown == {lives.quoting: None, lives.other: b"x"}


def test_a_question_is_erased_by_who_asked_it_alone(engine: sa.Engine, lives: Lives) -> None:
    for person, question_id in ((BEN, lives.of_ann.question_id), (ANN, 999)):
        with pytest.raises(UnknownIdError):
            erase_question(engine, person, question_id)
    assert erase_question(engine, BEN, lives.of_ben.question_id).generations == (lives.taught[0],)
    assert export_person(engine, BEN)["question"] == []
    assert [row["question_id"] for row in export_person(engine, ANN)["vote"]] == [lives.of_ann.question_id]


def test_an_export_is_one_json_document_of_everything_and_of_nobody_else(engine: sa.Engine, lives: Lives) -> None:
    found = json.loads(json.dumps(export_person(engine, ANN)))
    assert found.pop("brought_in") == []
    assert set(found) == {"person", "citation", "slack_event"} | {c.table.name for c in (*SAID_IN, *NAMED_IN)}
    assert all(found.values())
    assert [row["raw_text"] for row in found["question"]] == [SECRET]
    assert found["slack_event"][0]["text"] == SECRET
    assert {row["question_id"] for row in found["citation"]} == {lives.of_ann.question_id, lives.of_ben.question_id}
    assert found["vote_reason"][0]["reason"] == "outdated"
    assert BEN not in json.dumps(found) and "car park" not in json.dumps(found)


@pytest.mark.parametrize("erase", [erase_person, lambda engine, person: erase_question(engine, person, 1)])
def test_a_night_under_way_starts_over_without_what_was_erased(
    engine: sa.Engine, erase: Callable[[sa.Engine, str], object]
) -> None:
    add_answer(engine, 1, Asked(SECRET, "T1", "C1", "public", ANN))
    request_run(engine, "cli", "test")
    with take_next_run(engine) as run:
        assert run is not None
        erase(engine, ANN)
        with pytest.raises(StaleRunError):
            record_phase(engine, run, "train", seconds=1)
    with take_next_run(engine) as again:
        assert again is not None and again.id == run.id


@pytest.mark.parametrize(("kind", "told"), [("private", True), ("direct", False)])
def test_words_that_others_brought_in_are_exported_and_erased_with_all_that_was_made_of_them(
    engine: sa.Engine, kind: ChannelKind, told: bool
) -> None:
    asked = Asked(SECRET, "T1", "C1", kind, BEN, "1.5", event_id="message:T1:C1:1.5", authors=(ANN, BEN))
    answer = add_answer(engine, 1, asked)
    vote_on(engine, answer, BEN)
    waiting = {"team": "T1", "user": BEN[3:], "text": SECRET, "authors": [ANN]}
    claim_event(engine, "waits", payload=waiting)
    [brought_in] = export_person(engine, ANN)["brought_in"]
    assert brought_in["id"] == answer.question_id
    assert brought_in["raw_text"] == (SECRET if told else None)
    assert export_person(engine, ANN)["slack_event"] == [waiting]
    assert export_person(engine, BEN)["brought_in"] == []
    assert erase_person(engine, ANN).questions == 1
    assert not [table for table in everything(engine) if SECRET in table or ANN in table]


def test_who_left_a_group_is_handed_nothing_of_its_documents(engine: sa.Engine) -> None:
    """Neither titles nor passages nor answers made of them; what is theirs and what is public stays."""
    secret, public = (
        add_answer(engine, n, Asked(f"Question {n}?", "T1", "D1", "direct", ANN, f"{n}.5")) for n in (1, 2)
    )
    right = {"completion": "Passage 0.", "added_by": ANN}
    pair_id = insert(engine, schema.curated_pair, prompt="right?", question_id=secret.question_id, **right)
    insert(engine, schema.curated_pair, prompt="by hand?", **right)
    group = add_audience(engine, "C0BOARD")
    title = secret.sources[0].title
    with engine.begin() as connection:
        of_secret = schema.document.c.title == title
        connection.execute(schema.document.update().where(of_secret).values(audience_id=group))
        chunk = sa.select(schema.chunk.c.id).join(schema.document).where(of_secret)
        link = {"pair_id": pair_id, "chunk_id": connection.scalar(chunk)}
        connection.execute(schema.curated_pair_chunk.insert().values(link))
        connection.execute(schema.audience_member.insert().values(audience_id=group, person=ANN))

    def handed_out() -> tuple[list[str | None], list[str | None], set[str]]:
        found = export_person(engine, ANN)
        answers = [row["answer"] for row in found["question"]]
        return (
            answers,
            [row["completion"] for row in found["curated_pair"]],
            {row["title"] for row in found["citation"]},
        )

    titles = {source.title for source in public.sources}
    everything_theirs = (["An answer."] * 2, ["Passage 0."] * 2, {title, *titles})
    assert handed_out() == everything_theirs
    with engine.begin() as connection:
        connection.execute(schema.audience_member.delete())
    assert handed_out() == (
        [None, "An answer."],
        [None, "Passage 0."],
        {RESTRICTED_TITLE, *titles},
    )


def test_a_source_of_several_passages_is_handed_out_once_and_erased_whole(engine: sa.Engine) -> None:
    answered = add_answer(engine, 2, Asked(SECRET, "T1", "C1", "public", ANN, "1.5"), n_passages=3)
    vote_on(engine, answered, ANN)
    exported = export_person(engine, ANN)["citation"]
    assert [row["id"] for row in exported] == [source.citation_id for source in answered.sources]
    erase_question(engine, ANN, answered.question_id)
    with engine.connect() as connection:
        left = [sa.select(sa.func.count()).select_from(table) for table in (schema.impression, schema.citation)]
        assert [connection.scalar(each) for each in left] == [0, 0]


def test_a_follow_up_of_another_person_keeps_nothing_of_what_is_erased(engine: sa.Engine) -> None:
    thread = {"workspace": "T1", "channel": "C1", "channel_kind": "public", "thread_ts": "1.5"}
    first = add_answer(engine, 1, Asked(SECRET, person=ANN, **thread))  # type: ignore[arg-type]
    follow_up = add_answer(engine, 2, Asked("And on Sundays?", person=BEN, **thread))  # type: ignore[arg-type]
    rewritten = SECRET + " on Sundays"
    with engine.begin() as connection:
        second = schema.question.c.id == follow_up.question_id
        known = {"rewritten_text": rewritten, "refused_because": f"It names “{SECRET}”."}
        connection.execute(sa.update(schema.question).where(second).values(known))
    pair = {"prompt": rewritten, "completion": "P.", "added_by": BEN, "question_id": follow_up.question_id}
    insert(engine, schema.curated_pair, **pair)
    erase_question(engine, ANN, first.question_id)
    assert not [table for table in everything(engine) if SECRET in table]
    assert [row["raw_text"] for row in export_person(engine, BEN)["question"]] == ["And on Sundays?"]


def test_an_erasure_and_a_decision_on_what_serves_come_one_after_the_other(engine: sa.Engine, lives: Lives) -> None:
    served, taught = serving(engine), lives.taught
    with engine.begin() as connection:
        connection.execute(schema.in_service.insert().values(role="previous", generation_id=taught[1], changed_by=ANN))
        pending = schema.retrain_run.update().where(schema.retrain_run.c.id == lives.quoting)
        connection.execute(pending.values(decision="pending"))
    decisions = {
        "UPDATE retrain_run SET report_outdated": lambda: reject_generation(engine, taught[0], "No.", BEN),
        "UPDATE in_service": lambda: roll_back(engine, BEN),
    }
    begun: list[Future[Any]] = []

    def decide_meanwhile(*event: Any) -> None:
        for statement, decide in list(decisions.items()):
            if event[2].startswith(statement):
                del decisions[statement]
                begun.append(pool.submit(decide))
                wait_for(lambda: begun[-1].done() or count_waiting(engine) == len(begun), "the decision to wait")

    with ThreadPoolExecutor(2) as pool:
        sa.event.listen(engine, "before_cursor_execute", decide_meanwhile)
        erase_person(engine, ANN)
        for decision in begun:
            decision.result()
    assert serving(engine).id == taught[1] != served.id
    assert get_run(engine, lives.quoting).decision == "refused"
    assert personal_columns(engine, ANN) == set()


def count_waiting(engine: sa.Engine) -> int:
    with raw_connection(engine) as raw:
        found = raw.execute("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted").fetchone()
    return int(found[0]) if found else 0
