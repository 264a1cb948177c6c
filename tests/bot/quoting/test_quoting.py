"""Without a language model, what is quoted is what answers the question, laid out so that it can be read."""

from __future__ import annotations

from datetime import date
from functools import cache

import pytest

from bot.model_text import cited_numbers
from bot.quoting.layout import QUOTING
from bot.quoting.quoting import quote_sources
from bot.quoting.vocabulary import Vocabulary
from db.models import Encoder, Scale, SentenceEncoder, find_base_model, load_encoder, passage_text
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


@cache
def vocabulary_of(encoder: Encoder) -> Vocabulary:
    return Vocabulary(encoder, ("english",))


def quote(encoder: Encoder, question: str, *documents: tuple[str, str, str]) -> str:
    """Quotes from (title, section, text)s, the most similar first, as a search would."""
    [asked] = encoder.encode_questions([question])
    hits = [
        hit(number, text, title=title, section=section, similarity=float(similarity))
        for number, (title, section, text) in enumerate(documents)
        for similarity in encoder.encode_passages([passage_text(title, section, text)]) @ asked
    ]
    hits.sort(key=lambda hit: -hit.similarity)
    return quote_sources(question, alone(*hits), vocabulary_of(encoder)).text


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
    asked = "How many days of paid leave do we have?"
    passages = (("Now", "We have 28 days of paid leave."), ("Old", "We had 20 days of paid leave until 2019."))
    hits = [
        hit(n, text, document_id=7, section=name, ordinal=n, similarity=0.9 + n / 20)
        for n, (name, text) in enumerate(passages)
    ]
    quotes = quote_sources(asked, [FoundDocument(tuple(hits))], vocabulary_of(encoder))
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


def test_a_source_that_is_much_less_alike_for_this_encoder_is_not_quoted(encoder: SentenceEncoder) -> None:
    texts = ("Leave is 28 days.", "Leave was 25 days.")
    sources = alone(*(hit(number, text, similarity=(0.95, 0.78)[number]) for number, text in enumerate(texts)))
    vocabulary = Vocabulary(encoder, ("english",))
    cited = []
    for scale in (Scale(0.75), Scale()):
        vocabulary.scale = scale
        cited.append(cited_numbers(quote_sources("leave", sources, vocabulary).text))
    assert cited == [(1,), (1, 2)]


def test_nothing_is_encoded_and_much_is_cut(encoder: SentenceEncoder) -> None:
    class Refusing:
        look_up_words = encoder.look_up_words

        def encode_questions(self, texts: object) -> object:
            raise AssertionError

        encode_passages = encode_questions

    vocabulary = Vocabulary(Refusing(), ("english",))  # type: ignore[arg-type]
    vocabulary.scale = Scale()
    text = " ".join(f"Sentence {number} is here." for number in range(300)) + "\n\n" + "x" * 20_000
    quoted = quote_sources("Where is sentence 7?", alone(*(hit(number, text) for number in range(5))), vocabulary).text
    assert len(quoted) < 2_000
    assert "> Sentence 7 is here." in quoted


@pytest.mark.parametrize("question", ["the", "?!", "a", "и", "日", "x" * 10_000, "PROJ-1234"])
def test_any_question_gets_a_quote(encoder: SentenceEncoder, question: str) -> None:
    assert cited_numbers(quote(encoder, question, *DOCUMENTS))


PRODUCTION = ("Runbook: restart Gantry (production)", "", "1. Have a second person.\n2. `gantryctl restart --one`")
STAGING = ("Runbook: restart Gantry (staging)", "", "1. Say so.\n2. `gantryctl restart --all`")


def test_what_is_asked_about_production_is_not_answered_by_staging(encoder: SentenceEncoder) -> None:
    for question, said, unsaid in (
        ("restart gantry prod", "--one", "--all"),
        ("how do I restart gantry in production?", "--one", "--all"),
        ("restart gantry on stg", "--all", "--one"),
    ):
        quoted = quote(encoder, question, STAGING, PRODUCTION)
        assert said in quoted
        assert unsaid not in quoted
    both = quote(encoder, "restart gantry in production or staging?", STAGING, PRODUCTION)
    assert "--one" in both and "--all" in both


def test_a_year_in_the_question_is_answered_by_that_year_and_none_by_the_newest(encoder: SentenceEncoder) -> None:
    prices = {year: f"A Mule costs €{year - 1500} a month." for year in (2025, 2026)}
    pages = [(f"Price list {year}", "", text) for year, text in prices.items()]
    for question, said in (
        ("What did a Mule cost in 2025?", 2025),
        ("What does a Mule cost?", 2026),
        ("mule 2026", 2026),
    ):
        quoted = quote(encoder, question, *pages)
        assert prices[said] in quoted
        assert prices[4051 - said] not in quoted


def test_a_page_without_a_year_in_its_name_goes_by_its_date(encoder: SentenceEncoder) -> None:
    text = "The canteen serves lunch until two."
    dates = (date(2026, 5, 1), date(2024, 5, 1))
    hits = [hit(n, f"{text} {n}", title=f"Canteen {'ab'[n]}", dated=day) for n, day in enumerate(dates)]
    quoted = quote_sources("When was lunch in 2024?", alone(*hits), vocabulary_of(encoder))
    assert cited_numbers(quoted.text)[0] == 2


def test_of_a_table_the_row_that_matters_is_quoted_with_its_columns(encoder: SentenceEncoder) -> None:
    rows = ("Meals, per day | €55", "Hotel, per night | €160", "Taxi, per ride | €50", "Own car, per kilometre | €0.42")
    table = "\n".join(["| What | Limit |", "|---|---|", *(f"| {row} |" for row in rows)])
    quoted = quote(encoder, "How much for my own car?", ("Expenses", "Limits", table))
    assert "> What:\n>\n> - **Own car, per kilometre** — Limit: €0.42" in quoted
    assert "Hotel" not in quoted
    assert "Own car" in quote(encoder, "kilometer", ("Expenses", "Limits", table))


def test_a_comparison_is_answered_by_a_row_on_each(encoder: SentenceEncoder) -> None:
    rows = ("Normal | €500", "Travel | €1,500", "Head | €2,500", "Virtual | as agreed")
    table = "\n".join(["| Card | Limit |", "|---|---|", *(f"| {row} |" for row in rows)])
    quoted = quote(encoder, "normal or travel card?", ("The company card", "", table))
    assert "€500" in quoted and "€1,500" in quoted
    assert "€2,500" not in quoted
