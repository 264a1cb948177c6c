"""Whatever a text holds, what comes out is what a person sees, and PostgreSQL takes it."""

from __future__ import annotations

import time
import unicodedata

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from db.store.cleaning import clean_text


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("a\0b", "ab"),
        ("one\r\ntwo\rthree\u2028four  \n", "one\ntwo\nthree\nfour\n"),
        ("pay\u200bment\ufeff \u2060ok\xad", "payment ok"),
        ("a\u200db", "ab"),
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e"),
        ("cafe\u0301", "caf\xe9"),
        ("1\xa0000\u2009km", "1 000 km"),
        ("lone \ud800 surrogate", "lone  surrogate"),
        ("\ud83d\ude00", "\U0001f600"),
        ("safe\u202etxt.exe\U000e0041", "safetxt.exe"),
        ("tab\tstays", "tab\tstays"),
    ],
)
def test_what_nobody_sees_goes_and_the_rest_stays(raw: str, clean: str) -> None:
    assert clean_text(raw) == clean


@given(st.text(st.characters(), max_size=60))
def test_any_text_comes_out_storable_composed_and_the_same_again(text: str) -> None:
    clean = clean_text(text)
    assert "\0" not in clean
    clean.encode()
    assert unicodedata.is_normalized("NFC", clean)
    assert clean_text(clean) == clean


def test_a_letter_under_a_million_marks_takes_no_time() -> None:
    started = time.process_time()
    clean = clean_text("a" + "\u0301\u0316" * 300_000 + "b" + "\u0301\U0001d165" * 300_000)
    assert len(clean) < 30
    assert time.process_time() - started < 5


def test_postgres_takes_every_character_that_stays(engine: sa.Engine) -> None:
    text = clean_text("".join(map(chr, range(0x110000))))
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT cast(:text AS text) = :text"), {"text": text})
