"""The common format is read, and what is wrong with it is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from db.errors import BadInputError
from nightshift.corpus.sample import unanswerable
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
    assert dataset.completion_of("q2") == "25 days."


def test_the_sample_corpus_is_a_data_set() -> None:
    dataset = sample_dataset()
    known = {document.id for document in dataset.documents}
    assert len(dataset.questions) > 500
    assert all(known.issuperset(gains) for gains in dataset.relevant.values())
    assert dataset.completion_of("q001").startswith("There are 214 of us")


def test_the_sample_corpus_comes_with_questions_that_it_does_not_answer_and_that_calibrated_nothing() -> None:
    dataset = sample_dataset()
    assert len(dataset.unanswerable) >= 40
    assert set(dataset.unanswerable.values()).isdisjoint(unanswerable(judging=False))
    assert dataset.unanswerable.keys().isdisjoint(dataset.questions)
    first = next(iter(dataset.unanswerable))
    assert first not in dataset.relevant
    assert dataset.text_of(first) == dataset.unanswerable[first]
    assert dataset.answers["q001"] == (dataset.completion_of("q001"),)


def test_answers_are_read_as_texts_or_by_where_they_stand(folder: Path) -> None:
    (folder / "articles.jsonl").write_text('{"id": "a1", "text": "You get 25\\ndays. Or 30."}\n')
    (folder / "answers.jsonl").write_text(
        '{"query_id": "q2", "article_id": "a1", "start": 8, "end": 15}\n{"query_id": "q2", "text": "thirty"}\n'
        '{"query_id": "q1", "text": " "}\n'
    )
    dataset = read_dataset(folder)
    assert dataset.answers == {"q2": ("25 days", "thirty")}
    assert dataset.completion_of("q2") == "25 days."  # a pair's is the document, as without them


@pytest.mark.parametrize(
    "line", ["nonsense", '{"query_id": "q1"}', '{"query_id": "q1", "article_id": "gone", "start": 0, "end": 3}']
)
def test_an_answer_that_can_not_be_read_is_named(folder: Path, line: str) -> None:
    (folder / "answers.jsonl").write_text(f'{{"query_id": "q2", "text": "25"}}\n{line}\n')
    with pytest.raises(BadInputError, match=r"answers\.jsonl, line 2: it isn't {query_id, text}"):
        read_dataset(folder)


def test_questions_that_nothing_answers_have_ids_of_their_own(folder: Path) -> None:
    path = folder / "unanswerable.jsonl"
    path.write_text('{"id": "u1", "text": "who?"}\n')
    assert read_dataset(folder).unanswerable == {"u1": "who?"}
    path.write_text('{"id": "q1", "text": "who?"}\n')
    with pytest.raises(BadInputError, match="has a question q1 too"):
        read_dataset(folder)


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "qrels.tsv").unlink()
    with pytest.raises(BadInputError, match=r"has no qrels\.tsv"):
        read_dataset(folder)


@pytest.mark.parametrize("name", ["corpus.jsonl", "queries.jsonl", "qrels.tsv", "answers.jsonl"])
def test_a_file_in_another_encoding_is_named(folder: Path, name: str) -> None:
    with (folder / name).open("ab") as file:
        file.write("caf\xe9\n".encode("latin-1"))
    with pytest.raises(BadInputError, match=f"{name} isn't text in UTF-8"):
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


def test_questions_in_other_words_are_read_with_what_they_repeat(folder: Path) -> None:
    assert read_dataset(folder).repeats == {}
    (folder / "repeats.jsonl").write_text('{"id": "r1", "text": "which\\nday?", "repeats": "q1"}\n')
    dataset = read_dataset(folder)
    assert dataset.repeats == {"r1": ("which day?", "q1")}
    assert dataset.text_of("r1") == "which day?"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"id": "r1", "text": "which day?", "repeats": "q9"}', "judges no question q9"),
        ('{"id": "q2", "text": "which day?", "repeats": "q1"}', "another question q2"),
        (
            '{"id": "r1", "text": "a", "repeats": "q1"}\n{"id": "r1", "text": "b", "repeats": "q1"}',
            "another question r1",
        ),
        ('{"id": "r1", "text": "which day?"}', "line 1: it isn't an object with id and text and repeats"),
    ],
)
def test_a_repeat_of_nothing_is_refused(folder: Path, line: str, said: str) -> None:
    (folder / "repeats.jsonl").write_text(line + "\n")
    with pytest.raises(BadInputError, match=said):
        read_dataset(folder)


def test_the_sample_corpus_is_asked_again_in_other_words() -> None:
    dataset = sample_dataset()
    assert len(dataset.repeats) >= 60
    assert all(repeat.text != dataset.questions[repeat.of] for repeat in dataset.repeats.values())
    assert dataset.repeats.keys().isdisjoint(dataset.questions)
