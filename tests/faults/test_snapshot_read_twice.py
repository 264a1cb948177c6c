"""A night that dies reads again what it had read, whatever was committed, said, edited or deleted in between."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest
import sqlalchemy as sa

from db import schema
from db.errors import StaleRunError
from db.feedback import VoteEvent, read_said, record_vote, relink_pairs, said, set_reason
from db.nights import find_kept_snapshot
from db.nights.requests import request_run
from db.nights.taking import finish_run, take_next_run
from db.privacy import erase_person
from db.question import Answer, Asked
from db.settings import Settings
from retrain.lesson import Snapshot, make_snapshot, pack_snapshot
from retrain.night.reading import find_snapshot
from retrain.night.run import Night
from tests.corpus import add_answer

ANN, BEN = "T1:U0ANN", "T1:U0BEN"


@pytest.fixture
def answered(engine: sa.Engine) -> Answer:
    """A question of Ann's, asked in a channel, with three sources."""
    return add_answer(engine, 3, Asked("Where is the car park?", "T1", "C1", "public", ANN, "1.5"))


def vote(answered: Answer, number: int, value: int, person: str = BEN) -> VoteEvent:
    citation_id = answered.sources[number].citation_id
    return VoteEvent(
        f"{person} {number} {value}",
        "T1",
        person,
        answered.question_id,
        citation_id,
        "set",
        cast(Any, value),
        Decimal(1),
    )


@contextmanager
def attempt(engine: sa.Engine, data_dir: Path = Path("unused")) -> Iterator[Night]:
    """The next attempt at the night that was requested; nothing of it needs a model."""
    with take_next_run(engine) as run:
        assert run is not None
        yield Night(engine, Settings(data_dir=data_dir), cast(Any, None), run, lambda *_: None, lambda: None)


def read_by(night: Night) -> Snapshot:
    return find_snapshot(night.engine, night.run)[1]


def add_pair(engine: sa.Engine, answered: Answer, prompt: str) -> int:
    with engine.begin() as connection:
        chunk_id, text = connection.execute(sa.select(schema.chunk.c.id, schema.chunk.c.text).limit(1)).one()
        row = {"prompt": prompt, "completion": text, "added_by": "ann (command line)"}
        pair_id = connection.execute(schema.curated_pair.insert().values(row).returning(schema.curated_pair.c.id))
        made = int(pair_id.scalar_one())
        connection.execute(schema.curated_pair_chunk.insert().values(pair_id=made, chunk_id=chunk_id))
    return made


def test_a_lower_id_that_commits_later_is_for_the_next_night(engine: sa.Engine, answered: Answer) -> None:
    request_run(engine, "cli", "test")
    log = schema.vote_event
    slow = vote(answered, 0, 1)
    with engine.connect() as connection:
        columns = {name: getattr(slow, name) for name in VoteEvent.__slots__}
        lower = connection.execute(log.insert().values(columns).returning(log.c.id)).scalar_one()
        record_vote(engine, vote(answered, 1, 1))
        with attempt(engine) as night:
            first = read_by(night)
        with engine.connect() as other:
            assert other.scalar(sa.select(sa.func.max(log.c.id))) > lower
        connection.commit()

    with attempt(engine) as night:
        again = read_by(night)
        assert pack_snapshot(again) == pack_snapshot(first)
        assert len(again.judgements) == 1
        finish_run(engine, night.run, "refused", [])
    assert len(make_snapshot(read_said(engine)).judgements) == 2


def test_what_is_committed_while_a_night_reads_is_for_the_next_one(
    engine: sa.Engine, answered: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    find_bounds = said._all_there_is
    record_vote(engine, vote(answered, 1, -1))

    def say_why_meanwhile(connection: sa.Connection) -> said.Bounds:
        bounds = find_bounds(connection)
        set_reason(engine, BEN, answered.sources[1].citation_id, "outdated")
        return bounds

    with monkeypatch.context() as patch:
        patch.setattr(said, "_all_there_is", say_why_meanwhile)
        assert [judgement.reason for judgement in make_snapshot(read_said(engine)).judgements] == [None]
    assert [judgement.reason for judgement in make_snapshot(read_said(engine)).judgements] == ["outdated"]


def test_whatever_is_said_edited_or_deleted_a_night_taken_up_again_reads_the_same(
    engine: sa.Engine, answered: Answer
) -> None:
    edited, deleted = add_pair(engine, answered, "Where may I park?"), add_pair(engine, answered, "Who has the key?")
    record_vote(engine, vote(answered, 0, -1))
    request_run(engine, "cli", "test")
    with attempt(engine) as night:
        first = pack_snapshot(read_by(night))

    set_reason(engine, BEN, answered.sources[0].citation_id, "outdated")
    record_vote(engine, vote(answered, 1, 1))
    add_pair(engine, answered, "May guests park?")
    with engine.begin() as connection:
        pair, link, question = schema.curated_pair, schema.curated_pair_chunk, schema.question
        connection.execute(
            sa.update(pair).where(pair.c.id == edited).values(prompt="What?", question_id=answered.question_id)
        )
        connection.execute(sa.delete(pair).where(pair.c.id == deleted))
        connection.execute(sa.update(link).values(chunk_id=sa.select(sa.func.max(schema.chunk.c.id)).scalar_subquery()))
        connection.execute(sa.update(question).values(rewritten_text="Where is it?"))
        connection.execute(sa.update(schema.impression).values(shown=sa.true(), propensity=0.5))

    with attempt(engine) as night:
        assert pack_snapshot(read_by(night)) == first
        finish_run(engine, night.run, "refused", [])
    relink_pairs(engine)  # as the next night does first
    now = pack_snapshot(make_snapshot(read_said(engine)))
    assert now != first
    request_run(engine, "cli", "test")
    with attempt(engine) as night:
        assert pack_snapshot(read_by(night)) == now


def test_what_a_night_had_kept_goes_with_its_end_or_when_the_next_one_reads(
    engine: sa.Engine, answered: Answer, tmp_path: Path
) -> None:
    dead = request_run(engine, "cli", "test")
    with attempt(engine) as night:
        read_by(night)
        finish_run(engine, night.run, "refused", [])
    assert find_kept_snapshot(engine, dead) is not None  # as if it had been killed right there
    request_run(engine, "cli", "test")
    with attempt(engine, tmp_path) as night:
        read_by(night)
        assert find_kept_snapshot(engine, dead) is None
        night._finish("refused", ["It wasn't better."])
        assert find_kept_snapshot(engine, night.run.id) is None


@pytest.mark.parametrize("who", [ANN, BEN])
def test_whoever_is_erased_is_in_nothing_that_is_kept_and_the_night_starts_over(
    engine: sa.Engine, answered: Answer, who: str
) -> None:
    record_vote(engine, vote(answered, 0, 1))
    record_vote(engine, vote(answered, 0, 1, person=ANN))
    request_run(engine, "cli", "test")
    with attempt(engine) as night:
        assert len(read_by(night).judgements) == 2
        erase_person(engine, who)
        assert find_kept_snapshot(engine, night.run.id) is None
        with pytest.raises(StaleRunError):
            read_by(night)  # what it had read before the erasure it can't keep after it
        assert find_kept_snapshot(engine, night.run.id) is None
    with attempt(engine) as night:
        assert {judgement.person for judgement in read_by(night).judgements} == ({ANN} if who == BEN else set())
