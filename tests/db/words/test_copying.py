"""What is laid out here is what PostgreSQL reads, and what it sends is read as it stands."""

from __future__ import annotations

from array import array

import pytest
import sqlalchemy as sa

from db.store import raw_connection
from db.words import copying
from db.words.copying import copy_rows, read_rows

BASE = 1 << 40
ELEMENTS = {
    "parrot": array("i", [1]),
    "東京": array("i", range(1000)),
    "proj-1234": array("i", [0, 2**31 - 1, 5]),
    "gone": array("i"),
    "x" * 64: array("i", [7, 8]),
}
REMOVED = {"gone": 3, "東京": 1}


@pytest.fixture(autouse=True)
def few_rows_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "_ROWS", 2)


def test_rows_stand_as_they_were_laid_out(engine: sa.Engine) -> None:
    with raw_connection(engine) as raw:
        copy_rows(raw, 9, BASE, 2, ELEMENTS, REMOVED)
        rows = raw.execute("SELECT lexeme, audience_id, segment, base, n, packed FROM posting").fetchall()
    assert {row[0]: row[4:] for row in rows} == {
        lexeme: (len(packed) - REMOVED.get(lexeme, 0), packed.tolist()) for lexeme, packed in ELEMENTS.items()
    }
    assert {row[1:4] for row in rows} == {(2, 9, BASE)}
    assert [row[0] for row in rows] == sorted(ELEMENTS)


def test_rows_are_read_as_they_stand(engine: sa.Engine) -> None:
    with raw_connection(engine) as raw:
        copy_rows(raw, 9, BASE, 2, ELEMENTS, REMOVED)
        copy_rows(raw, 10, 0, 2, {"parrot": array("i", [3])}, {})
        copy_rows(raw, 9, BASE, 3, {"parrot": array("i", [4])}, {})
        found = read_rows(raw, 2, ["parrot", "gone", "東京", "unknown"], [BASE, 0])
        assert read_rows(raw, 2, ["unknown"], [BASE]) == {}
        assert set(read_rows(raw, 2, ["parrot"], [0])) == {(10, 0)}
    assert found == {
        (9, BASE): (
            {lexeme: ELEMENTS[lexeme] for lexeme in ("parrot", "gone", "東京")},
            {"parrot": 0, "gone": 3, "東京": 1},
        ),
        (10, 0): ({"parrot": array("i", [3])}, {"parrot": 0}),
    }


def test_no_rows_are_no_rows(engine: sa.Engine) -> None:
    with raw_connection(engine) as raw:
        copy_rows(raw, 1, 0, 1, {}, {})
        assert raw.execute("SELECT count(*) FROM posting").fetchone() == (0,)
