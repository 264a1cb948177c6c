"""The sample corpus that ships with the project: what a first run answers from, and every night's regression set."""

from __future__ import annotations

import hashlib
import json
import random
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from db.corpus import holds_any
from db.search import Written
from intake import draft_chunks
from retrain.court import RegressionSet

if TYPE_CHECKING:
    import sqlalchemy as sa

    from db.settings import Settings

MAX_QUESTIONS = 200

_SEED = 0


def sample_corpus() -> Path:
    """The folder of the sample corpus's documents."""
    return Path(str(files("nightshift") / "corpus" / "documents"))


def unanswerable(*, judging: bool) -> list[str]:
    """Questions that no document of it answers: those that judge, or those by which refusals may be calibrated."""
    lines = (sample_corpus().parent / "unanswerable.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [json.loads(line)["prompt"] for line in lines]
    return [text for text in texts if is_judging(text) == judging]


def repeats() -> list[tuple[str, str]]:
    """Questions on it as somebody else would type them, each with the prompt that it repeats."""
    lines = (sample_corpus().parent / "repeats.jsonl").read_text(encoding="utf-8").splitlines()
    return [(own["prompt"], own["repeats"]) for own in map(json.loads, lines)]


def is_judging(question: str) -> bool:
    """Which half a question is in for ever, whatever is added: whether the first byte of its SHA-256 is even."""
    return hashlib.sha256(question.encode()).digest()[0] % 2 == 0


def regression_set(engine: sa.Engine, settings: Settings) -> RegressionSet | None:
    """Questions on the sample corpus, which is split into passages as documents are, and such as it doesn't answer.

    They are of the half that judges. None where the store holds any of it: what a model was trained on can't tell
    whether it forgot.
    """
    root = sample_corpus()
    paths = sorted(root.rglob("*.md"))
    written: list[Written] = []
    passages: list[str] = []
    document_of_passage: list[int] = []
    for number, path in enumerate(paths):
        extracted, drafts = draft_chunks(settings, path.read_bytes(), path)
        written += [Written(extracted.title, draft.section, draft.text) for draft in drafts]
        passages += [draft.encoded for draft in drafts]
        document_of_passage += [number] * len(drafts)
    if holds_any(engine, [own.text for own in written]):
        return None
    lines = (root.parent / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    asked = [question for question in map(json.loads, lines) if is_judging(question["prompt"])]
    chosen = random.Random(_SEED).sample(asked, min(MAX_QUESTIONS, len(asked)))  # noqa: S311 - no secret
    number_of = {path.relative_to(root).as_posix(): number for number, path in enumerate(paths)}
    return RegressionSet(
        tuple(passages),
        tuple(document_of_passage),
        tuple(question["prompt"] for question in chosen),
        tuple({number_of[question["document"]]: 1.0} for question in chosen),
        tuple(unanswerable(judging=True)),
        tuple(written),
    )
