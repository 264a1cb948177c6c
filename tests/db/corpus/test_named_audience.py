"""What people write for an audience is understood, or refused: never taken for everybody."""

from __future__ import annotations

import pytest

from db.corpus.named_audience import MOST_PARTS, NOBODY, PUBLIC, read_audience, write_audience
from db.errors import BadInputError


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("#finance", "#finance"),
        ("#Finance", "#finance"),
        (" '#finance' ", "#finance"),
        ('"#finance', "#finance"),
        ("[#finance]", "#finance"),
        (["#finance"], "#finance"),
        ("#größe-2_b", "#größe-2_b"),
        ("@leads, #finance", "#finance, @leads"),
        ("#b #a #a", "#a, #b"),
        (["#a", ["@b", "C0123ABCD"]], "#a, C0123ABCD, @b"),
        ("ada@Example.com", "ada@example.com"),
        ("U0456ABC", "U0456ABC"),
        ("@U0456ABC", "U0456ABC"),
        ("T0123:U0456", "T0123:U0456"),
        ("<#C0123|finance>", "C0123"),
        ("<@U0456>", "U0456"),
        ("<!subteam^S0789|@leads>", "S0789"),
        ("nobody", "nobody"),
        ("Nobody", "nobody"),
    ],
)
def test_names_in_whatever_order_and_notation_are_one_audience(written: object, read: str) -> None:
    named = read_audience(written)
    assert write_audience(named) == read
    assert read_audience(write_audience(named)) == named


@pytest.mark.parametrize("written", ["workspace", "everyone", "Public", ["everyone", "workspace"]])
def test_everybody_is_everybody(written: object) -> None:
    assert read_audience(written) == PUBLIC


@pytest.mark.parametrize(
    "written",
    [
        *("", " ", "[]", ",", [], [""], ["#finance", ""], [[]], "#", "@", "# finance", "##finance", "#-"),
        *("finance", "developers", "true", "null", "~", "*", "all", "not public", "the workspace", "CEO", "#a b"),
        *(None, True, 7, {"audience": "#finance"}, ["#finance", None], ["#finance", {"a": "b"}]),
        *(["#finance", "workspace"], "workspace #finance", ["public", "nobody"], ["U0456ABC", "everyone"]),
        *("nobody, #finance", "!#finance", "#finance!", "-#finance", "a@", "@a@b@c", "#a/b", "#" + "a" * 81),
        " ".join(f"#c{number}" for number in range(MOST_PARTS + 1)),
        " ".join(f"#{'ü' * 70}{number}" for number in range(40)),
    ],
)
def test_what_is_not_understood_is_refused_with_a_reason(written: object) -> None:
    with pytest.raises(BadInputError) as refused:
        read_audience(written)
    assert len(str(refused.value)) > 20


def test_nobody_is_not_everybody() -> None:
    assert NOBODY != PUBLIC and write_audience(NOBODY) == "nobody"
