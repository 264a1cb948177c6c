"""A whole question without a language model, beside encoding it and one bare search each by vectors and by words."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING

from benchmarks.speed.bare import bare_searches
from benchmarks.speed.measure import OURS, Comparison, Show, take_turns
from bot.answering import Answerer
from db.corpus import PUBLIC_AUDIENCE_ID
from db.generations import Encoders, serving
from db.models import EncodedQuestion
from db.question import Asked
from db.settings import Settings
from db.store import open_store
from intake import ingest_paths
from nightshift.corpus.sample import sample_corpus

if TYPE_CHECKING:
    import sqlalchemy as sa

    from db.models import TrainableEncoder

BARE = "encode, both bare statements"
LIMIT = 1.5

QUOTE = "quote"
"""The step that comes after all that the limit is on."""


def compare_answering(
    library: TrainableEncoder, questions: Sequence[str], rounds: int, show: Show
) -> Iterator[Comparison]:
    """Two, on the sample handbook: all up to the quote, by the steps that answers are timed in; and all of it."""
    with read_in() as (engine, settings, encoders), asyncio.Runner() as runner:
        generation = serving(engine)
        following, bare_following = cycle(questions), cycle(questions)
        answerer = Answerer(engine, settings, encoders, None)
        steps_ms: list[dict[str, float]] = []

        def ours() -> None:
            asked = Asked(next(following), "", "", "console", "benchmark")
            steps_ms.append(dict(runner.run(answerer.answer(asked)).timings_ms))

        with bare_searches(engine, generation) as bare:

            def least() -> None:
                text = next(bare_following)
                vector = library.model.encode([text], normalize_embeddings=True, show_progress_bar=False)[0]
                question = EncodedQuestion(text, vector)
                bare.vectors(question, [PUBLIC_AUDIENCE_ID])
                bare.words(question, [PUBLIC_AUDIENCE_ID])

            seconds = take_turns({OURS: ours, BARE: least}, rounds, show=show)
    counted = steps_ms[-rounds:]
    before = tuple((steps["total"] - steps.get(QUOTE, 0.0)) / 1000 for steps in counted)
    parts = {f"{name} (ms)": fmean(steps.get(name, 0.0) for steps in counted) for name in {**counted[0], QUOTE: 0.0}}
    yield Comparison("answer, up to the quote", "question", LIMIT, seconds | {OURS: before}, parts)
    yield Comparison("answer, quoted and stored", "question", None, seconds)


@contextmanager
def read_in() -> Iterator[tuple[sa.Engine, Settings, Encoders]]:
    """A store of its own with the sample handbook in it; gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)  # root's server runs in another account
        settings = Settings(
            data_dir=Path(folder), database_url=None, direct_database_url=None, llm_api_key=None, llm_base_url=None
        )
        with open_store(settings, bounded=False) as engine:
            encoders = Encoders(settings)
            ingest_paths(engine, settings, encoders, [sample_corpus()])
            yield engine, settings, encoders
