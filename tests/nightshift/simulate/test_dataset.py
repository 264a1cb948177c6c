"""The common format is read, and what is wrong with it is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from db.errors import BadInputError
from nightshift.simulate.dataset import read_dataset, sample_dataset

CORPUS = '{"id": "d1", "title": "Leave", "text": "25 days."}\n{"id": "d2", "text": "On Mondays."}\n'
QUERIES = '{"id": "q2", "text": "how many days?"}\n{"id": "q1", "text": "when?"}\n{"id": "q3", "text": "why?"}\n'
QRELS = "query_id\tdoc_id\trelevance\nq2\td1\t2\nq1\td2\t1\nq1\td1\t0\nq3\tgone\t1\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "corpus.jsonl").write_text(CORPUS)
    (tmp_path / "queries.jsonl").write_text(QUERIES)
    (tmp_path / "qrels.tsv").write_text(QRELS)
    return tmp_path


def test_questions_that_are_judged_are_kept_whatever_the_judgement(folder: Path) -> None:
    dataset = read_dataset(folder)
    assert [(document.id, document.title) for document in dataset.documents] == [("d1", "Leave"), ("d2", "")]
    assert dict(dataset.questions) == {"q1": "when?", "q2": "how many days?", "q3": "why?"}
    assert dataset.relevant == {"q1": {"d2": 1.0}, "q2": {"d1": 2.0}, "q3": {}}
    assert dataset.answer_to("q2") == "25 days."


def test_the_sample_corpus_is_a_data_set() -> None:
    dataset = sample_dataset()
    known = {document.id for document in dataset.documents}
    assert len(dataset.questions) > 500
    assert all(known.issuperset(gains) for gains in dataset.relevant.values())
    assert dataset.answer_to("q001").startswith("There are 214 of us")


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "qrels.tsv").unlink()
    with pytest.raises(BadInputError, match=r"has no qrels\.tsv"):
        read_dataset(folder)


@pytest.mark.parametrize(
    ("name", "line", "said"),
    [
        ("corpus.jsonl", '{"id": "d3"}\n', r"corpus\.jsonl, line 3: it isn't an object with id and text"),
        ("corpus.jsonl", '{"id": "d 3", "text": "x"}\n', r"line 3: an id can't be empty or hold white space"),
        ("queries.jsonl", "nonsense\n", r"queries\.jsonl, line 4"),
        ("qrels.tsv", "q1\td1\n", r"qrels\.tsv, line 6: it isn't query_id, doc_id, relevance"),
        ("qrels.tsv", "q1\td1\tmuch\n", r"qrels\.tsv, line 6"),
    ],
)
def test_a_bad_line_is_named(folder: Path, name: str, line: str, said: str) -> None:
    with (folder / name).open("a") as file:
        file.write(line)
    with pytest.raises(BadInputError, match=said):
        read_dataset(folder)


def test_judgements_of_nothing_are_refused(folder: Path) -> None:
    (folder / "qrels.tsv").write_text("query_id\tdoc_id\trelevance\n")
    with pytest.raises(BadInputError, match="judges no question"):
        read_dataset(folder)
