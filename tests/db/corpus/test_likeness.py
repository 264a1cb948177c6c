"""Documents that say nearly the same are told from those that are only alike, wherever they are cut."""

from __future__ import annotations

import numpy as np
import pytest

from db.corpus import CopyFinder, near_copies, sign_text

WORDS = [f"w{number}" for number in range(500)]
TEXT = sign_text([" ".join(WORDS)])


def alike(*signatures: bytes) -> bool:
    return bool(near_copies(signatures)[0, 1])


@pytest.mark.parametrize(
    ("words", "is_near"),
    [
        (WORDS, True),
        ([*WORDS[:250], "changed", *WORDS[251:]], True),
        ([*WORDS, *WORDS[:10]], True),
        ([word for place, word in enumerate(WORDS) if place % 10], False),
        (WORDS[:250], False),
        ([*WORDS, *(f"other{number}" for number in range(200))], False),
        (WORDS[::-1], False),
    ],
)
def test_what_says_nearly_the_same_is_told(words: list[str], is_near: bool) -> None:
    assert alike(TEXT, sign_text([" ".join(words)])) is is_near


def test_passages_may_be_cut_anywhere_and_overlap() -> None:
    cut = [" ".join(WORDS[start : start + 70]) for start in range(0, len(WORDS), 50)]
    assert alike(TEXT, sign_text(cut))


def test_words_are_what_counts_whatever_stands_between_them() -> None:
    assert sign_text(["**Leave**: 28 days."]) == sign_text(["leave", "28  Days"])


def test_a_signature_is_the_same_on_every_machine() -> None:
    assert len(TEXT) == 128
    assert sign_text(["The zebra."])[:4].hex() == "6d336316"


def test_what_has_no_words_is_like_nothing() -> None:
    assert sign_text(["?!"]) == sign_text([]) == b""
    assert near_copies([b"", TEXT, b"", TEXT]).tolist() == [
        [True, False, False, False],
        [False, True, False, True],
        [False, False, True, False],
        [False, True, False, True],
    ]
    assert near_copies([]).shape == (0, 0)


@pytest.mark.parametrize("n_other", [0, 1, 6, 12, 13, 14, 40])
def test_a_finder_finds_all_that_are_near_and_no_others(n_other: int) -> None:
    random = np.random.default_rng(n_other)
    changed = {}
    for number in range(200):
        own = bytearray(TEXT)
        for at in random.choice(128, n_other, replace=False):
            own[at] ^= 1 + int(random.integers(255))
        changed[str(number)] = bytes(own)
    finder = CopyFinder(changed | {"no words": b""})
    assert finder.find(TEXT) == [key for key, own in changed.items() if alike(TEXT, own)]
    assert len(finder.find(TEXT)) == (200 if n_other <= 12 else 0)
    assert finder.find(b"") == []
