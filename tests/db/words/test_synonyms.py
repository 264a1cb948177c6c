"""What is shortened is found by the whole word, and the whole word by what is shortened."""

from __future__ import annotations

import pytest

from db.words.synonyms import written_out
from db.words.tokens import Tokenizer


@pytest.mark.parametrize(("word", "whole"), [("prod", "production"), ("stg", "staging"), ("prd", "production")])
def test_short_words_are_found_as_long_ones(word: str, whole: str) -> None:
    assert written_out(word) == whole
    assert written_out(whole) == whole
    tokenizer = Tokenizer(["english"])
    assert tokenizer.count(word).times == tokenizer.count(whole).times
    assert tokenizer.forms(f"{word} {whole}") == tokenizer.forms(whole)


def test_identifiers_stay_as_they_are_beside_their_parts() -> None:
    assert set(Tokenizer(["english"]).count("prod_main").times) == {"prod_main", "product", "main"}
