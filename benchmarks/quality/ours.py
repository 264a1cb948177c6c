"""Our own learner through the front door: the night that `nightshift simulate` has, and its problem as peers get it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import sqlalchemy as sa
from pydantic import SecretStr

from benchmarks.quality.encodings import KeptEncoders
from benchmarks.quality.matches import Matched, WordMatches
from benchmarks.quality.regression import add_regression
from benchmarks.quality.task import Task, Vote
from db.corpus import PUBLIC_AUDIENCE_ID, read_uris_of_chunks
from db.feedback import read_said
from db.generations import list_generations, read_vectors
from db.search import read_written, score_words
from db.store import open_server, open_store, upgrade
from nightshift.corpus.sample import regression_set
from nightshift.simulate.outcome import Outcome, Plan
from nightshift.simulate.simulation import live_through, read_in, simulation_settings
from nightshift.simulate.slack import LoopbackSlack
from nightshift.simulate.stage import Stage
from retrain.lesson import Anchor, make_snapshot
from retrain.night import OnProgress

if TYPE_CHECKING:
    from db.generations import Generation
    from db.settings import Settings
    from nightshift.simulate.dataset import DataSet

_BASE_DATABASE = "read_in"
_ENCODINGS = "encodings.sqlite"


async def simulate_in(home: Path, dataset: DataSet, plan: Plan, on_progress: OnProgress) -> tuple[Outcome, Task]:
    """What `nightshift simulate` does, in a copy of a database that was read in once for all seeds.

    Returns:
        the outcome, and the same problem as the peers get it.
    """
    slack = LoopbackSlack()
    async with slack.running() as api_url:
        settings = simulation_settings(home, plan, slack, api_url)
        with open_server(settings) as server:
            id_of_uri = _read_in_once(server, settings, dataset, plan, on_progress)
            own = settings.model_copy(
                update={
                    "direct_database_url": None,
                    "database_url": SecretStr(_copy_database(server, f"seed_{plan.seed}_votes_{plan.votes}")),
                    "data_dir": home / f"seed-{plan.seed}-votes-{plan.votes}",
                }
            )
            with open_store(own, bounded=False) as engine:
                encoders = KeptEncoders(own, home / _ENCODINGS)
                stage = Stage(engine, own, encoders, dataset, plan, on_progress, id_of_uri)
                outcome = await live_through(stage, slack)
                task = _task_of(stage, outcome)
                known = regression_set(engine, own)
                base = stage.encoders.get(_base_of(stage))
                return outcome, task if known is None else add_regression(task, known, base)


def _read_in_once(
    server: str, settings: Settings, dataset: DataSet, plan: Plan, on_progress: OnProgress
) -> dict[str, str]:
    """Reads the documents into a database that is then only copied; returns the data's id of each address."""
    _create_database(server, _BASE_DATABASE)
    address = _address(server, _BASE_DATABASE)
    upgrade(address)
    own = settings.model_copy(update={"database_url": SecretStr(address), "direct_database_url": None})
    with open_store(own, bounded=False) as engine:
        stage = Stage(engine, own, KeptEncoders(own, settings.home / _ENCODINGS), dataset, plan, on_progress)
        read_in(stage)
    return stage.id_of_uri


def _copy_database(server: str, name: str) -> str:
    """A fresh copy of what was read in."""
    with _administering(server) as connection:
        connection.execute(sa.text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        connection.execute(sa.text(f'CREATE DATABASE "{name}" TEMPLATE "{_BASE_DATABASE}"'))
    return _address(server, name)


def _create_database(server: str, name: str) -> None:
    with _administering(server) as connection:
        known = connection.scalar(
            sa.text("SELECT EXISTS (SELECT FROM pg_database WHERE datname = :name)"), {"name": name}
        )
        if not known:
            connection.execute(sa.text(f'CREATE DATABASE "{name}"'))


@contextmanager
def _administering(server: str) -> Iterator[sa.Connection]:
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        yield connection


def _address(server: str, database: str) -> str:
    return sa.make_url(server).set(database=database).render_as_string(hide_password=False)


def _base_of(stage: Stage) -> Generation:
    return min(list_generations(stage.engine), key=lambda generation: generation.id)


def _task_of(stage: Stage, outcome: Outcome) -> Task:
    """The store's content as arrays; vectors are the base generation's, votes those that the night learnt from."""
    base = _base_of(stage)
    stored = read_vectors(stage.engine, base)
    encoder = stage.encoders.get(base)
    written = read_written(stage.engine, stored.chunk_ids.tolist())
    documents = tuple(sorted(set(stage.id_of_uri.values())))
    row_of_document = {document_id: row for row, document_id in enumerate(documents)}
    uris = read_uris_of_chunks(stage.engine)
    row_of_chunk = {int(chunk_id): row for row, chunk_id in enumerate(stored.chunk_ids)}
    dataset, parts = stage.dataset, outcome.parts
    ids = (*dataset.questions, *outcome.repeats)
    row_of_question = {question_id: row for row, question_id in enumerate(ids)}
    golden_by_text = {dataset.questions[question_id]: row_of_question[question_id] for question_id in parts.golden}
    snapshot = make_snapshot(read_said(stage.engine))
    questions = tuple(map(dataset.text_of, ids))
    words = score_words(stage.engine, questions, [PUBLIC_AUDIENCE_ID])
    return Task(
        written=tuple(written),
        document_of_passage=np.array(
            [row_of_document[stage.id_of_uri[uris[int(chunk_id)]]] for chunk_id in stored.chunk_ids],
            dtype=np.int64,
        ),
        documents=documents,
        question_ids=ids,
        questions=questions,
        passage_vectors=stored.vectors[:].astype(np.float32),
        question_vectors=encoder.encode_questions(list(questions)),
        votes=tuple(
            Vote(
                judgement.person,
                row_of_question[stage.id_of_question[judgement.question_id]],
                row_of_chunk[judgement.chunk_id],
                judgement.value,
                judgement.rank,
            )
            for judgement in snapshot.judgements
        ),
        golden=tuple(
            (golden_by_text[snapshot.anchors[Anchor("pair", pair)].text], tuple(row_of_chunk[c] for c in chunks))
            for pair, chunks in snapshot.chunks_of_pair.items()
        ),
        held_out=np.array(
            [row_of_question[question_id] for question_id in outcome.before.question_ids], dtype=np.int64
        ),
        words=WordMatches.of(
            Matched(
                np.array([row_of_chunk[int(chunk)] for chunk in own.chunk_ids], dtype=np.int64),
                own.scores,
                own.coverage,
            )
            for own in words
        ),
        words_weight=base.ranking.words_weight,
        relevant=tuple(
            {row_of_document[document_id]: gain for document_id, gain in dataset.relevant[question_id].items()}
            for question_id in (*dataset.questions, *(dataset.repeats[own].of for own in outcome.repeats))
        ),
        repeats=np.array([row_of_question[question_id] for question_id in outcome.repeats], dtype=np.int64),
        regression=np.empty(0, dtype=np.int64),
        of_regression=np.zeros(len(stored.chunk_ids), dtype=bool),
        seed=outcome.plan.seed,
    )
