"""Curated pairs go in once, are tied to the passages that hold them, and stay tied when documents change."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from db import schema
from db.corpus import remove_documents
from db.errors import BadInputError
from db.feedback.pairs import MAX_LINE_BYTES, export_pairs, import_pairs, relink_pairs
from tests.corpus import add_document
from tests.synthetic import make_generation, serve

LEAVE = "Every employee has twenty-eight days of paid leave a year."
SICK = "Whoever is ill tells the team by ten in the morning."


@pytest.fixture
def corpus(engine: sa.Engine) -> list[int]:
    serve(engine, make_generation(engine))
    return [hit.chunk_id for hit in add_document(engine, "Leave", [("Paid", LEAVE), ("Sick", SICK)])]


def write(path: Path, *lines: object) -> Path:
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines) + "\n")
    return path


def pair(prompt: str, completion: str) -> dict[str, str]:
    return {"prompt": prompt, "completion": completion}


def links(engine: sa.Engine) -> dict[str, list[int]]:
    query = (
        sa.select(schema.curated_pair.c.prompt, sa.func.array_remove(sa.func.array_agg(schema.chunk.c.id), None))
        .select_from(schema.curated_pair)
        .outerjoin(schema.curated_pair_chunk)
        .outerjoin(schema.chunk)
        .group_by(schema.curated_pair.c.prompt)
    )
    with engine.connect() as connection:
        return {prompt: sorted(ids) for prompt, ids in connection.execute(query)}


def test_pairs_are_tied_to_the_passages_that_hold_them(engine: sa.Engine, corpus: list[int], tmp_path: Path) -> None:
    file = write(
        tmp_path / "pairs.jsonl", pair("How many days?", "**Every** employee  has Twenty-eight"), pair("Ill?", SICK)
    )
    report = import_pairs(engine, file, "someone")
    assert (report.added, report.existing, report.not_found, report.malformed) == (2, 0, [], [])
    assert links(engine) == {"How many days?": [corpus[0]], "Ill?": [corpus[1]]}


def test_bad_lines_are_named_and_the_others_go_in(engine: sa.Engine, corpus: list[int], tmp_path: Path) -> None:
    file = write(
        tmp_path / "pairs.jsonl",
        "\ufeff" + json.dumps(pair("One?", LEAVE)),
        "",
        "{not json",
        ["a", "list"],
        {"prompt": "No completion"},
        {"prompt": 5, "completion": LEAVE},
        pair(" \u200b", LEAVE),
        pair("Three?", "!!!"),
        pair("Elsewhere?", "This is in no document at all."),
        "[" * 100_000,
        json.dumps(pair("long", "x" * MAX_LINE_BYTES)),
        '{"prompt": "Sur\\ud800rogate\\u0000?", "completion": ' + json.dumps(SICK) + "}",
    )
    with file.open("ab") as stream:
        stream.write(b'{"prompt": "Latin \xe9", "completion": "x"}\n')
        stream.write(json.dumps(pair("No newline?", SICK)).encode())
    report = import_pairs(engine, file, "someone")
    assert report.added == 3
    assert [line for line, _ in report.malformed] == [3, 4, 5, 6, 7, 8, 10, 11, 13]
    assert all(reason.startswith("it") for _, reason in report.malformed)
    assert report.not_found == [(9, "Elsewhere?")]
    assert set(links(engine)) == {"One?", "Surrogate?", "No newline?"}


def test_importing_again_adds_nothing(engine: sa.Engine, corpus: list[int], tmp_path: Path) -> None:
    file = write(tmp_path / "pairs.jsonl", pair("One?", LEAVE), pair("One?", LEAVE), pair("Two?", SICK))
    assert import_pairs(engine, file, "someone").added == 2
    again = import_pairs(engine, file, "someone else")
    assert (again.added, again.existing) == (0, 3)
    exported = write(tmp_path / "exported.jsonl", *export_pairs(engine))
    assert [json.loads(line) for line in exported.read_text().splitlines()] == [pair("One?", LEAVE), pair("Two?", SICK)]
    assert import_pairs(engine, exported, "someone").existing == 2


def test_two_imports_at_once_add_each_pair_once(engine: sa.Engine, corpus: list[int], tmp_path: Path) -> None:
    file = write(tmp_path / "pairs.jsonl", pair("One?", LEAVE), pair("Two?", SICK))
    waiting = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    with ThreadPoolExecutor(2) as threads:
        with engine.begin() as connection:
            connection.execute(sa.text("LOCK TABLE curated_pair IN EXCLUSIVE MODE"))
            imports = [threads.submit(import_pairs, engine, file, "someone") for _ in range(2)]
            while connection.scalar(waiting) != 2:
                pass
        reports = [done.result(timeout=60) for done in imports]
    assert sorted((report.added, report.existing) for report in reports) == [(0, 2), (2, 0)]


def test_a_completion_longer_than_an_index_takes_goes_in(engine: sa.Engine, corpus: list[int], tmp_path: Path) -> None:
    words = [f"{n * 2654435761 % 2**32:x}" for n in range(1, 6001)]
    chunks = [("", " ".join(words[start : start + 100])) for start in range(0, 6000, 100)]
    hits = add_document(engine, "Long", chunks)
    report = import_pairs(engine, write(tmp_path / "pairs.jsonl", pair("Long?", " ".join(words))), "someone")
    assert report.added == 1
    assert links(engine) == {"Long?": [hit.chunk_id for hit in hits]}


def test_too_few_words_in_too_many_passages_are_refused(engine: sa.Engine, corpus: list[int], tmp_path: Path) -> None:
    add_document(engine, "Rooms", [("", f"Room {n} is open daily.") for n in range(10)])
    report = import_pairs(
        engine, write(tmp_path / "p.jsonl", pair("When?", "open daily"), pair("4?", "Room 4")), "someone"
    )
    assert (report.added, [line for line, _ in report.malformed]) == (1, [1])
    assert set(links(engine)) == {"4?"}


def test_relinking_finds_where_a_completion_went(engine: sa.Engine, corpus: list[int], tmp_path: Path) -> None:
    import_pairs(engine, write(tmp_path / "pairs.jsonl", pair("One?", LEAVE), pair("Two?", SICK)), "someone")
    remove_documents(engine, ["https://docs.example.com/leave"])
    assert links(engine) == {"One?": [], "Two?": []}
    assert relink_pairs(engine) == 2
    moved = add_document(engine, "Absence", [("", f"Read this. {LEAVE}")])
    other = add_document(engine, "Copy", [("", LEAVE)])
    assert relink_pairs(engine) == 1
    assert links(engine) == {"One?": [moved[0].chunk_id, other[0].chunk_id], "Two?": []}
    with engine.begin() as connection:
        connection.execute(schema.chunk.update().where(schema.chunk.c.id == other[0].chunk_id).values(text="Gone."))
    assert relink_pairs(engine) == 1
    assert links(engine)["One?"] == [moved[0].chunk_id]


def test_a_pair_whose_words_were_edited_stays_with_the_passage_that_they_became(
    engine: sa.Engine, corpus: list[int], tmp_path: Path
) -> None:
    import_pairs(engine, write(tmp_path / "pairs.jsonl", pair("One?", LEAVE)), "someone")
    before = links(engine)
    with engine.begin() as connection:
        edited = LEAVE.replace(LEAVE.split()[1], "changed")
        connection.execute(schema.chunk.update().where(schema.chunk.c.id == before["One?"][0]).values(text=edited))
    assert relink_pairs(engine) == 0
    assert links(engine) == before


def test_a_file_that_cannot_be_read_is_one_sentence(engine: sa.Engine, tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.jsonl"):
        with pytest.raises(BadInputError, match="can't be read"):
            import_pairs(engine, path, "someone")
