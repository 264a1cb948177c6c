"""After documents were loaded: an index where there is none yet, as broad a search as its recall asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from db.errors import EmptyCorpusError
from db.generations import build_and_measure_index, has_index, maintained, typical_questions
from db.store import raw_connection

if TYPE_CHECKING:
    import sqlalchemy as sa

    from db.generations import Encoders
    from db.settings import Settings


def index_after_load(engine: sa.Engine, settings: Settings, encoders: Encoders) -> None:
    """Indexes each maintained generation that isn't yet: loading into an indexed table takes several times as long."""
    try:
        generations = maintained(engine)
    except EmptyCorpusError:
        return
    for generation in generations:
        with raw_connection(engine) as raw:
            indexed = has_index(raw, generation)
        if not indexed:
            questions = typical_questions(engine, generation, encoders.get(generation))
            build_and_measure_index(engine, generation, settings.index_recall_floor, questions)
