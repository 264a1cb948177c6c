"""The sample corpus is whole: every answer stands in its document, and nothing is there twice."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import nightshift
from benchmarks.typed.judging import plain_text, read_typed
from intake.extract.front_matter import split_front_matter

CORPUS = Path(nightshift.__file__).parent / "corpus"
DOCUMENTS = CORPUS / "documents"
PATHS = sorted(path.relative_to(DOCUMENTS).as_posix() for path in DOCUMENTS.rglob("*.md"))
OWNER = re.compile(r"[a-z.-]+@([a-z]+\.)+example")


def read_questions() -> list[dict[str, Any]]:
    lines = (CORPUS / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


TYPED = read_typed(CORPUS / "typed.jsonl")


def read_unanswerable() -> list[dict[str, Any]]:
    lines = (CORPUS / "unanswerable.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def read_repeats() -> list[dict[str, Any]]:
    lines = (CORPUS / "repeats.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def read_document(path: str) -> tuple[dict[str, Any], str]:
    return split_front_matter((DOCUMENTS / path).read_text(encoding="utf-8"))


def normalise(prompt: str) -> str:
    return " ".join(re.findall(r"\w+", prompt.lower()))


def test_counts() -> None:
    assert len(PATHS) >= 60
    assert len(read_questions()) >= 300


def test_readme_states_the_counts() -> None:
    readme = (CORPUS / "README.md").read_text(encoding="utf-8")
    assert f"{len(PATHS)} Markdown documents" in readme
    assert f"{len(read_questions())} questions" in readme
    assert f"{len(TYPED)} questions" in readme
    assert f"{len(read_unanswerable())} questions that no document answers" in readme
    assert f"{len(read_repeats())} questions in other words" in readme


def test_questions_have_the_three_fields() -> None:
    for question in read_questions():
        assert set(question) == {"prompt", "completion", "document"}
        assert all(isinstance(value, str) and value == value.strip() for value in question.values())
        assert 40 <= len(question["completion"]) <= 300, question


def test_every_completion_stands_verbatim_in_one_line_of_its_document() -> None:
    bodies = {path: read_document(path)[1].splitlines() for path in PATHS}
    missing = [
        question
        for question in read_questions()
        if not any(question["completion"] in line for line in bodies[question["document"]])
    ]
    assert missing == []


def test_prompts_are_unique() -> None:
    counts = Counter(normalise(question["prompt"]) for question in read_questions() + read_unanswerable())
    assert [prompt for prompt, n in counts.items() if n > 1] == []


def test_what_an_unanswerable_question_asks_for_stands_nowhere() -> None:
    handbook = "\n".join((DOCUMENTS / path).read_text(encoding="utf-8") for path in PATHS)
    for question in read_unanswerable():
        assert set(question) == {"prompt", "kind", "absent"}
        if question["absent"] is not None:
            assert not re.search(rf"\b{re.escape(question['absent'])}\b", handbook, re.IGNORECASE), question


def test_every_kind_of_unanswerable_question_calibrates_and_judges() -> None:
    counts = Counter(
        (question["kind"], hashlib.sha256(question["prompt"].encode()).digest()[0] % 2)
        for question in read_unanswerable()
    )
    assert len(counts) == 12 and min(counts.values()) >= 5


def test_every_document_is_asked_about() -> None:
    counts = Counter(question["document"] for question in read_questions())
    assert sorted(counts) == PATHS
    assert all(2 <= n <= 8 for n in counts.values())


@pytest.mark.parametrize("path", PATHS)
def test_document(path: str) -> None:
    metadata, body = read_document(path)
    assert 80 <= len(body.split()) <= 1300
    if metadata:
        assert set(metadata) >= {"title", "owner", "updated"}
        assert isinstance(metadata["title"], str) and metadata["title"]
        assert OWNER.fullmatch(metadata["owner"])
        dt.date.fromisoformat(metadata["updated"])
        assert isinstance(metadata.get("tags", []), list)
    else:
        assert body.startswith("# ")
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", body):
        assert ((DOCUMENTS / path).parent / target).is_file(), target


def test_most_documents_have_front_matter_and_some_have_none() -> None:
    with_front_matter = sum(bool(read_document(path)[0]) for path in PATHS)
    assert len(PATHS) * 0.75 < with_front_matter < len(PATHS)


def test_addresses_are_reserved_ones() -> None:
    for path in PATHS:
        text = (DOCUMENTS / path).read_text(encoding="utf-8")
        hosts = re.findall(r"[\w.-]+@([\w.-]*\w)|https?://([\w.-]*\w)", text)
        for host in (a or b for a, b in hosts):
            assert host == "localhost" or host.endswith(".example"), (path, host)


def test_the_question_of_the_tour_is_there() -> None:
    right = {question["prompt"]: question["document"] for question in read_questions()}
    assert right["What is on Project Chimera's Q3 roadmap?"] == "chimera/roadmap-q3-2026.md"


def test_what_a_typed_answer_needs_stands_in_its_documents() -> None:
    text_of = {path: plain_text((DOCUMENTS / path).read_text(encoding="utf-8")) for path in PATHS}
    for typed in TYPED:
        needed = [plain_text(words) for group in typed.right for words in group]
        assert needed and set(typed.documents) <= set(PATHS), typed
        assert all(any(words in text_of[path] for path in typed.documents) for words in needed), typed
        assert all(any(words in text_of[path] for words in needed) for path in typed.documents), typed
        for words in map(plain_text, typed.misleads + typed.partly):
            assert words not in needed and any(words in text for text in text_of.values()), typed


def test_typed_questions_are_many_of_many_kinds_and_nobody_s_lesson() -> None:
    asked = {normalise(typed.question) for typed in TYPED}
    assert len(asked) == len(TYPED) >= 60
    assert min(Counter(typed.kind for typed in TYPED).values()) >= 5
    assert not asked & {normalise(question["prompt"]) for question in read_questions()}


def test_what_is_asked_again_is_asked_in_other_words_and_is_nobody_s_lesson() -> None:
    prompts = {question["prompt"] for question in read_questions()}
    known = {normalise(text) for text in prompts} | {normalise(own["prompt"]) for own in read_unanswerable()}
    again = read_repeats()
    assert all(set(own) == {"prompt", "repeats"} and own["repeats"] in prompts for own in again)
    asked = [normalise(own["prompt"]) for own in again]
    assert len(set(asked)) == len(asked) >= 60
    assert not set(asked) & (known | {normalise(typed.question) for typed in TYPED})


def test_few_words_of_a_question_stand_in_the_same_order_where_it_is_asked_again() -> None:
    """Nobody is asked the same with one word changed."""
    for own in read_repeats():
        new, old = normalise(own["prompt"]).split(), normalise(own["repeats"])
        runs = [" ".join(new[start : start + 5]) for start in range(len(new) - 4)]
        assert not any(run in old for run in runs), own
