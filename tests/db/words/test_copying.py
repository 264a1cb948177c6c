"""What is laid out here is what PostgreSQL reads, and what it sends is read as it stands."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
import sqlalchemy as sa

from db.store import raw_connection
from db.words import copying
from db.words.copying import Rows, copy_rows, read_rows

BASE = 1 << 40
ELEMENTS = {
    "parrot": [1],
    "東京": list(range(1000)),
    "proj-1234": [0, 2**31 - 1, 5],
    "gone": [],
    "x" * 64: [7, 8],
}
REMOVED = {"gone": 3, "東京": 1}


def rows_of(elements: Mapping[str, list[int]], removed: Mapping[str, int]) -> Rows:
    """By lexeme, in the order of its bytes."""
    lexemes = sorted(elements)
    return Rows(
        lexemes,
        np.array([len(elements[lexeme]) for lexeme in lexemes], dtype=np.int64),
        np.array([element for lexeme in lexemes for element in elements[lexeme]], dtype=np.int32),
        np.array([removed.get(lexeme, 0) for lexeme in lexemes], dtype=np.int64),
    )


def by_lexeme(rows: Rows) -> dict[str, tuple[list[int], int]]:
    """Of each lexeme its elements, and how many are removed."""
    elements = np.split(rows.elements, np.cumsum(rows.sizes)[:-1])
    each = zip(rows.lexemes, elements, rows.removed.tolist(), strict=True)
    return {lexeme: (own.tolist(), removed) for lexeme, own, removed in each}


@pytest.fixture(autouse=True)
def few_rows_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "_ROWS", 2)


def test_rows_stand_as_they_were_laid_out(engine: sa.Engine) -> None:
    with raw_connection(engine) as raw:
        copy_rows(raw, 9, BASE, 2, rows_of(ELEMENTS, REMOVED))
        rows = raw.execute("SELECT lexeme, audience_id, segment, base, n, packed FROM posting").fetchall()
    assert {row[0]: row[4:] for row in rows} == {
        lexeme: (len(packed) - REMOVED.get(lexeme, 0), packed) for lexeme, packed in ELEMENTS.items()
    }
    assert {row[1:4] for row in rows} == {(2, 9, BASE)}
    assert [row[0] for row in rows] == sorted(ELEMENTS)


def test_rows_are_read_as_they_stand(engine: sa.Engine) -> None:
    with raw_connection(engine) as raw:
        copy_rows(raw, 9, BASE, 2, rows_of(ELEMENTS, REMOVED))
        copy_rows(raw, 10, 0, 2, rows_of({"parrot": [3]}, {}))
        copy_rows(raw, 9, BASE, 3, rows_of({"parrot": [4]}, {}))
        found = read_rows(raw, 2, ["parrot", "gone", "東京", "unknown"], [BASE, 0])
        assert read_rows(raw, 2, ["unknown"], [BASE]) == {}
        assert set(read_rows(raw, 2, ["parrot"], [0])) == {(10, 0)}
    assert {key: by_lexeme(rows) for key, rows in found.items()} == {
        (9, BASE): {lexeme: (ELEMENTS[lexeme], REMOVED.get(lexeme, 0)) for lexeme in ("parrot", "gone", "東京")},
        (10, 0): {"parrot": ([3], 0)},
    }


def test_no_rows_are_no_rows(engine: sa.Engine) -> None:
    with raw_connection(engine) as raw:
        copy_rows(raw, 1, 0, 1, rows_of({}, {}))
        assert raw.execute("SELECT count(*) FROM posting").fetchone() == (0,)
