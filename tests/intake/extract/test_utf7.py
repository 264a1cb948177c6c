"""UTF-7 is told from what is ASCII, and nothing that is ASCII is taken for it."""

from __future__ import annotations

import base64
import random
from pathlib import Path

import pytest

from db.errors import BadInputError
from intake.extract.decoding import decode_text
from intake.extract.utf7 import is_utf7

TEXTS = {
    "german": "# Urlaub\n\nDie Führungskraft genehmigt den Antrag. Für größere Projekte gelten Übergangsregeln.",
    "greek": "# Άδεια\n\nΟ προϊστάμενος εγκρίνει την αίτηση.",
    "hebrew": "המנהל מאשר את הבקשה.",
    "japanese": "従業員は少なくとも三日前までに人事システムで休暇を申請します。",
    "vietnamese": "# Nghỉ phép\n\nNhân viên xin nghỉ phép trước ít nhất ba ngày. 1 + 1 = 2",
}
ASCII = [
    "C++ and c++17, a+b-c, i++ - ++j, x=+1, +49-30-12345678, 3+4-5",
    "jane+tag-x@example.org, jane+news-2024@example.org, +ops-oncall@example.org",
    "--- a/f\n+++ b/f\n+APPLE-PIE\n+added-line\n-removed\n",
    "#+AUDIENCE: x\n#+CATEGORY: y\n#+PROPERTY: z\n#+AUDIENCE: x\n",
    "in UTF-7, 'for' is written f+APw-r",
    "a script that is hidden: +ADw-script+AD4-alert(1)+ADw-/script+AD4-",
    "four ideographs, as in an id: +ZeVnLIqe- +ZeVnLIqe- +ZeVnLIqe- +ZeVnLIqe-",
]


@pytest.mark.parametrize("language", TEXTS)
def test_utf7_is_refused_by_name(language: str) -> None:
    data = TEXTS[language].encode("utf-7")
    assert is_utf7(data)
    with pytest.raises(BadInputError, match="UTF-7.*save it as UTF-8"):
        decode_text(data)


@pytest.mark.parametrize("text", ASCII)
def test_ascii_is_read_as_it_is(text: str) -> None:
    assert decode_text(text.encode()) == text


def test_one_plus_that_utf7_would_not_write_makes_it_ascii() -> None:
    assert not is_utf7(TEXTS["german"].encode("utf-7") + b"\na+b")


def test_letters_of_many_scripts_are_chance() -> None:
    assert not is_utf7("ü я ש α".encode("utf-7"))
    assert not is_utf7("Für größere Übergänge \ue000".encode("utf-7"))


def test_base64_is_never_taken_for_it() -> None:
    chance = random.Random(5)
    for size in (30, 300, 3_000):
        for _ in range(500):
            assert not is_utf7(base64.encodebytes(chance.randbytes(size)))
            assert not is_utf7(b"-".join(base64.b64encode(chance.randbytes(6)) for _ in range(size // 3)))


def test_no_file_of_this_repository_is_taken_for_it() -> None:
    root = Path(__file__).parents[3]
    for folder in ("bot", "db", "deploy", "docs", "intake", "nightshift", "retrain", "tests"):
        for path in (root / folder).rglob("*"):
            assert not path.is_file() or not is_utf7(path.read_bytes()), path
