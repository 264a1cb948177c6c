"""Many companies in one store, an audience each, whose documents are much alike: none meets another's in any way out.

On the policies of 40 real companies where they are at hand, else on invented ones, fewer.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa
from numpy.typing import NDArray

from bot.answering import Answerer
from db.answers import find_gaps, open_questions
from db.corpus import (
    DocumentDraft,
    draft_chunk,
    ensure_audience,
    may_be_shown,
    read_audience,
    reply_audiences,
    write_documents,
)
from db.errors import LanguageModelError
from db.generations import Generation, serving
from db.models import EncodedQuestion
from db.question import Answer, Asked
from db.search import search
from db.settings import Settings
from nightshift.langchain import NightshiftRetriever
from retrain.lesson.labels import Anchor
from retrain.report.files import read_texts
from tests.conftest import ROOT
from tests.ranked_company import hashing_encoders
from tests.synthetic import HashingEncoder, make_generation, serve

POLICIES = ROOT.parent / "shared" / "data" / "policyqa"
CANARY = re.compile(r"canary(\d+)c")
"""Stands in each passage: whose it is."""

SAYS = "We keep your {} for {} days and share it with {} only if you agree."
WHAT, WHO = ["name", "address", "payment data", "location"], ["partners", "police", "advertisers"]


@dataclass
class Companies:
    """A store of theirs, and what is asked of each."""

    engine: sa.Engine
    settings: Settings
    questions: list[tuple[int, str]]

    def readers(self, company: int) -> tuple[int, ...]:
        return reply_audiences(self.engine, "T1", f"C{company}", "private", f"T1:U{company}")

    def answerer(self, llm: object = None, **changes: object) -> Answerer:
        settings = self.settings.model_copy(update=changes)
        return Answerer(self.engine, settings, hashing_encoders(), llm)  # type: ignore[arg-type]

    def answer(self, answerer: Answerer, company: int, text: str) -> Answer:
        asked = Asked(text, "T1", f"C{company}", "private", f"T1:U{company}", thread_ts=f"{company}.5")
        return asyncio.run(answerer.answer(asked))


class Recording:
    """A language model that keeps what it is asked and says nothing."""

    def __init__(self) -> None:
        self.prompts: list[str] = []

    async def write(self, prompt: object, *_args: object, **_more: object) -> str:
        self.prompts.append(str(prompt))
        raise LanguageModelError

    stream = write


def policies() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Passages and questions, each with its company."""
    if POLICIES.is_dir():
        passages = [json.loads(line) for line in (POLICIES / "corpus.jsonl").read_text().splitlines()]
        asked = [json.loads(line) for line in (POLICIES / "queries.jsonl").read_text().splitlines()]
        return [(own["title"], own["text"]) for own in passages], [(own["site"], own["text"]) for own in asked[::5]]
    names = [f"company-{number}" for number in range(12)]
    said = [(name, SAYS.format(what, 30 + len(name), who)) for name in names for what in WHAT for who in WHO]
    return said, [(name, f"Do you share my {what} with {WHO[0]}?") for what in WHAT for name in names]


@pytest.fixture
def companies(engine: sa.Engine, database_url: str, tmp_path: Path) -> Companies:
    serve(engine, make_generation(engine, unrelated_nearness=-9.0))
    passages, questions = policies()
    number_of = {name: number for number, name in enumerate(dict.fromkeys(name for name, _ in passages), 1)}
    ids = {name: ensure_audience(engine, read_audience(f"T1:C{number}")) for name, number in number_of.items()}
    drafts = [
        DocumentDraft(
            f"policy:{place}",
            f"Policy {place}",
            str(place).encode(),
            [draft_chunk(f"Policy {place}", "", f"{text} canary{number_of[name]}c")],
            audience_id=ids[name],
        )
        for place, (name, text) in enumerate(passages)
    ]

    def encode(_: Generation, texts: Sequence[str]) -> NDArray[np.float32]:
        return HashingEncoder().encode_passages(texts)

    write_documents(engine, drafts, encode)
    settings = Settings(data_dir=tmp_path, database_url=database_url, candidates=20)
    asked = [(number_of[name], text) for name, text in questions if name in number_of]
    return Companies(engine, settings, asked)


def theirs(company: int, shown: object) -> bool:
    """Whether it holds anything of a company, and nothing of others."""
    return set(CANARY.findall(str(shown))) == {str(company)}


def strangers(company: int, shown: object) -> set[str]:
    return set(CANARY.findall(str(shown))) - {str(company)}


def test_no_company_meets_anothers(companies: Companies, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nightshift.langchain.Encoders", lambda *_: hashing_encoders())
    few = companies.questions[:: max(1, len(companies.questions) // 100)]
    found = prompted = 0
    answers: list[tuple[int, Answer]] = []
    llm = Recording()
    answerer = companies.answerer(llm)
    for company, text in companies.questions:
        [vector] = HashingEncoder().encode_questions([text])
        question = EncodedQuestion(text, vector)
        hits = search(companies.engine, serving(companies.engine), question, companies.readers(company), 20)
        assert hits and theirs(company, hits)
        found += len(hits)
        llm.prompts.clear()
        answer = companies.answer(answerer, company, text)
        assert not strangers(company, llm.prompts) and not strangers(company, answer)
        prompted += bool(CANARY.search(str(llm.prompts)))
        answers.append((company, answer))
    assert found > 5 * len(companies.questions) and prompted > len(companies.questions) / 2

    explores = companies.answerer(exploration=1.0, sources=2)
    for company, text in few:
        assert not strangers(company, companies.answer(explores, company, text))
        retriever = NightshiftRetriever(settings=companies.settings, audience_ids=companies.readers(company), k=20)
        assert theirs(company, retriever.invoke(text))
        assert NightshiftRetriever(settings=companies.settings, k=20).invoke(text) == []

    everybody = sorted({company for company, _ in answers})
    for company, answer in answers[:: max(1, len(answers) // 100)]:
        other = everybody[(everybody.index(company) + 1) % len(everybody)]
        assert may_be_shown(companies.engine, answer.question_id, companies.readers(company))
        if answer.sources:
            assert not may_be_shown(companies.engine, answer.question_id, companies.readers(other))
    encode: Callable[[Sequence[str]], NDArray[np.float32]] = HashingEncoder().encode_questions
    anchors = [Anchor("question", answer.question_id) for _, answer in answers]
    assert set(read_texts(companies.engine, anchors).values()) == {None}, "a report shows what was asked in public"
    assert {gap.example for gap in find_gaps(open_questions(companies.engine), encode)} <= {None}
