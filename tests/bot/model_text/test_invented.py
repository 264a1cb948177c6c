"""A sentence that cites only what doesn't exist is left out; all others stay."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model_text.citations import check_text
from bot.model_text.invented import without_invented


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("You get 25 days [1]. Parking is free [9].", "You get 25 days [1]."),
        ("Parking is free [9]. You get 25 days [1].", "You get 25 days [1]."),
        ("Parking is free. [9] You get 25 days. [1]", "You get 25 days. [1]"),
        ("Parking is free.[9] You get 25 days.[1]", "You get 25 days.[1]"),
        ("Parking is free [9][8]! You get 25 days [1].", "You get 25 days [1]."),
        ("Parking is free [Source 9]. You get 25 days [1].", "You get 25 days [1]."),
        ("Parking is free [9], and you get 25 days [1].", "Parking is free, and you get 25 days [1]."),
        ("Parking is free [2, 9].", "Parking is free [2]."),
        ("Nothing is cited here. You get 25 days [1].", "Nothing is cited here. You get 25 days [1]."),
        ("See e.g. the car park [9]. You get 25 days [1].", "You get 25 days [1]."),
        ("Ask Dr. Smith [9]. You get 25 days [1].", "You get 25 days [1]."),
        ("Das gilt z. B. am Montag [9]. Es sind 25 Tage [1].", "Es sind 25 Tage [1]."),
        ("It costs 3.50 [9]. You get 25 days [1].", "You get 25 days [1]."),
        ("停车免费【9】。你有25天【1】。", "你有25天[1]。"),
        ("駐車は無料です。［９］休暇は25日です。［１］", "休暇は25日です。[1]"),
        ("Is it free? [9] You get 25 days [1].", "You get 25 days [1]."),
        ("- Parking is free [9]\n- You get 25 days [1]", "- You get 25 days [1]"),
        ("1. Parking is free [9].\n2. You get 25 days [1].", "2. You get 25 days [1]."),
        ("- You get 25 days [1]. Parking is free [9].", "- You get 25 days [1]."),
        ("> Parking is free [9]\n> You get 25 days [1]", "> You get 25 days [1]"),
        (
            "| what | how |\n|---|---|\n| parking | free [9] |\n| leave | 25 days [1] |",
            "| what | how |\n|---|---|\n| leave | 25 days [1] |",
        ),
        (
            "| parking | It is so. It is free [9]. | Ann |\n| leave | 25 days [1] | Bob |",
            "| leave | 25 days [1] | Bob |",
        ),
        ("**Parking is free [9]. You get 25 days [1].**", "You get 25 days [1]."),
        ("Use `a. b` to park [9]. Use `c[9]. d` for leave [1].", "Use `c[9]. d` for leave [1]."),
        ("Run:\n\n```\na[9]\n```\n\nThat is all [1].", "Run:\n\n```\na[9]\n```\n\nThat is all [1]."),
        ("You get 25 days [1].\n\nParking is free [9].\n\nAsk Ann [2].", "You get 25 days [1].\n\nAsk Ann [2]."),
        ("Parking is free [9].", ""),
        ("[9]", ""),
        ("I don't know.", "I don't know."),
        ("", ""),
    ],
)
def test_a_sentence_stands_or_falls_with_its_sources(written: str, kept: str) -> None:
    assert without_invented(written, 5) == kept


@given(
    st.lists(st.tuples(st.sampled_from("AB"), st.sampled_from([". ", "! ", "。", ".\n- ", ".\n\n"])), max_size=12),
)
def test_exactly_the_supported_sentences_stay(sentences: list[tuple[str, str]]) -> None:
    real, invented = "Real words are here [2]", "Made up words are here [9]"
    written = "".join((real if kind == "A" else invented) + end for kind, end in sentences)
    kept = without_invented(written, 5)
    assert kept.count("Real words are here [2]") == sum(kind == "A" for kind, _ in sentences)
    assert "Made up" not in kept and "[9]" not in kept


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("```\n\ue000[1]", "```\n[1]"),
        ("Parking is free [9].\n\n```\nx = a [1]\n```", "```\nx = a [1]\n```"),
        ("Parking is free [9].\n```\nx = a [1]", "```\nx = a [1]"),
        ("````\n```\nx = a [1]", "```\nx = a [1]"),
    ],
)
def test_code_that_is_left_at_the_beginning_stays_code(written: str, kept: str) -> None:
    assert without_invented(written, 5) == kept
    assert check_text(kept, 5, is_unfenced=True).text == kept
    assert not check_text(kept, 5, is_unfenced=True).cited and not check_text(written, 5).cited


PIECES = st.sampled_from(
    ["[1]", "[9]", "a", "B", ". ", "。", "\n", "- ", "|", "`", "**", " ", "\ue000", "\U000f0000", "```\n"]
)


@given(st.lists(PIECES, max_size=25).map("".join))
def test_whatever_is_written_no_real_citation_is_lost(written: str) -> None:
    kept = without_invented(written, 5)
    assert set(check_text(kept, 5, is_unfenced=True).cited) == set(check_text(written, 5).cited)
    assert "\ue000" not in kept
