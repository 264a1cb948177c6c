"""Every source has pieces compared, and a piece goes by what its title and headings say too."""

from __future__ import annotations

import pytest

from bot.quoting.scoring import MAX_PIECES, SOURCE_WEIGHT, score_pieces
from bot.quoting.vocabulary import Vocabulary
from db.generations import SHIPPED
from db.models import USUAL_SCALE
from db.search import FoundDocument
from tests.hits import alone, hit
from tests.scales import Lifted
from tests.synthetic import HashingEncoder

VOCABULARY = Vocabulary(Lifted(HashingEncoder(), 0.1), ("english",))
VOCABULARY.scale = USUAL_SCALE


def test_so_many_pieces_of_every_source() -> None:
    text = "\n\n".join(f"Paragraph {number}." for number in range(50))
    candidates, _ = score_pieces("paragraph", alone(*(hit(number, text) for number in range(5))), VOCABULARY)
    numbers = [candidate.number for candidate in candidates]
    assert len(numbers) == MAX_PIECES
    assert {numbers.count(number) for number in range(1, 6)} == {MAX_PIECES // 5}


def test_words_of_the_title_and_the_headings_count_less_than_its_own() -> None:
    texts = {"Own": "Parking is free.", "Parking": "It is free.", "Other": "It is free."}
    sources = alone(*(hit(number, text, title=title) for number, (title, text) in enumerate(texts.items())))
    candidates, _ = score_pieces("parking", sources, VOCABULARY)
    own, titled, other = (candidate.score for candidate in candidates)
    assert own > titled > other
    headed, _ = score_pieces("parking", alone(hit(1, "# Parking\n\nIt is free.", title="Other")), VOCABULARY)
    assert headed[0].having.tolist() == [0]
    assert headed[0].score > other


def test_weights_that_were_fitted_order_sources_and_not_pieces() -> None:
    def scores(**found: float) -> list[float]:
        sources = alone(hit(1, "Parking is free.", **found), hit(2, "It is free."))
        return [candidate.score for candidate in score_pieces("parking", sources, VOCABULARY)[0]]

    assert scores(pairs=0.5, score=9.0) == scores(pairs=0.5, score=0.95)
    better, as_before = scores(words=1.0, pairs=0.5)[0], scores()[0]
    assert better == pytest.approx(as_before + SOURCE_WEIGHT * (SHIPPED.words + 0.5 * SHIPPED.pairs))


def test_nothing_to_quote() -> None:
    assert score_pieces("parking", alone(hit(1, "---")), VOCABULARY)[0] == []


def test_a_table_that_was_cut_is_one_of_which_only_the_rows_that_matter_are_quoted() -> None:
    def passage(number: int, *names: str) -> str:
        rows = "\n".join(f"| {name} | {len(name) + number} |" for name in names)
        return f"| City | Sick days |\n|---|---|\n{rows}"

    cut = [passage(1, "Oslo", "Rome", "Bern", "Kyiv"), passage(2, "Riga", "Lima", "Cairo", "Quito", "Rome")]
    sources = [FoundDocument((hit(1, cut[0]), hit(2, cut[1])))]
    candidates, _ = score_pieces("sick days in Quito", sources, VOCABULARY)
    assert [(own.passage.chunk_id, own.piece.items) for own in candidates] == [(2, ("- **Quito** — Sick days: 7",))]
    both, _ = score_pieces("sick days in Rome", sources, VOCABULARY)
    assert [own.passage.chunk_id for own in both] == [1, 2]
    apart, _ = score_pieces("sick days in Quito", alone(hit(1, cut[0]), hit(2, cut[1])), VOCABULARY)
    assert [own.passage.chunk_id for own in apart] == [1, 2]
