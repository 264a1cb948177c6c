"""Questions with known answers: a folder in the common format, or the sample corpus."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from db.errors import BadInputError
from db.store import clean_text
from nightshift.corpus.sample import sample_corpus, unanswerable

FILES = ("corpus.jsonl", "queries.jsonl", "qrels.tsv")
ANSWERS, ARTICLES, UNANSWERABLE = "answers.jsonl", "articles.jsonl", "unanswerable.jsonl"
"""Files that a folder may have besides."""


@dataclass(frozen=True, slots=True)
class Document:
    """One document; `id` is what the judgements call it."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class DataSet:
    """Documents, questions by id, and for each question the gain of every document that answers it.

    Questions are those that are judged, in the order of their ids, whatever the judgement: were some left out for it,
    the judgements would decide how questions are split. Some may have no document that answers them.

    Args:
        name: what it is called.
        documents: all there are.
        questions: texts, by id.
        relevant: gains of documents, by the question's id.
        completions: the words that somebody would give with a question as a curated pair, where it isn't the document.
        answers: the words that answer a question, of which one is enough, where they are known.
        unanswerable: questions, by id, that no document answers: they judge, whatever the split.
        markdown: whether the documents are Markdown, with front matter of their own.
    """

    name: str
    documents: tuple[Document, ...]
    questions: Mapping[str, str]
    relevant: Mapping[str, Mapping[str, float]]
    completions: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unanswerable: Mapping[str, str] = field(default_factory=dict)
    markdown: bool = False

    def completion_of(self, question_id: str) -> str:
        """What a curated pair gives as the answer: the words that are known, or else all of the best document."""
        gains = self.relevant[question_id]
        best = max(gains, key=lambda document_id: gains[document_id])
        return self.completions.get(question_id) or next(d.text for d in self.documents if d.id == best)

    def text_of(self, question_id: str) -> str:
        """The question's text, whether anything answers it or not."""
        return self.questions.get(question_id) or self.unanswerable[question_id]


def read_dataset(folder: Path) -> DataSet:
    """Reads `corpus.jsonl` {id, title, text}, `queries.jsonl` {id, text}, `qrels.tsv` (query_id, doc_id, relevance).

    Two files may stand beside them. `answers.jsonl` has the words that answer, {query_id, text}, or where they stand in
    `articles.jsonl` {id, text}: {query_id, article_id, start, end}. `unanswerable.jsonl` {id, text} has questions that
    no document answers.

    Raises:
        BadInputError: a file is missing, or a line can't be read; names both.
    """
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        raise BadInputError(f"{folder} has no {' and no '.join(missing)}; it needs {', '.join(FILES)}.")
    documents = {
        row["id"]: Document(row["id"], row.get("title", ""), row["text"])
        for row in _read_rows(folder / FILES[0], ("id", "text"))
    }
    texts = {row["id"]: one_line(row["text"]) for row in _read_rows(folder / FILES[1], ("id", "text"))}
    relevant: dict[str, dict[str, float]] = {}
    for question_id, document_id, gain in _read_judgements(folder / FILES[2]):
        if question_id in texts:
            gains = relevant.setdefault(question_id, {})
            if gain > 0 and document_id in documents:
                gains[document_id] = gain
    if not any(relevant.values()):
        raise BadInputError(f"{folder / FILES[2]} judges no question of {FILES[1]} with a document of {FILES[0]}.")
    kept = sorted(relevant)
    return DataSet(
        folder.resolve().name,
        tuple(documents.values()),
        {question_id: texts[question_id] for question_id in kept},
        {question_id: relevant[question_id] for question_id in kept},
        answers=dict(_read_answers(folder)),
        unanswerable=_read_unanswerable(folder, texts),
    )


def one_line(text: str) -> str:
    """A question as it is asked: clean, without line breaks."""
    return " ".join(clean_text(text).split())


def sample_dataset() -> DataSet:
    """The sample corpus: the handbook of a fictional company, and the questions that come with it.

    Of those that it doesn't answer, the half that judges: nothing was calibrated with them.
    """
    root = sample_corpus()
    lines = [json.loads(line) for line in (root.parent / "questions.jsonl").read_text("utf-8").splitlines()]
    documents = tuple(
        Document(path.relative_to(root).as_posix(), "", path.read_text("utf-8")) for path in sorted(root.rglob("*.md"))
    )
    ids = [f"q{number:03d}" for number in range(1, len(lines) + 1)]
    return DataSet(
        "chimera",
        documents,
        {question_id: line["prompt"] for question_id, line in zip(ids, lines, strict=True)},
        {question_id: {line["document"]: 1.0} for question_id, line in zip(ids, lines, strict=True)},
        {question_id: line["completion"] for question_id, line in zip(ids, lines, strict=True)},
        {question_id: (line["completion"],) for question_id, line in zip(ids, lines, strict=True)},
        {f"u{number:03d}": text for number, text in enumerate(unanswerable(judging=True), start=1)},
        markdown=True,
    )


def _read_answers(folder: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The words that answer each question that has some."""
    path = folder / ANSWERS
    if not path.is_file():
        return
    articles: dict[str, str] = {}
    if (folder / ARTICLES).is_file():
        articles = {row["id"]: row["text"] for row in _read_rows(folder / ARTICLES, ("id", "text"))}
    found: dict[str, list[str]] = {}
    for number, row in _read_objects(path):
        try:
            words = row["text"] if "text" in row else articles[row["article_id"]][row["start"] : row["end"]]
            found.setdefault(row["query_id"], []).append(one_line(words))
        except (KeyError, TypeError):
            raise BadInputError(
                f"{path}, line {number}: it isn't {{query_id, text}}, nor {{query_id, article_id, start, end}} with an "
                f"article of {ARTICLES}."
            ) from None
    for question_id, texts in found.items():
        if any(texts):
            yield question_id, tuple(filter(None, texts))


def _read_unanswerable(folder: Path, answerable: Mapping[str, str]) -> dict[str, str]:
    path = folder / UNANSWERABLE
    if not path.is_file():
        return {}
    texts = {row["id"]: one_line(row["text"]) for row in _read_rows(path, ("id", "text"))}
    if both := sorted(texts.keys() & answerable.keys()):
        raise BadInputError(f"{path}: {FILES[1]} has a question {both[0]} too.")
    return texts


def _read_rows(path: Path, wanted: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """Each line's object; `wanted` and a title are strings."""
    for number, row in _read_objects(path):
        if not all(isinstance(row.get(name), str) for name in wanted):
            raise BadInputError(f"{path}, line {number}: it isn't an object with {' and '.join(wanted)}.")
        if not row["id"] or any(char.isspace() for char in row["id"]):
            raise BadInputError(f"{path}, line {number}: an id can't be empty or hold white space.")
        yield row | {"title": str(row.get("title") or "")}


def _read_objects(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each line's number and object; a line that is none comes as an empty one."""
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                try:
                    row = json.loads(line)
                except ValueError:
                    row = None
                yield number, row if isinstance(row, dict) else {}


def _read_judgements(path: Path) -> Iterator[tuple[str, str, float]]:
    """The rows after the header."""
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            fields = line.rstrip("\n").split("\t")
            if number == 1 or not line.strip():
                continue
            try:
                question_id, document_id, gain = fields
                yield question_id, document_id, float(gain)
            except ValueError:
                raise BadInputError(f"{path}, line {number}: it isn't query_id, doc_id, relevance.") from None
