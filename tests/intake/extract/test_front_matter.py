"""Front matter is read as it was written; what isn't front matter stays text."""

from __future__ import annotations

import json

import pytest

from intake.extract.front_matter import MAX_CHARS, split_front_matter


def test_values_stay_as_they_were_written() -> None:
    text = "---\ntitle: Time off\ndate: 2024-02-30\nyes: yes\ntags: [a, 1.0]\nnested: {order: 007}\n---\nBody"
    values, rest = split_front_matter(text)
    assert values == {
        "title": "Time off",
        "date": "2024-02-30",
        "yes": "yes",
        "tags": ["a", "1.0"],
        "nested": {"order": "007"},
    }
    assert rest == "\nBody"


def test_escapes_cannot_bring_back_what_postgres_refuses() -> None:
    values, _ = split_front_matter('---\ntitle: "a\\0b\\ud800c"\n"k\\0": x\n---\n')
    assert values == {"title": "abc", "k": "x"}


DOUBLED = "".join(f"{new}: &{new} [*{old}, *{old}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True))
BOMB = f"a: &a [x, x]\n{DOUBLED}"


@pytest.mark.parametrize(
    "text",
    [
        "No front matter.",
        " ---\ntitle: x\n---\n",
        "---\ntitle: never ends\n",
        "---\ntitle: [broken\n---\nBody",
        "---\njust words\n---\nBody",
        "---\n- a\n- list\n---\nBody",
        "---\n? [a, b]\n: tuple\n? {c: d}\n: dict\n---\nBody",
        "---\n!!python/object/apply:os.system [true]\n---\nBody",
        f"---\n{BOMB}---\nBody",
        "---\na: &a [*a]\n---\nBody",
        f"---\na: {'[' * 3000}{']' * 3000}\n---\nBody",
        f"---\na: {'[' * 50}{']' * 50}\n---\nBody",
        f"---\na: {'x' * MAX_CHARS}\n---\nBody",
    ],
    ids=lambda text: text[:24],
)
def test_what_is_not_a_dictionary_of_yaml_stays_text(text: str) -> None:
    assert split_front_matter(text) == ({}, text)


def test_it_always_fits_in_json() -> None:
    values, _ = split_front_matter("---\n2024-01-01: .nan\n!!set {a, b}: 1\nb: !!binary aGk=\nt: 12:30:45\n---\n")
    json.dumps(values, allow_nan=False)
