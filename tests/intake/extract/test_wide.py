"""UTF-16 without its mark is told by its words, and binary data by having none."""

from __future__ import annotations

import random

import pytest

from intake.extract.decoding import decode_text
from intake.extract.wide import wide_by_letters

TEXTS = {
    "russian": "Сотрудникам предоставляется отпуск 28 дней в году.\nЗаявление подаётся через портал.",
    "greek": "Οι εργαζόμενοι δικαιούνται είκοσι ημέρες άδειας.",
    "hebrew": "העובדים זכאים לעשרים ימי חופשה בשנה.",
    "arabic": "يحق للموظفين عشرون يوما من الإجازة سنويا.",
    "japanese": "有給休暇は年間二十日です。\n申請は二週間前までにポータルから行ってください。\n",
    "chinese": "# 休假\n\n员工每年有二十天的带薪休假。请提前两周提交申请。",
    "korean": "직원은 연간 이십일의 유급 휴가를 받습니다.",
    "thai": "พนักงานต้องขอลาล่วงหน้าอย่างน้อยสามวันในระบบ\nพนักงาน",
    "german": "Größere Änderungen müssen beantragt werden.",
}


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_words_of_any_script_are_read(language: str, codec: str) -> None:
    data = TEXTS[language].encode(codec)
    assert wide_by_letters(data) == codec
    assert decode_text(data) == TEXTS[language]
    assert wide_by_letters(data[:-1]) == codec


@pytest.mark.parametrize(
    "data",
    [
        "Один два.".encode("utf-16-le"),
        "БезПробеловИСтрокНичегоНеСказать".encode("utf-16-le"),
        ("один два \ue000 три " * 4).encode("utf-16-le"),
        ("один two עשרים είκοσι " * 4).encode("utf-16-le"),
        b"\xd8\x00" * 40,
        b"\0 " * 40,
        b"plain words and nothing else " * 4,
    ],
)
def test_too_little_or_what_nobody_writes_is_not_told(data: bytes) -> None:
    assert wide_by_letters(data) is None


def test_binary_data_is_never_taken_for_words() -> None:
    chance = random.Random(3)
    for size in (32, 64, 200, 2_000):
        for _ in range(300):
            assert wide_by_letters(chance.randbytes(size)) is None
            counters = b"".join(chance.randrange(1 << 16).to_bytes(4, "little") for _ in range(size // 4))
            assert wide_by_letters(counters) is None
