"""Questions with known answers: a folder in the common format, or the sample corpus."""

from __future__ import annotations

import json
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from db.errors import BadInputError
from nightshift.corpus.sample import repeats, sample_corpus, unanswerable
from nightshift.simulate.rows import one_line, read_judgements, read_objects, read_rows

FILES = ("corpus.jsonl", "queries.jsonl", "qrels.tsv")
ANSWERS, ARTICLES, UNANSWERABLE, REPEATS = "answers.jsonl", "articles.jsonl", "unanswerable.jsonl", "repeats.jsonl"
"""Files that a folder may have besides."""


@dataclass(frozen=True, slots=True)
class Document:
    """One document; `id` is what the judgements call it."""

    id: str
    title: str
    text: str


class Repeat(NamedTuple):
    """A question in other words than somebody asked it in: its text, and the id of the other one."""

    text: str
    of: str


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
        repeats: questions in other words, by ids of their own: they judge where the other one was asked.
        markdown: whether the documents are Markdown, with front matter of their own.
    """

    name: str
    documents: tuple[Document, ...]
    questions: Mapping[str, str]
    relevant: Mapping[str, Mapping[str, float]]
    completions: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unanswerable: Mapping[str, str] = field(default_factory=dict)
    repeats: Mapping[str, Repeat] = field(default_factory=dict)
    markdown: bool = False

    def completion_of(self, question_id: str) -> str:
        """What a curated pair gives as the answer: the words that are known, or else all of the best document."""
        gains = self.relevant[question_id]
        best = max(gains, key=lambda document_id: gains[document_id])
        return self.completions.get(question_id) or next(d.text for d in self.documents if d.id == best)

    def text_of(self, question_id: str) -> str:
        """The question's text, whether anything answers it or not."""
        if question_id in self.repeats:
            return self.repeats[question_id].text
        return self.questions.get(question_id) or self.unanswerable[question_id]


def read_dataset(folder: Path) -> DataSet:
    """Reads `corpus.jsonl` {id, title, text}, `queries.jsonl` {id, text}, `qrels.tsv` (query_id, doc_id, relevance).

    Three files may stand beside them. `answers.jsonl` has the words that answer, {query_id, text}, or where they stand
    in `articles.jsonl` {id, text}: {query_id, article_id, start, end}. `unanswerable.jsonl` {id, text} has questions
    that no document answers. `repeats.jsonl` {id, text, repeats} has questions of `queries.jsonl` in other words.

    Raises:
        BadInputError: a file is missing, or a line can't be read; names both.
    """
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        raise BadInputError(f"{folder} has no {' and no '.join(missing)}; it needs {', '.join(FILES)}.")
    documents = {
        row["id"]: Document(row["id"], row.get("title", ""), row["text"])
        for row in read_rows(folder / FILES[0], ("id", "text"))
    }
    texts = {row["id"]: one_line(row["text"]) for row in read_rows(folder / FILES[1], ("id", "text"))}
    relevant: dict[str, dict[str, float]] = {}
    for question_id, document_id, gain in read_judgements(folder / FILES[2]):
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
        repeats=_read_repeats(folder, relevant, texts),
    )


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
    id_of = {line["prompt"]: question_id for question_id, line in zip(ids, lines, strict=True)}
    return DataSet(
        "chimera",
        documents,
        {question_id: line["prompt"] for question_id, line in zip(ids, lines, strict=True)},
        {question_id: {line["document"]: 1.0} for question_id, line in zip(ids, lines, strict=True)},
        {question_id: line["completion"] for question_id, line in zip(ids, lines, strict=True)},
        {question_id: (line["completion"],) for question_id, line in zip(ids, lines, strict=True)},
        {f"u{number:03d}": text for number, text in enumerate(unanswerable(judging=True), start=1)},
        {f"r{number:03d}": Repeat(text, id_of[of]) for number, (text, of) in enumerate(repeats(), start=1)},
        markdown=True,
    )


def _read_answers(folder: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The words that answer each question that has some."""
    path = folder / ANSWERS
    if not path.is_file():
        return
    articles: dict[str, str] = {}
    if (folder / ARTICLES).is_file():
        articles = {row["id"]: row["text"] for row in read_rows(folder / ARTICLES, ("id", "text"))}
    found: dict[str, list[str]] = {}
    for number, row in read_objects(path):
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
    texts = {row["id"]: one_line(row["text"]) for row in read_rows(path, ("id", "text"))}
    if both := sorted(texts.keys() & answerable.keys()):
        raise BadInputError(f"{path}: {FILES[1]} has a question {both[0]} too.")
    return texts


def _read_repeats(folder: Path, judged: Container[str], asked: Container[str]) -> dict[str, Repeat]:
    path = folder / REPEATS
    if not path.is_file():
        return {}
    found: dict[str, Repeat] = {}
    for row in read_rows(path, ("id", "text", "repeats")):
        if row["repeats"] not in judged:
            raise BadInputError(f"{path}: {FILES[2]} judges no question {row['repeats']}.")
        if row["id"] in asked or row["id"] in found:
            raise BadInputError(f"{path}: there is another question {row['id']}.")
        found[row["id"]] = Repeat(one_line(row["text"]), row["repeats"])
    return found
