"""kill -9 while a trial begins, is looked at, ends or answers: nothing is mixed or lost, and the next one goes on."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.answering.answer import Answerer
from db import schema
from db.generations import (
    Generation,
    Ranking,
    Trial,
    backfill,
    begin_trial,
    generations_by_role,
    get_generation,
    get_trial,
    list_trials,
    open_trial,
    serving,
)
from db.nights import get_run, pass_time
from db.question import Asked
from db.settings import Settings
from retrain.night import look_at_trial
from tests.conftest import ROOT
from tests.corpus import add_base_generation, add_document, embed, encoders
from tests.db.generations.rows import table_exists
from tests.db.generations.test_filling import require_exact
from tests.ranked_company import hashing_encoders
from tests.synthetic import HashingEncoder, add_chunks, make_generation, make_sharing, serve
from tests.trial_rows import TERMS, begin, night_with_trial


def in_service(engine: sa.Engine) -> dict[str, int]:
    return {role: own.id for role, own in generations_by_role(engine).items()}


@pytest.fixture
def base(engine: sa.Engine) -> Generation:
    made = make_generation(engine)
    serve(engine, made)
    add_chunks(engine, 60)
    backfill(engine, made, HashingEncoder())
    return made


# Says when a batch is encoded, and waits to be told to write it.
BEGIN = """
import sys
from functools import partial
from db.generations import begin_trial, filling, get_generation, trying
from db.store.engine import create_engine
from tests.synthetic import HashingEncoder
from tests.trial_rows import TERMS

def on_batch(n):
    print("encoded", flush=True)
    sys.stdin.readline()

url, incumbent, candidate = sys.argv[1:]
trying.backfill = partial(filling.backfill, batch=20)
engine = create_engine(url)
made = get_generation(engine, int(candidate))
begin_trial(engine, made, HashingEncoder(), TERMS, incumbent_id=int(incumbent), by="run 1", on_batch=on_batch)
"""


@pytest.mark.parametrize("batches", [1, 3])
def test_killed_while_its_vectors_are_made_it_has_not_begun_and_the_next_goes_on(
    engine: sa.Engine,
    database_url: str,
    base: Generation,
    start_python: Callable[..., subprocess.Popen[str]],
    batches: int,
) -> None:
    made = make_generation(engine)
    process = start_python(BEGIN, database_url, base.id, made.id)
    assert process.stdin is not None and process.stdout is not None
    for _ in range(batches - 1):
        assert process.stdout.readline() == "encoded\n"
        process.stdin.write("\n")
        process.stdin.flush()
    assert process.stdout.readline() == "encoded\n"
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL

    assert (list_trials(engine), in_service(engine)) == ([], {"serving": base.id})
    encoded = list[int]()
    begin_trial(engine, made, HashingEncoder(), TERMS, incumbent_id=base.id, by="run 1", on_batch=encoded.append)
    assert sum(encoded) == 60 - 20 * (batches - 1), "what was written is not made again"
    assert in_service(engine) == {"serving": base.id, "trial": made.id}
    require_exact(engine, made)


# Looks at the trial once, people having said that, and is gone before one of its own functions.
LOOK_AND_DIE = """
import importlib, json, os, signal, sys
from db.store.engine import create_engine
from retrain.night import look_at_trial, trials
from tests.ranked_company import hashing_encoders

url, says, module, name = sys.argv[1:]

def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)

trials.read_says = lambda *_: json.loads(says)
setattr(importlib.import_module(module), name, die)
look_at_trial(create_engine(url), hashing_encoders())
"""
PLACES = {
    "before anything follows": ("retrain.night.trials", "carry_out"),
    "in mid-promotion": ("db.generations.swap", "settle_run"),
    "in mid-refusal": ("db.generations.trying", "drop_vectors"),
}


@pytest.mark.parametrize(
    ("says", "place", "ends"),
    [
        ([1] * 40, "before anything follows", "promoted"),
        ([-1] * 40, "before anything follows", "dropped"),
        ([1, -1], "before anything follows", "undecided"),
        ([1] * 40, "in mid-promotion", "promoted"),
        ([-1] * 40, "in mid-refusal", "dropped"),
    ],
)
def test_killed_once_what_was_seen_is_kept_the_next_look_carries_it_out(
    engine: sa.Engine, database_url: str, base: Generation, says: list[int], place: str, ends: str
) -> None:
    run_id = night_with_trial(engine).id
    made = make_generation(engine, run_id=run_id, parent_id=base.id)
    known = begin(engine, made, HashingEncoder())
    pass_time(engine, timedelta(days=known.most_days))
    command = [sys.executable, "-c", LOOK_AND_DIE, database_url, str(says), *PLACES[place]]
    killed = subprocess.run(command, cwd=ROOT, env=os.environ, check=False, capture_output=True, text=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr

    seen = open_trial(engine)
    assert seen is not None and [look["decision"] for look in seen.looks] == [ends]
    assert in_service(engine) == {"serving": base.id, "trial": made.id}
    assert (get_generation(engine, made.id).status, get_run(engine, run_id).decision) == ("built", "trial")
    require_exact(engine, made)

    assert look_at_trial(engine, hashing_encoders())
    ended = get_trial(engine, known.id)
    assert (ended.status, ended.looks, ended.spent) == (ends, seen.looks, seen.spent), "it is looked at no more"
    after = {"serving": made.id, "previous": base.id} if ends == "promoted" else {"serving": base.id}
    assert in_service(engine) == after
    assert table_exists(engine, made) == (ends == "promoted")
    run = get_run(engine, run_id)
    assert run.decision == ("promoted" if ends == "promoted" else "refused")
    assert sum(ended.reason == reason for reason in run.reasons) == 1
    assert not look_at_trial(engine, hashing_encoders())


# Answers one question, and is gone behind one of its own functions.
ANSWER_AND_DIE = """
import asyncio, importlib, os, signal, sys
from pathlib import Path
from bot.answering.answer import Answerer
from db.settings import Settings
from db.store.engine import create_engine
from tests.corpus import encoders
from tests.faults.test_trial_killed import ASKED

url, module, name = sys.argv[1:]
place = importlib.import_module(module)
function = getattr(place, name)

def die(*args, **kwargs):
    function(*args, **kwargs)
    os.kill(os.getpid(), signal.SIGKILL)

setattr(place, name, die)
answerer = Answerer(create_engine(url), Settings(data_dir=Path("unused"), sources=4), encoders(), None, exact=True)
asyncio.run(answerer.answer(ASKED))
"""
ASKED = Asked("How many days of vacation do I get?", "T1", "C1", "public", "T1:U1", event_id="Ev1")
TEXTS = {
    "Paid leave": "Everyone has 28 days of holidays a year. Tell your lead two weeks ahead.",
    "Sick leave": "Who is ill stays at home; a note is wanted from the third day.",
    "Parking": "Visitors park on the north side, days and nights, a year long.",
    "Bicycles": "Bicycles go to the cellar. How many days they stay there is not limited.",
    "Car pool": "A car can be booked for days; how many is up to your lead.",
    "Canteen": "Lunch is free on many days of the week.",
}


@pytest.fixture
def tried(engine: sa.Engine) -> Trial:
    """A ranking on trial that finds other sources than what serves."""
    base = add_base_generation(engine, unrelated_nearness=-9.0)
    for title, text in TEXTS.items():
        embed(engine, add_document(engine, title, [("", text)]))
    return begin(engine, make_sharing(engine, base, ranking=Ranking(words=0.0, pairs=0.0)), encoders().get(base))


def stored(engine: sa.Engine) -> dict[str, int]:
    tables = schema.question, schema.impression, schema.citation, schema.trial_question
    with engine.connect() as connection:
        return {own.name: connection.scalar(sa.select(sa.func.count()).select_from(own)) or 0 for own in tables}


@pytest.mark.parametrize(
    ("place", "is_kept"),
    [
        (("db.answers.storing", "_store_drawn"), False),
        (("bot.answering.answer", "store_answer"), True),
    ],
)
def test_a_bot_that_is_killed_in_mid_answer_keeps_all_of_its_draw_or_nothing(
    engine: sa.Engine, database_url: str, tried: Trial, place: tuple[str, str], is_kept: bool
) -> None:
    command = [sys.executable, "-c", ANSWER_AND_DIE, database_url, *place]
    killed = subprocess.run(command, cwd=ROOT, env=os.environ, check=False, capture_output=True, text=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    whole = {"question": 1, "impression": 6, "citation": 4, "trial_question": 1}
    assert stored(engine) == (whole if is_kept else dict.fromkeys(whole, 0))

    def teams() -> list[Any]:
        own = schema.impression.c
        wanted = sa.select(own.chunk_id, own.team, own.source_number).where(own.shown).order_by(own.source_number)
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(wanted)]

    before = teams()
    answerer = Answerer(engine, Settings(data_dir=Path("unused"), sources=4), encoders(), None, exact=True)
    answer = asyncio.run(answerer.answer(ASKED))
    assert stored(engine) == whole
    assert len(answer.sources) == 4 and sorted(team for _, team, _ in teams()) == ["candidate"] * 2 + ["incumbent"] * 2
    assert answer.generation_id == serving(engine).id
    if is_kept:
        assert teams() == before, "what Slack sends again is drawn no second time"
