"""Asks each question of the set as `nightshift ask` would, of a store that holds the sample handbook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.typed.judging import Typed, Verdict, judge, quoted_text
from bot.answering import Answerer
from db.generations import Encoders
from db.question import Answer
from db.settings import Settings
from db.store import open_store
from intake import index_after_load, ingest_paths
from nightshift.console import ask_on
from nightshift.corpus.sample import sample_corpus


@dataclass(frozen=True, slots=True)
class Judged:
    """An answer and what it is worth.

    `listed` if a right document is among its sources, `first` if it is the first of them; `leads` if the answer is
    right by its first quotation alone.
    """

    typed: Typed
    answer: Answer
    verdict: Verdict
    listed: bool
    first: bool
    leads: bool


def ask_all(home: Path, questions: Sequence[Typed]) -> Iterator[Judged]:
    """Reads the handbook into a new store in `home`, and asks each question there; no language model, no chance.

    Raises:
        NightshiftError: the store can't be made, or a question can't be answered.
    """
    settings = Settings(
        data_dir=home, database_url=None, direct_database_url=None, llm_api_key=None, llm_base_url=None, exploration=0.0
    )
    with open_store(settings, bounded=False) as engine:
        encoders = Encoders(settings)
        ingest_paths(engine, settings, encoders, [sample_corpus()])
        index_after_load(engine, settings, encoders)
        ask = ask_on(Answerer(engine, settings, encoders, None, exact=True))
        for typed in questions:
            yield judge_answer(typed, ask(typed.question))


def judge_answer(typed: Typed, answer: Answer) -> Judged:
    """What the answer is worth, its sources counted only where it answers."""
    uris = [source.uri for source in answer.sources] if answer.kind != "unknown" else []
    right = [any(uri.endswith(f"/{path}") for path in typed.documents) for uri in uris]
    verdict = "wrong" if answer.kind == "unknown" else judge(typed, answer.text)
    leads = verdict == "right" and judge(typed, first_quotation(answer.text)) == "right"
    return Judged(typed, answer, verdict, any(right), bool(right) and right[0], leads)


def first_quotation(text: str) -> str:
    """An answer up to the end of its first quotation."""
    lines = text.splitlines()
    begin = next((row for row, line in enumerate(lines) if line.startswith(">")), len(lines))
    end = next((row for row in range(begin, len(lines)) if not lines[row].startswith(">")), len(lines))
    return quoted_text("\n".join(lines[:end]))
