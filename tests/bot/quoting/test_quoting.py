"""Without a language model, what is quoted is what answers the question, laid out so that it can be read."""

from __future__ import annotations

import numpy as np
import pytest

from bot.model_text import cited_numbers
from bot.quoting.quoting import QUOTING, _likeliest, quote_sources
from db.models import (
    USUAL_SCALE,
    EncodedQuestion,
    Encoder,
    Scale,
    SentenceEncoder,
    encode_questions,
    find_base_model,
    load_encoder,
    measure_encoder,
    passage_text,
)
from db.search import FoundDocument
from tests.hits import alone, hit
from tests.scales import Lifted

ROADMAP = """\
This is Project Chimera's roadmap for the third quarter, as agreed in steering on 18 June. Dates are release dates.

## What is on the Q3 roadmap

1. **Mixed-fleet handover**, generally available with release 2.5. 16 July 2026.
2. **Map sharing between sites**: copy zones and speed limits. 6 August 2026.
3. **Adapter kit 2.0**, with two certified adapters. 20 August 2026.

## What isn't on it

- Undo in the map editor (Q4).
- Lift control by voice. Please stop asking.

## Who to ask

| Item | Person | Room |
|---|---|---|
| Handover | Tomasz Veldrin | 4.12 |
| Adapter kit | Bram Quillfeather | 2.01 |
"""
LEAVE = """\
Everyone has 28 days of paid leave a year [3]. Leave that isn't taken by the end of March is lost. The office closes
between Christmas and New Year. Ask your lead at least two weeks ahead, by mail or in person.
"""
RUNBOOK = """\
Restarts are safe at any time. To restart the service in staging, run:

```sh
gantryctl restart --env staging
```
"""


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    directory, sha256 = find_base_model("all-MiniLM-L6-v2")
    return load_encoder(directory, sha256=sha256)


def quote(encoder: Encoder, question: str, *documents: tuple[str, str, str]) -> str:
    """Quotes from (title, section, text)s, the most similar first, as a search would."""
    [asked] = encode_questions(encoder, [question])
    hits = [
        hit(number, text, title=title, section=section, similarity=float(similarity))
        for number, (title, section, text) in enumerate(documents)
        for similarity in encoder.encode_passages([passage_text(title, section, text)]) @ asked.vector
    ]
    hits.sort(key=lambda hit: -hit.similarity)
    return quote_sources(asked, alone(*hits), encoder, measure_encoder(encoder)).text


DOCUMENTS = (
    ("Project Chimera: roadmap Q3 2026", "", ROADMAP),
    ("Paid leave", "Paid leave > How much", LEAVE),
    ("Gantry: restart in staging", "", RUNBOOK),
)


def test_a_roadmap_is_quoted_as_the_list_it_is(encoder: SentenceEncoder) -> None:
    quoted = quote(encoder, "What is on Project Chimera's Q3 roadmap?", *DOCUMENTS)
    assert quoted.startswith(QUOTING)
    for line in (
        "> 1. **Mixed-fleet handover**, generally available with release 2.5. 16 July 2026.",
        "> 2. **Map sharing between sites**: copy zones and speed limits. 6 August 2026.",
        "> 3. **Adapter kit 2.0**, with two certified adapters. 20 August 2026.",
    ):
        assert line in quoted.splitlines()
    assert "Please stop asking" not in quoted.split("Adapter kit 2.0")[0]
    assert cited_numbers(quoted)[0] == 1


def test_a_table_is_quoted_readably(encoder: SentenceEncoder) -> None:
    quoted = quote(encoder, "Who do I ask about the adapter kit on the Chimera roadmap?", *DOCUMENTS)
    assert "> - **Adapter kit** — Person: Bram Quillfeather; Room: 2.01" in quoted.splitlines()


def test_code_is_quoted_whole(encoder: SentenceEncoder) -> None:
    quoted = quote(encoder, "How do I restart gantry in staging?", *DOCUMENTS)
    assert "> ```sh\n> gantryctl restart --env staging\n> ```" in quoted


def test_a_sentence_is_quoted_word_for_word_without_foreign_numbers(encoder: SentenceEncoder) -> None:
    quoted = quote(encoder, "How many days of paid leave do I have?", *DOCUMENTS)
    assert "> Everyone has 28 days of paid leave a year (3)." in quoted
    assert "**Paid leave › How much** [1]" in quoted
    assert "Christmas" not in quoted.split("28 days")[0]


def test_of_a_document_each_passage_is_quoted_by_its_headings_and_the_best_is_named(encoder: SentenceEncoder) -> None:
    [asked] = encode_questions(encoder, ["How many days of paid leave did we have until 2019?"])
    passages = (("Now", "We have 28 days of paid leave."), ("Old", "We had 20 days of paid leave until 2019."))
    hits = [hit(n, text, document_id=7, section=name, ordinal=n) for n, (name, text) in enumerate(passages)]
    quotes = quote_sources(asked, [FoundDocument(tuple(hits))], encoder, measure_encoder(encoder))
    assert "**Leave › Old** [1]\n\n> We had 20 days of paid leave until 2019." in quotes.text
    assert "**Leave › Now** [1]\n\n> We have 28 days of paid leave." in quotes.text
    assert cited_numbers(quotes.text) == (1,)
    assert quotes.passage_of == {1: 1}


def test_nothing_is_quoted_twice(encoder: SentenceEncoder) -> None:
    copies = (("Paid leave", "How much", LEAVE), ("Leave, old copy", "", "Intro.\n\n" + LEAVE))
    quoted = quote(encoder, "How many days of paid leave do I have?", *copies)
    assert quoted.count("28 days") == 1


def test_a_source_without_words_of_its_own_is_still_named(encoder: SentenceEncoder) -> None:
    quoted = quote(encoder, "What is the price list?", ("Price list", "", "---\n| | |\n"))
    assert "**Price list** [1]" in quoted


@pytest.mark.parametrize("question", ["What is on the Q3 roadmap?", "How many days off do we get?", "restart staging"])
def test_the_same_is_quoted_whatever_the_encoder_s_scale(encoder: SentenceEncoder, question: str) -> None:
    assert quote(Lifted(encoder, 0.8), question, *DOCUMENTS) == quote(encoder, question, *DOCUMENTS)


def test_a_source_that_is_much_less_alike_for_this_encoder_is_not_quoted() -> None:
    class Same:
        dimension = 2

        def encode_passages(self, texts: list[str], on_batch: object = None) -> np.ndarray:
            return np.tile(np.array([[1, 0]], np.float32), (len(texts), 1))

    texts = ("Leave is 28 days.", "Leave was 25 days.")
    hits = [hit(number, text, similarity=(0.95, 0.78)[number]) for number, text in enumerate(texts)]
    asked = EncodedQuestion("leave", np.array([1, 0], np.float32))
    narrow, usual = (quote_sources(asked, alone(*hits), Same(), scale).text for scale in (Scale(0.75), USUAL_SCALE))  # type: ignore[arg-type]
    assert (cited_numbers(narrow), cited_numbers(usual)) == ((1,), (1, 2))


def test_cost_is_bounded(encoder: SentenceEncoder) -> None:
    class Counting:
        dimension = encoder.dimension
        encode_questions = encoder.encode_questions
        calls: list[int] = []

        def encode_passages(self, texts: list[str], on_batch: object = None) -> object:
            self.calls.append(len(texts))
            assert max(map(len, texts)) < 1_000
            return encoder.encode_passages(texts)

    [asked] = encode_questions(encoder, ["Where is sentence 7?"])
    text = " ".join(f"Sentence {number} is here." for number in range(300)) + "\n\n" + "x" * 20_000
    hits = [hit(number, text) for number in range(5)]
    quoted = quote_sources(asked, alone(*hits), Counting()).text  # type: ignore[arg-type]
    assert len(quoted) < 2_000
    assert Counting.calls == [16]


def test_every_source_has_pieces_compared_whatever_its_words_say() -> None:
    scores = np.linspace(1, 0, 40, dtype=np.float32)
    numbers = [place // 8 + 1 for place in range(40)]
    chosen = _likeliest(scores, numbers)
    assert chosen == [*range(10), 16, 17, 24, 25, 32, 33]
