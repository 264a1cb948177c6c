"""A company whose words tell more than its encoder does: a ranking can learn that from what people said of answers.

Nothing is trained, and no model loaded: vectors are hashes of the texts.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import cast

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from db.answers import store_answer
from db.corpus import DocumentDraft, draft_chunk, write_documents
from db.feedback import VoteEvent, import_pairs, record_vote
from db.generations import Encoders, Generation, serving
from db.models import EncodedQuestion
from db.question import Asked, Draft
from db.schema import question
from db.search import search
from tests.synthetic import HashingEncoder, make_generation, serve

PEOPLE = 4
ENOUGH = 70
"""Questions that people ask, of which enough train where pairs judge."""
ENOUGH_WITHOUT_PAIRS = 160
FOUND, SHOWN = 50, 5


class HashingEncoders:
    """Stands for the encoders of a store: there is one, whichever generation asks."""

    def get(self, generation: Generation) -> HashingEncoder:
        return HashingEncoder()

    def has_to_fetch(self, generation: Generation) -> bool:
        return False


def hashing_encoders() -> Encoders:
    return cast(Encoders, HashingEncoders())


@dataclass
class Company:
    """Documents about a matter each, and questions that are asked of one in turn, and voted on by who knows it."""

    engine: sa.Engine

    def vote(self, questions: int, *, up: int = 1, down: int = -1, people: int = PEOPLE) -> None:
        """Has so many more asked and voted on; the right source gets `up`, the others that are shown `down`."""
        with self.engine.connect() as connection:
            asked = connection.scalar(sa.select(sa.func.count()).select_from(question)) or 0
        for number in range(asked, asked + questions):
            self._ask(number, up, down, f"T1:U{number % people}")

    def _ask(self, number: int, up: int, down: int, person: str) -> None:
        text = question_about(number)
        generation = serving(self.engine)
        [vector] = HashingEncoder().encode_questions([text])
        hits = search(self.engine, generation, EncodedQuestion(text, vector), [1], FOUND, exact=True)
        shown = [[own.chunk_id] for own in hits[:SHOWN]]
        draft = Draft(text, [1], generation.id, "quoted", "…", hits, shown, {"total": 1.0})
        answer = store_answer(self.engine, Asked(text, "T1", "C1", "public", person), draft)
        for source in answer.sources:
            value = up if source.title == title_of(number) else down
            if value:
                of = (answer.question_id, source.citation_id, "set", value, Decimal(number + 1))
                record_vote(self.engine, VoteEvent(f"{source.citation_id}", "T1", person, *of))  # type: ignore[arg-type]


def title_of(number: int) -> str:
    return f"Page {number}"


def question_about(number: int) -> str:
    return f"zz{number} qq{number} where?"


def found_company(engine: sa.Engine, documents: int = 200, pairs: int = 80) -> Company:
    """One with so many documents, of which the last have a curated pair each."""
    made = make_generation(engine, unrelated_nearness=-9.0)
    serve(engine, made)
    texts = [f"zz{number} qq{number} is kept in room {number}" for number in range(documents)]
    drafts = [
        DocumentDraft(f"d:{number}", title_of(number), b"%d" % number, [draft_chunk(title_of(number), "", text)])
        for number, text in enumerate(texts)
    ]

    def encode(_: Generation, passages: object) -> NDArray[np.float32]:
        return HashingEncoder().encode_passages(cast(list[str], passages))

    write_documents(engine, drafts, encode)
    given = range(documents - pairs, documents)
    lines = [json.dumps({"prompt": question_about(own), "completion": texts[own]}) for own in given]
    if pairs:
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
            file.write("\n".join(lines))
            file.flush()
            assert import_pairs(engine, Path(file.name), added_by="test").added == pairs
    return Company(engine)


def found_asked_company(engine: sa.Engine) -> None:
    """With enough votes for a ranking."""
    found_company(engine).vote(ENOUGH)


def found_without_pairs(engine: sa.Engine) -> None:
    """With votes alone to judge by."""
    found_company(engine, pairs=0).vote(ENOUGH_WITHOUT_PAIRS)
