"""What an index is measured with: the questions that people asked, or, while they are few, what questions are like."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from psycopg import sql

from db.generations.generation import Generation
from db.generations.recall import EXACT_UP_TO
from db.models import Encoder
from db.store import RawConnection, raw_connection

ENOUGH = 50
"""Questions that tell an index's recall well enough by themselves."""

OPENING_CHARS = 60
_SENTENCE = re.compile(r"(?<=[.!?])\s+|(?<=[\u3002\uff01\uff1f])|\n+")
_LEAST_CHARS = 20


def typical_questions(engine: sa.Engine, generation: Generation, encoder: Encoder, n: int = 200) -> NDArray[np.float32]:
    """Vectors of up to `n` questions by the generation's encoder, `(≤ n, dim)`; none where its index isn't searched.

    The latest that people asked; where those are fewer than `ENOUGH`, openings of passages' sentences as well.
    """
    with raw_connection(engine) as raw:
        if not _holds_more(raw, generation, EXACT_UP_TO):
            return np.empty((0, generation.dimension), np.float32)
        texts = _asked(raw, n)
        if len(texts) < ENOUGH:
            texts += [opening(text, str(chunk_id)) for chunk_id, text in _passages(raw, generation, n - len(texts))]
    return encoder.encode_questions(texts)


def opening(passage: str, key: str) -> str:
    """The first words of one of a passage's sentences: as far from passages, and as hard to search for, as questions.

    A passage as its own question is found by narrow searches that miss a seventh of what real questions look for. Of
    three sets with real questions, over 8,777 passages, recall@10 at a breadth of 40 was .90, .94, .98; with openings
    .89, .93, .94, with whole sentences .95, .95, .98, with passages 1.0, .98, .97. The same key draws the same.
    """
    sentences = [" ".join(sentence.split()) for sentence in _SENTENCE.split(passage)]
    long = [sentence for sentence in sentences if len(sentence) >= _LEAST_CHARS] or [" ".join(passage.split())]
    chosen = random.Random(key).choice(long)  # noqa: S311 - nobody gains by guessing it
    if len(chosen) <= OPENING_CHARS:
        return chosen
    cut = chosen[:OPENING_CHARS]
    return cut.rsplit(" ", 1)[0] if " " in cut else cut


def _holds_more(raw: RawConnection, generation: Generation, n: int) -> bool:
    query = sql.SQL("SELECT FROM {} OFFSET %s LIMIT 1").format(sql.Identifier(generation.table))
    return raw.execute(query, (n,)).fetchone() is not None


def _asked(raw: RawConnection, n: int) -> list[str]:
    query = (
        "SELECT coalesce(rewritten_text, raw_text) AS text FROM question"
        " WHERE coalesce(rewritten_text, raw_text) <> '' GROUP BY 1 ORDER BY max(id) DESC LIMIT %s"
    )
    return [row[0] for row in raw.execute(query, (n,)).fetchall()]


def _passages(raw: RawConnection, generation: Generation, n: int) -> Sequence[tuple[int, str]]:
    """Some of those that the generation holds, the same ones each time, spread over the corpus."""
    query = sql.SQL(
        "SELECT c.id, c.text FROM {} JOIN chunk c ON c.id = chunk_id ORDER BY hashint8(c.id), c.id LIMIT %s"
    )
    return [(row[0], row[1]) for row in raw.execute(query.format(sql.Identifier(generation.table)), (n,)).fetchall()]
