"""After documents were loaded: an index where there is none yet, and what refusals are counted from."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from db.errors import EmptyCorpusError, ModelError
from db.generations import build_and_measure_index, maintained, typical_questions, unsound_indexes
from db.search import keep_unrelated, measure_unrelated

if TYPE_CHECKING:
    import sqlalchemy as sa

    from db.generations import Encoders, Generation
    from db.settings import Settings

_log = logging.getLogger(__name__)


def index_after_load(engine: sa.Engine, settings: Settings, encoders: Encoders) -> None:
    """Indexes each maintained generation that isn't yet: loading into an indexed table takes several times as long.

    What refusals are counted from is measured anew, since it depends on the documents.
    """
    for generation in _maintained(engine):
        if unsound_indexes(engine, generation):
            questions = typical_questions(engine, generation, encoders.get(generation))
            build_and_measure_index(engine, generation, settings.index_recall_floor, questions)
    measure_after_load(engine, settings, encoders)


def measure_after_load(engine: sa.Engine, settings: Settings, encoders: Encoders) -> None:
    """Measures how near each maintained generation's sources come to questions that no document answers.

    One whose model can't be used keeps what was measured: it answers nobody either.
    """
    for generation in _maintained(engine):
        try:
            encoder = encoders.get(generation)
        except ModelError as error:
            _log.warning("what generation %d's refusals are counted from stays as it was: %s", generation.id, error)
            continue
        unrelated = measure_unrelated(engine, generation, encoder, settings.sources)
        if unrelated is not None:
            with engine.begin() as connection:
                keep_unrelated(connection, generation, unrelated)


def _maintained(engine: sa.Engine) -> list[Generation]:
    try:
        return list(maintained(engine))
    except EmptyCorpusError:
        return []
