"""A question that two generations answer together, beside the same one answered by what serves alone."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from itertools import count, cycle
from typing import TYPE_CHECKING

from benchmarks.speed.measure import OURS, Comparison, Show, take_turns
from benchmarks.speed.question import read_in
from bot.answering import Answerer
from db.answers import count_drawn
from db.generations import Encoders, Ranking, Terms, Trial, add_artefact, add_generation, begin_trial, serving
from db.question import Asked

if TYPE_CHECKING:
    import sqlalchemy as sa

PLAIN = "the same question, in no trial"
LIMIT = 1.3

EVERY_QUESTION = Terms(alpha=0.025, share=1.0, most_questions=400, most_days=14)


def compare_trying(questions: Sequence[str], rounds: int, show: Show) -> Iterator[Comparison]:
    """One, on the sample handbook, from the question to its sources, quoted and stored.

    The candidate has an encoder and vectors of its own and ranks by them alone: nothing that it does is shared.
    """
    with read_in() as (engine, settings, encoders), asyncio.Runner() as runner:
        known = begin_one(engine, encoders)
        answerer, numbers = Answerer(engine, settings, encoders, None), count()
        following = {name: cycle(questions) for name in (OURS, PLAIN)}

        def ask(name: str) -> None:
            event_id = f"{name} {next(numbers)}" if name == OURS else None  # by nobody but Slack is one tried
            asked = Asked(next(following[name]), "", "", "console", "benchmark", event_id=event_id)
            runner.run(answerer.answer(asked))

        seconds = take_turns({OURS: lambda: ask(OURS), PLAIN: lambda: ask(PLAIN)}, rounds, show=show)
        drawn = count_drawn(engine, known.id)
    facts = {"questions drawn": drawn.questions, "sources contested": drawn.contested / max(1, drawn.slots)}
    yield Comparison("answer in a trial", "question", LIMIT, seconds, facts)


def begin_one(engine: sa.Engine, encoders: Encoders) -> Trial:
    """The trial of the serving generation's encoder once more, with vectors of its own."""
    base = serving(engine)
    of = {name: getattr(base, name) for name in ("base_model", "dtype", "dimension")}
    with engine.begin() as connection:
        artefact_id = add_artefact(connection, uri=base.artefact_uri, sha256=base.artefact_sha256, **of)
        made = add_generation(
            connection,
            artefact_id=artefact_id,
            parent_id=base.id,
            unrelated_nearness=base.unrelated_nearness,
            unrelated_spread=base.unrelated_spread,
            ranking=Ranking(words=0.0, pairs=0.0),
            status="built",
        )
    by = "benchmark"
    return begin_trial(engine, made, encoders.get(made), EVERY_QUESTION, incumbent_id=base.id, by=by)
