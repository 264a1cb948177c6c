"""What people paste around and into a value: cut around it, refused inside it, never shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from Stemmer import algorithms

from db.settings.values import (
    LANGUAGES,
    read_languages,
    read_slack_ids,
    require_address,
    require_key,
    require_one_line,
    require_visible,
    tidy,
)

AROUND = st.text(st.sampled_from(" \t\r\n\u00a0\u200b\u2060\ufeff\u200e\0"), max_size=4)
PAIRS = st.sampled_from(["", '""', "''", "“”", "‘’"])
KEYS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E, blacklist_characters="\"'"), min_size=1)


@given(AROUND, PAIRS, AROUND, KEYS, AROUND, AROUND)
def test_what_stands_around_a_value_is_cut(
    before: str, quotes: str, within: str, key: str, without: str, after: str
) -> None:
    assert tidy(before + quotes[:1] + within + key + without + quotes[1:] + after) == key


@pytest.mark.parametrize("value", ["", " ", "\n", '""', "'\ufeff'", '"'])
def test_of_nothing_nothing_is_left(value: str) -> None:
    assert tidy(value).strip('"') == ""


@given(KEYS, st.sampled_from(" \t\n\r\0\u200b\ufeff\u00a0é"), KEYS)
def test_a_key_has_no_strangers_inside(first: str, stranger: str, last: str) -> None:
    require_key(first + last)
    with pytest.raises(ValueError, match="copy it again"):
        require_key(first + stranger + last)


@pytest.mark.parametrize("key", ['"xoxb-1', "xoxb-1'"])
def test_half_a_pair_of_quotes_is_named(key: str) -> None:
    with pytest.raises(ValueError, match="quote"):
        require_key(key)


@pytest.mark.parametrize("stranger", ["\n", "\t", "\u200b", "\ufeff"])
def test_no_address_has_strangers_inside(stranger: str) -> None:
    for require in require_address, require_visible:
        with pytest.raises(ValueError, match="inside"):
            require(f"https://a{stranger}b/")


def test_a_space_is_seen_but_in_no_address() -> None:
    require_visible("postgresql://anna:my word@db/n")
    with pytest.raises(ValueError, match="space"):
        require_address("https://a b/")


def test_a_folders_name_may_hold_what_joins_letters() -> None:
    require_one_line("/srv/می\u200cخواهم")
    with pytest.raises(ValueError, match="line break"):
        require_one_line("/srv/a\nb")


def ids(text: str) -> tuple[str, ...]:
    return read_slack_ids(text, "UW", "Here is how.")


@pytest.mark.parametrize(
    "text",
    [
        "U1,U2,W3",
        "U1; U2 W3",
        " U1,,U2\n\tW3\r\n",
        "<@U1> <@U2|bert b> <@W3>",
        "@u1, @u2, @w3",
        '["U1", "U2", "W3", "U1"]',
        "U1、U2，W3",  # noqa: RUF001
        "\ufeffU1\u200b,U2,\u2060W3",
    ],
)
def test_ids_in_whatever_way_they_are_listed(text: str) -> None:
    assert ids(text) == ("U1", "U2", "W3")


def test_nobody_is_in_an_empty_list() -> None:
    assert ids("") == ids(" ,; ") == ()


@pytest.mark.parametrize("name", ["anna", "@ulrich", "will", "Ursula", "WANDA", "C0CHANNEL", "xoxb-1", "a@b.example"])
def test_a_name_is_no_id(name: str) -> None:
    with pytest.raises(ValueError, match=r"number 2 .*Here is how\.") as caught:
        ids(f"U1, {name}")
    assert name not in str(caught.value)


def test_a_long_id_without_a_digit_is_one() -> None:
    assert ids("UBCDEFGHI") == ("UBCDEFGHI",)


def test_languages_in_whatever_way_they_are_listed() -> None:
    assert read_languages("German, english;german") == ("german", "english")
    with pytest.raises(ValueError, match="klingon is none of the languages known: arabic, .*yiddish"):
        read_languages("english klingon")
    with pytest.raises(ValueError, match="names no language"):
        read_languages(", ")


def test_the_languages_known_are_those_that_have_stems() -> None:
    assert sorted({*algorithms()} - {"porter", "dutch_porter"}) == list(LANGUAGES)
