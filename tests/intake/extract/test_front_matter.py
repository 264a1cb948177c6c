"""Front matter is read as it was written; what isn't front matter stays text."""

from __future__ import annotations

import json
import time

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
    ("written", "title"),
    [
        ("title: Onboarding: the first week\nowner: people team", "Onboarding: the first week"),
        ("title: [Draft] Travel policy", "[Draft] Travel policy"),
        ("title: {Draft} Travel policy", "{Draft} Travel policy"),
        ('title: "Travel" policy', '"Travel" policy'),
        ("title: 'It's here'", "It's here"),
        ('title: "Travel" and "food"', '"Travel" and "food"'),
        ('title: "The "new" rules"', 'The "new" rules'),
        ('title: "Travel policy\nowner: ada', "Travel policy"),
        ("title: Travel policy\ntags: [a, b\nowner: ada", "Travel policy"),
        ("title: `git` basics", "`git` basics"),
        ("title: @channel rules", "@channel rules"),
        ("title: *Important* rules", "*Important* rules"),
        ("title: % of pay", "% of pay"),
        ("title:Travel policy\nowner:ada", "Travel policy"),
        ("title: !Important: read", "!Important: read"),
        ("title: !important rules", "!important rules"),
        ("title: &co rules", "&co rules"),
        ("title: !!str 2024", "2024"),
        ("title: Travel: policy\n\n# who answers\nowner: ada", "Travel: policy"),
        ("title: - what to do", "- what to do"),
        ("title: Travel policy", "Travel policy"),
        ("Title: Travel policy", "Travel policy"),
        ("TITLE: Travel policy", "Travel policy"),
        ("title:\tTravel policy\ntags:\n\t- a\n\t- b", "Travel policy"),
        ("  title: Travel policy\n  owner: ada", "Travel policy"),
        ("# written by hand\n\ntitle: Travel policy", "Travel policy"),
        ("title: Travel\ntitle: Travel policy", "Travel policy"),
        ("title: Travel policy\nnot a field", "Travel policy"),
        ("title: Travel policy\nbroken: [never closed\n  more\nowner: ada", "Travel policy"),
        ("title: >\n  Travel\n  policy\nbroken: a: b", "Travel policy"),
        ('"title": Travel: policy', "Travel: policy"),
    ],
)
def test_what_people_write_is_read(written: str, title: str) -> None:
    values, rest = split_front_matter(f"---\n{written}\n---\n\nBody\n\n---\n\nmore")
    assert values["title"].strip() == title
    assert rest == "\n\nBody\n\n---\n\nmore"


def test_a_broken_field_costs_itself_alone() -> None:
    values, _ = split_front_matter(
        "---\nowner: ada\ntags: [a, b\nnested:\n  deep: [1]\nurl: https://x.test/\n---\nBody"
    )
    assert values == {"owner": "ada", "tags": "[a, b", "nested": {"deep": ["1"]}, "url": "https://x.test/"}


@pytest.mark.parametrize(
    "text",
    [
        '+++\ntitle = "Travel policy"\ndraft = false\ndate = 2024-01-01\n+++\nBody',
        '+++\ntitle = "Travel policy"\ndraft = no\ndate = 2024-01-01\n+++\nBody',
        "+++\ntitle = Travel policy\ndraft = false\ndate = 2024-01-01\n+++\nBody",
        '{\n  "title": "Travel policy",\n  "draft": false,\n  "date": "2024-01-01"\n}\nBody',
        '{\n  "title": "Travel policy",\n  "draft": false,\n  "date": "2024-01-01",\n}\nBody',
        '{"title": "Travel policy", "draft": false, "date": "2024-01-01"}\nBody',
        ';;;\n{"title": "Travel policy", "draft": false, "date": "2024-01-01"}\n;;;\nBody',
        '---json\n{"title": "Travel policy", "draft": false, "date": "2024-01-01"}\n---\nBody',
        '---toml\ntitle = "Travel policy"\ndraft = false\ndate = 2024-01-01\n---\nBody',
        "--- yaml\ntitle: Travel policy\ndraft: false\ndate: 2024-01-01\n...\nBody",
        "\n\n---\ntitle: Travel policy\ndraft: false\ndate: 2024-01-01\n---\nBody",
        "<!-- generated -->\n<!--\n# twice\n-->\n---\ntitle: Travel policy\ndraft: false\ndate: 2024-01-01\n---\nBody",
        "{/* generated */}\n\n---\ntitle: Travel policy\ndraft: false\ndate: 2024-01-01\n---\nBody",
    ],
)
def test_it_has_many_shapes(text: str) -> None:
    values, rest = split_front_matter(text)
    assert (values["title"], values["date"]) == ("Travel policy", "2024-01-01")
    assert rest == "\nBody"


DOUBLED = "".join(f"{new}: &{new} [*{old}, *{old}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True))
BOMB = f"a: &a [x, x]\n{DOUBLED}"


@pytest.mark.parametrize(
    "text",
    [
        "No front matter.",
        " ---\ntitle: x\n---\n",
        "---\ntitle: never ends\n",
        "---\njust words\n---\nBody",
        "---\n\nNote: [sic] this is a text.\n\nIt stands between two rules.\n\n---\nBody",
        "---\n- a\n- list\n---\nBody",
        "---\n# Heading\n---\nBody",
        "---\n? [a, b]\n: tuple\n? {c: d}\n: dict\n---\nBody",
        "---\n!!python/object/apply:os.system [true]\n---\nBody",
        "{/* never ends",
        '{\n  "only": "json"\n}',
        "{braces} begin a line",
        "+++\nwords\n+++\nBody",
        f"---\na: {'x' * MAX_CHARS}\n---\nBody",
    ],
    ids=lambda text: text[:24],
)
def test_what_is_no_fields_stays_text(text: str) -> None:
    assert split_front_matter(text) == ({}, text)


@pytest.mark.parametrize(
    "fields", [BOMB, "a: &a [*a]\n", f"a: {'[' * 3000}{']' * 3000}\n", f"a: {'[' * 50}{']' * 50}\n"], ids=len
)
def test_what_unfolds_stays_as_it_was_written(fields: str) -> None:
    values, rest = split_front_matter(f"---\ntitle: x\n{fields}---\nBody")
    assert (values["title"], rest) == ("x", "\nBody")
    assert len(json.dumps(values)) < 2 * len(fields) + 200


def test_nothing_between_its_marks_is_nothing() -> None:
    assert split_front_matter("---\n---\nBody") == ({}, "\nBody")


@pytest.mark.parametrize(
    "text", ["<!--" * 300_000, "{/*" * 300_000, "\n" * 500_000, "---\n" + "a: [\n" * 12_000 + "---\n"]
)
def test_hostile_beginnings_take_no_time(text: str) -> None:
    started = time.process_time()
    split_front_matter(text)
    assert time.process_time() - started < 10


def test_it_always_fits_in_json() -> None:
    values, _ = split_front_matter("---\n2024-01-01: .nan\n!!set {a, b}: 1\nb: !!binary aGk=\nt: 12:30:45\n---\n")
    json.dumps(values, allow_nan=False)


@pytest.mark.parametrize("mark", ["---", "----", "-----"])
def test_more_dashes_are_a_mark_too(mark: str) -> None:
    assert split_front_matter(f"{mark}\ntitle: A\n{mark}\nBody") == ({"title": "A"}, "\nBody")


@pytest.mark.parametrize(
    "body",
    ["# Leave\n\nAsk ada.\n\nIt is free.", "Ask ada.\nIt is free.", "- one\n- two\n\nIt is free."],
)
def test_a_text_below_fields_that_nobody_closed_is_not_lost(body: str) -> None:
    text = f"---\ntitle: Leave\nowner: ada\n\n{body}\n\n---\nThe end."
    values, rest = split_front_matter(text)
    assert values == {"title": "Leave", "owner": "ada"}
    assert rest.strip() == f"{body}\n\n---\nThe end."


def test_a_table_of_a_broken_toml_keeps_its_fields() -> None:
    values, _ = split_front_matter('+++\ntitle = "Good"\ntags = [\n  "a",\n]\n[params]\ntitle = bad one\n+++\nBody')
    assert values == {"title": "Good", "tags": ["a"]}
