"""Questions with known answers: a folder in the common format, or the sample corpus."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from db.errors import BadInputError
from db.store import clean_text

FILES = ("corpus.jsonl", "queries.jsonl", "qrels.tsv")


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
    the judgements would decide how questions are split. Some may have no document that answers them. `answers` holds
    the words that answer a question, where they are known more closely than by the document. `markdown` says how the
    texts are to be read.
    """

    name: str
    documents: tuple[Document, ...]
    questions: Mapping[str, str]
    relevant: Mapping[str, Mapping[str, float]]
    answers: Mapping[str, str] = field(default_factory=dict)
    markdown: bool = False

    def answer_to(self, question_id: str) -> str:
        """The words that answer a question: those that are known, or else all of its best document."""
        gains = self.relevant[question_id]
        best = max(gains, key=lambda document_id: gains[document_id])
        return self.answers.get(question_id) or next(d.text for d in self.documents if d.id == best)


def read_dataset(folder: Path) -> DataSet:
    """Reads `corpus.jsonl` {id, title, text}, `queries.jsonl` {id, text}, `qrels.tsv` (query_id, doc_id, relevance).

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
    )


def one_line(text: str) -> str:
    """A question as it is asked: clean, without line breaks."""
    return " ".join(clean_text(text).split())


def sample_dataset() -> DataSet:
    """The sample corpus: the handbook of a fictional company, and the questions that come with it."""
    corpus = files("nightshift") / "corpus"
    lines = [json.loads(line) for line in (corpus / "questions.jsonl").read_text("utf-8").splitlines()]
    root = Path(str(corpus / "documents"))
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
        markdown=True,
    )


def _read_rows(path: Path, wanted: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """Each line's object; `wanted` and a title are strings."""
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError:
                row = None
            if not isinstance(row, dict) or not all(isinstance(row.get(name), str) for name in wanted):
                raise BadInputError(f"{path}, line {number}: it isn't an object with {' and '.join(wanted)}.")
            if not row["id"] or any(char.isspace() for char in row["id"]):
                raise BadInputError(f"{path}, line {number}: an id can't be empty or hold white space.")
            yield row | {"title": str(row.get("title") or "")}


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
