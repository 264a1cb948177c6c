"""After the last night people go on asking, and their votes decide the trial that it began."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from db.answers import count_drawn
from db.generations import Ranking, get_trial, open_trial, serving, update_generation
from db.nights import get_run, pass_time
from nightshift.simulate.outcome import SimulatedNight, SimulatedTrial
from retrain.night import look_at_trial

if TYPE_CHECKING:
    from collections.abc import Callable

    import sqlalchemy as sa

    from db.generations import Trial
    from nightshift.simulate.people import People
    from nightshift.simulate.score import Scored
    from nightshift.simulate.slack import Visitor
    from nightshift.simulate.stage import Stage

BY_VECTORS_ALONE = Ranking(words=0.0, pairs=0.0)


def weaken_incumbent(engine: sa.Engine) -> None:
    """Has what serves rank by its vectors alone, so that there is something to be found."""
    with engine.begin() as connection:
        update_generation(connection, serving(engine).id, ranking=BY_VECTORS_ALONE)


async def hold_trial(
    stage: Stage, people: People, visitor: Visitor, night: SimulatedNight, score: Callable[[], Scored]
) -> SimulatedNight:
    """The night with the trial of its candidate, if it began one; otherwise as it was.

    It is looked at after each question, as the night process does every half minute. Where nobody has a question left,
    the days go by.
    """
    known = open_trial(stage.engine)
    if known is None or night.run.decision != "trial":
        return night
    with stage.timed("trial"):
        asked = 0
        while known.is_open and await people.ask_next(visitor):
            asked += 1
            stage.on_progress("trial", asked, known.most_questions)
            known = await asyncio.to_thread(_look, stage, known)
        if known.is_open:
            pass_time(stage.engine, timedelta(days=known.most_days))
            known = await asyncio.to_thread(_look, stage, known)
    drawn = count_drawn(stage.engine, known.id)
    after = await asyncio.to_thread(score) if known.status == "promoted" else night.after
    trial = SimulatedTrial(known, drawn.questions, drawn.slots, drawn.contested)
    return replace(night, run=get_run(stage.engine, night.run.id), after=after, trial=trial)


def _look(stage: Stage, known: Trial) -> Trial:
    look_at_trial(stage.engine, stage.encoders)
    return get_trial(stage.engine, known.id)
