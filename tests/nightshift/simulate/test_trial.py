"""After the last night people go on asking, through Slack, until their votes have decided its trial."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import sqlalchemy as sa

from bot.answering import Answerer
from bot.slack.app import build_app
from db.generations import SHIPPED, Ranking, serving
from nightshift.simulate.dataset import DataSet, Document
from nightshift.simulate.outcome import Plan, SimulatedNight
from nightshift.simulate.people import People
from nightshift.simulate.score import Scored
from nightshift.simulate.simulation import simulation_settings
from nightshift.simulate.slack import LoopbackSlack, Visitor
from nightshift.simulate.stage import Stage
from nightshift.simulate.trial import BY_VECTORS_ALONE, hold_trial, weaken_incumbent
from tests.night_rows import make_run
from tests.ranked_company import found_company, hashing_encoders, question_about, title_of
from tests.synthetic import make_sharing
from tests.trial_rows import TERMS, begin, night_with_trial

QUESTIONS = 40
IDS = [f"q{number}" for number in range(QUESTIONS)]
DATASET = DataSet(
    "pages",
    tuple(Document(own, title_of(number), "") for number, own in enumerate(IDS)),
    {own: question_about(number) for number, own in enumerate(IDS)},
    {own: {own: 1.0} for own in IDS},
)
PLAN = Plan(votes=0, seed=1, trial=True, by_vectors=True)


def scored(documents: str) -> Scored:
    """Told apart by its documents."""
    return Scored((), (documents,), np.empty((0, 0), np.int64), np.empty(0, np.int64), {})


BEFORE, AFTER = scored("before"), scored("after")


@asynccontextmanager
async def people_in_slack(stage: Stage, slack: LoopbackSlack) -> AsyncIterator[tuple[People, Visitor]]:
    engine, names = stage.engine, (stage.id_of_uri, stage.id_of_question)
    people = People(engine, DATASET, IDS, *names, seed=PLAN.seed, noise=PLAN.noise, liars=PLAN.liars)
    answerer = Answerer(engine, stage.settings, stage.encoders, None, exact=True)
    async with Visitor(build_app(stage.settings, engine, answerer), stage.settings, slack) as visitor:
        yield people, visitor


def try_beside(stage: Stage, ranking: Ranking) -> SimulatedNight:
    """A night whose candidate has the same vectors, ranks so, and goes on trial."""
    run, base = night_with_trial(stage.engine), serving(stage.engine)
    made = make_sharing(stage.engine, base, run_id=run.id, ranking=ranking)
    begin(stage.engine, made, stage.encoders.get(made), replace(TERMS, most_questions=30))
    return SimulatedNight(0, run, BEFORE, None, BEFORE)


async def test_it_ends_once_votes_have_decided_or_nobody_has_a_question_left(engine: sa.Engine, tmp_path: Path) -> None:
    found_company(engine, documents=QUESTIONS, pairs=0)
    weaken_incumbent(engine)
    assert (weak := serving(engine)).ranking == BY_VECTORS_ALONE
    slack, told = LoopbackSlack(), list[tuple[str, int, int]]()
    async with slack.running() as api_url:
        settings = simulation_settings(tmp_path, PLAN, slack, api_url)
        of_uri = {f"d:{number}": own for number, own in enumerate(IDS)}
        stage = Stage(
            engine, settings, hashing_encoders(), DATASET, PLAN, lambda *now: told.append(now), id_of_uri=of_uri
        )
        async with people_in_slack(stage, slack) as (people, visitor):
            untried = SimulatedNight(0, make_run(decision="refused"), BEFORE, None, BEFORE)
            assert await hold_trial(stage, people, visitor, untried, lambda: AFTER) is untried
            decided = await hold_trial(stage, people, visitor, try_beside(stage, SHIPPED), lambda: AFTER)
            same = try_beside(stage, SHIPPED)
            ended = await hold_trial(stage, people, visitor, same, lambda: AFTER)

    assert decided.trial is not None
    assert (decided.decision, decided.run.decision, decided.after) == ("promoted", "promoted", AFTER)
    known = decided.trial.trial
    assert known.incumbent_id == weak.id and known.looks[-1]["won"] > known.looks[-1]["lost"]
    assert 0 < decided.trial.contested <= decided.trial.slots
    first = [number for _, number, _ in told].index(1, 1)
    assert 0 < decided.trial.questions <= first < QUESTIONS, "nobody is asked any more once votes have decided"

    assert ended.trial is not None
    assert (ended.decision, ended.run.decision, ended.after) == ("undecided", "refused", BEFORE)
    assert ended.trial.questions > 0 and ended.trial.contested == 0
    assert told == [("trial", n, 30) for n in (*range(1, first + 1), *range(1, QUESTIONS - first + 1))]
    assert stage.seconds["trial"] > 0
