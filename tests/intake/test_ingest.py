"""The pass over files brings the store level with them, and says what it did."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from db import schema
from db.corpus import draft_chunk
from db.errors import UnknownIdError
from db.generations import maintained, read_vectors, serving
from db.settings import Settings
from db.store import raw_connection
from db.words import read_indexed
from intake import ingest
from intake.ingest import ingest_paths
from intake.tally import IngestReport, Progress
from tests.conftest import ROOT
from tests.corpus import encoders
from tests.histories import assert_counts, assert_scores
from tests.synthetic import add_audience

HANDBOOK = ROOT.parent / "shared" / "data" / "handbook_sourcegraph"

Ingest = Callable[..., IngestReport]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "home", encoder_dtype="float32")


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    """Three documents of three kinds."""
    folder = tmp_path / "docs"
    (folder / "people").mkdir(parents=True)
    (folder / "people" / "leave.md").write_text(
        "---\nowner: ada\n---\n# Leave\nTwenty-eight days.\n## Sick\nTell us by ten.\n"
    )
    (folder / "parking.html").write_text("<title>Parking</title><p>Deck B is open.</p>")
    (folder / "wifi-guests.txt").write_text("Ask at the desk for a code.")
    return folder


@pytest.fixture
def run(engine: sa.Engine, settings: Settings, docs: Path) -> Ingest:
    def run(*paths: Path, **options: Any) -> IngestReport:
        return ingest_paths(engine, options.pop("settings", settings), encoders(), paths or [docs], **options)

    return run


def counts(report: IngestReport) -> tuple[int, int, int, int, int]:
    return report.added, report.changed, report.removed, report.unchanged, len(report.failed)


def stored(engine: sa.Engine) -> dict[str, list[str]]:
    """Chunks' texts by title, of documents that weren't removed."""
    with engine.connect() as connection:
        query = (
            sa.select(schema.document.c.title, sa.func.array_agg(schema.chunk.c.text))
            .join(schema.chunk)
            .where(schema.document.c.deleted_at.is_(None))
            .group_by(schema.document.c.title)
        )
        return {title: sorted(texts) for title, texts in connection.execute(query)}


def assert_every_chunk_has_its_vector(engine: sa.Engine) -> None:
    with raw_connection(engine) as raw:
        rows = raw.execute(
            "SELECT c.id, d.title, c.section, c.text FROM chunk c JOIN document d ON d.id = c.document_id ORDER BY c.id"
        ).fetchall()
    for generation in maintained(engine):
        vectors = read_vectors(engine, generation)
        assert vectors.chunk_ids.tolist() == [row[0] for row in rows]
        expected = encoders().get(generation).encode_passages([draft_chunk(*row[1:]).encoded for row in rows])
        assert np.allclose(vectors.vectors, expected, atol=2e-3)


def test_documents_of_each_kind_go_in_with_their_vectors(engine: sa.Engine, run: Ingest, docs: Path) -> None:
    report = run()
    assert counts(report) == (3, 0, 0, 0, 0)
    assert report.chunks == 3
    assert stored(engine) == {
        "Leave": ["Twenty-eight days.\n\n## Sick\n\nTell us by ten."],
        "Parking": ["Deck B is open."],
        "Wifi guests": ["Ask at the desk for a code."],
    }
    assert_every_chunk_has_its_vector(engine)
    with engine.connect() as connection:
        document = schema.document.c
        row = connection.execute(
            sa.select(document.source_uri, document.audience_id).where(document.owner == "ada")
        ).one()
    assert tuple(row) == ((docs / "people" / "leave.md").as_uri(), schema.PUBLIC_AUDIENCE_ID)


def test_a_second_pass_finds_nothing_to_do_from_anywhere(
    engine: sa.Engine, run: Ingest, docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run()
    monkeypatch.chdir(docs.parent)
    assert counts(run(Path("docs"))) == (0, 0, 0, 3, 0)
    assert counts(run(Path("docs/people"), Path("docs/parking.html"))) == (0, 0, 0, 2, 0)


def test_a_page_that_unfolds_to_a_thousand_times_its_size_is_named_and_the_others_go_in(
    run: Ingest, engine: sa.Engine, docs: Path
) -> None:
    (docs / "bomb.html").write_text("<table>" + "<tr><td colspan=1000>x</td></tr>" * 5_000 + "</table>")
    report = run()
    assert counts(report) == (3, 0, 0, 0, 1)
    assert report.failed[0].name.endswith("bomb.html") and "too much time or memory" in report.failed[0].reason


def test_a_second_pass_loads_no_model(
    database_url: str, engine: sa.Engine, run: Ingest, docs: Path, tmp_path: Path
) -> None:
    run()
    program = (
        "import sys; from pathlib import Path; from intake.ingest import ingest_paths\n"
        "from db.store.engine import create_engine; from db.generations.encoders import Encoders\n"
        "from db.settings.settings import Settings\n"
        "url, docs, home = sys.argv[1:]; settings = Settings(data_dir=Path(home))\n"
        "report = ingest_paths(create_engine(url), settings, Encoders(settings), [Path(docs)], prune=True)\n"
        "assert report.unchanged == 3, report\n"
        "heavy = {'torch', 'sentence_transformers', 'langchain_text_splitters', 'bs4'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", program, database_url, docs, tmp_path / "home"], check=True, timeout=120)


def test_a_changed_file_is_replaced_and_only_what_is_new_is_encoded(engine: sa.Engine, run: Ingest, docs: Path) -> None:
    run()
    (docs / "parking.html").write_text("<title>Parking</title><p>Deck C is open.</p>")
    report = run()
    assert counts(report) == (0, 1, 0, 2, 0)
    assert report.chunks == 1
    assert stored(engine)["Parking"] == ["Deck C is open."]
    assert_every_chunk_has_its_vector(engine)


def test_a_touched_file_is_unchanged_and_one_of_the_same_size_and_time_is_not(run: Ingest, docs: Path) -> None:
    run()
    os.utime(docs / "parking.html", (1, 1))
    before = (docs / "wifi-guests.txt").stat()
    (docs / "wifi-guests.txt").write_text("Ask at the door for a code.")
    os.utime(docs / "wifi-guests.txt", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (docs / "wifi-guests.txt").stat().st_size == before.st_size
    assert counts(run()) == (0, 1, 0, 2, 0)


def test_other_chunk_settings_split_everything_anew(engine: sa.Engine, run: Ingest, settings: Settings) -> None:
    run()
    report = run(settings=settings.model_copy(update={"chunk_size": 100, "chunk_overlap": 10}))
    assert counts(report) == (0, 3, 0, 0, 0)
    assert report.chunks == 0


def test_files_that_are_gone_are_removed_only_if_asked_and_only_under_the_paths(
    engine: sa.Engine, run: Ingest, docs: Path
) -> None:
    alike = docs / "people-of-old.md"
    alike.write_text("Who was here.")
    run()
    alike.unlink()
    (docs / "people" / "leave.md").unlink()
    (docs / "parking.html").unlink()
    assert counts(run()) == (0, 0, 0, 1, 0)
    assert counts(run(docs / "people", prune=True, dry_run=True)) == (0, 0, 1, 0, 0)
    assert counts(run(docs / "people", prune=True)) == (0, 0, 1, 0, 0)
    assert set(stored(engine)) == {"Parking", "People of old", "Wifi guests"}
    assert counts(run(prune=True)) == (0, 0, 2, 1, 0)
    assert set(stored(engine)) == {"Wifi guests"}
    assert_every_chunk_has_its_vector(engine)


def test_a_folder_that_is_missing_itself_prunes_nothing(engine: sa.Engine, run: Ingest, docs: Path) -> None:
    run()
    docs.rename(docs.with_name("elsewhere"))
    report = run(prune=True)
    assert counts(report) == (0, 0, 0, 0, 1)
    assert len(stored(engine)) == 3


def test_bad_files_are_named_and_the_others_go_in(engine: sa.Engine, run: Ingest, docs: Path) -> None:
    (docs / "binary.md").write_bytes(bytes(range(256)) * 10)
    (docs / "empty.md").write_bytes(b"")
    (docs / "huge.txt").write_bytes(b"x" * 20_000_001)
    (docs / "out.md").symlink_to("/etc/hostname")
    (docs / "dirty.md").write_bytes(
        b"---\ntitle: [broken\n---\n\n# T\xc3\xafdy\nNUL\0 and \xed\xa0\x80 go, \xe2\x80\x8bwords stay."
    )
    report = run()
    assert counts(report) == (4, 0, 0, 0, 4)
    assert {os.path.basename(failure.name): failure.reason for failure in report.failed} == {
        "binary.md": "it is binary, not text",
        "empty.md": "it is empty",
        "huge.txt": "it is larger than 20 MB; split it",
        "out.md": "it is a link that leads out of the folder; name its target itself",
    }
    assert stored(engine)["[broken"] == ["NUL and  go, words stay."]


@pytest.mark.parametrize(
    "nothing", [b"", b" \n\n", b"\xef\xbb\xbf\r\n", b"---\ntitle: Parking\n---\n", b"...", b"<p> </p>"]
)
def test_a_file_that_holds_no_text_any_more_is_gone_and_named(
    engine: sa.Engine, run: Ingest, docs: Path, nothing: bytes
) -> None:
    run()
    (docs / "parking.html").write_bytes(nothing)
    assert counts(run(dry_run=True)) == (0, 0, 1, 2, 1)
    report = run()
    assert counts(report) == (0, 0, 1, 2, 1)
    assert report.failed[0].reason.endswith("; it was removed")
    assert set(stored(engine)) == {"Leave", "Wifi guests"}
    assert counts(run()) == (0, 0, 0, 2, 1)
    (docs / "parking.html").write_text("<title>Parking</title><p>Deck B is open.</p>")
    assert counts(run()) == (1, 0, 0, 2, 0)


def test_a_file_that_a_parser_trips_over_is_named(run: Ingest, settings: Settings) -> None:
    impossible = settings.model_copy(update={"chunk_size": 100, "chunk_overlap": 200})
    report = run(settings=impossible)
    assert [failure.reason for failure in report.failed] == ["it can't be read (ValueError)"] * 3


def test_a_dry_run_changes_nothing_and_tells_what_would(engine: sa.Engine, run: Ingest, docs: Path) -> None:
    assert counts(run(dry_run=True)) == (3, 0, 0, 0, 0)
    with engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(schema.generation)) == 0
    run()
    (docs / "parking.html").write_text("<p>New.</p>")
    (docs / "new.md").write_text("New.")
    (docs / "wifi-guests.txt").unlink()
    assert counts(run(dry_run=True, prune=True)) == (1, 1, 1, 1, 0)
    assert set(stored(engine)) == {"Leave", "Parking", "Wifi guests"}


def test_documents_keep_their_audience_unless_another_is_named(engine: sa.Engine, run: Ingest, docs: Path) -> None:
    people = add_audience(engine, "people")
    assert counts(run(audience_id=people)) == (3, 0, 0, 0, 0)
    (docs / "parking.html").write_text("<title>Parking</title><p>Deck C is open.</p>")
    assert counts(run()) == (0, 1, 0, 2, 0)
    assert set(read_vectors(engine, serving(engine)).audience_ids.tolist()) == {people}
    assert counts(run(audience_id=schema.PUBLIC_AUDIENCE_ID)) == (0, 3, 0, 0, 0)
    assert set(read_vectors(engine, serving(engine)).audience_ids.tolist()) == {schema.PUBLIC_AUDIENCE_ID}
    with pytest.raises(UnknownIdError):
        run(audience_id=99)


def test_two_passes_at_once_do_the_same_as_one(
    engine: sa.Engine, run: Ingest, docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest, "BATCH_CHARS", 50)
    for number in range(20):
        (docs / f"{number}.md").write_text(f"# Room {number}\nIt has {number} chairs.")
    with ThreadPoolExecutor(2) as threads:
        reports = [done.result() for done in [threads.submit(run), threads.submit(run)]]
    assert all(not report.failed for report in reports)
    assert sum(report.added for report in reports) == 23
    assert sum(report.unchanged for report in reports) == 23
    assert len(stored(engine)) == 23
    assert_every_chunk_has_its_vector(engine)


def test_progress_goes_from_nothing_to_all(engine: sa.Engine, run: Ingest, docs: Path) -> None:
    seen: list[Progress] = []
    report = run(progress=seen.append)
    assert [now.documents_done for now in seen] == sorted(now.documents_done for now in seen)
    assert [now.chunks_done for now in seen] == sorted(now.chunks_done for now in seen)
    assert {now.documents_total for now in seen} == {3}
    assert replace(seen[-1], name="") == Progress(3, 3, report.chunks, "")


def test_the_report_is_json_with_every_failure(run: Ingest, docs: Path) -> None:
    (docs / os.fsdecode(b"caf\xe9.md")).write_bytes(b"")
    line = json.dumps(run(dry_run=True).as_json(), ensure_ascii=False).encode()
    assert json.loads(line) == {
        "added": 3,
        "changed": 0,
        "moved": 0,
        "removed": 0,
        "unchanged": 0,
        "failed": [{"path": str(docs / "caf\ufffd.md"), "reason": "it is empty"}],
        "left_out": {},
        "not_removed": [],
    }


@pytest.mark.skipif(not HANDBOOK.is_dir(), reason="needs the handbook beside the repository")
def test_a_real_handbook_can_be_read_whole(engine: sa.Engine, run: Ingest) -> None:
    report = run(HANDBOOK / "content", dry_run=True)
    assert report.added == 880
    assert {failure.reason for failure in report.failed} == {"it is empty"}
    assert report.chunks > 5000


def test_in_other_languages_all_words_are_indexed_anew_with_progress_and_the_report_says_so(
    run: Ingest, settings: Settings, engine: sa.Engine
) -> None:
    assert run().words_anew is None
    german = settings.model_copy(update={"languages": "german,english"})
    seen: list[Progress] = []
    assert run(settings=german, dry_run=True).words_anew is None
    report = run(settings=german, progress=seen.append)
    assert (counts(report), report.words_anew) == (
        (0, 0, 0, 3, 0),
        "their languages were english and are german, english",
    )
    assert [(now.words_done, now.words_total) for now in seen if now.words_total] == [(3, 3)]
    assert run(settings=german).words_anew is None
    assert_scores(engine, ["code parking sick"], [[1]])


def test_the_first_documents_words_are_in_the_languages_of_the_settings(
    run: Ingest, settings: Settings, engine: sa.Engine
) -> None:
    assert run(settings=settings.model_copy(update={"languages": "german"})).words_anew is None
    with raw_connection(engine) as raw:
        indexed = read_indexed(raw)
    assert indexed is not None
    assert indexed.languages == ("german",)


@pytest.mark.parametrize(
    "text",
    ["parrot " * 3000, " ".join(f"w{number}x" for number in range(100_000)), "", "?! \u200b — 🎉", "the of and"],
    ids=["one word", "100,000 words", "empty", "no word", "stop words"],
)
def test_a_document_of_odd_words_goes_in_or_is_refused_in_a_sentence(
    run: Ingest, settings: Settings, docs: Path, engine: sa.Engine, text: str
) -> None:
    large = settings.model_copy(update={"chunk_size": 100_000})  # few passages: the encoder reads the beginning of each
    (docs / "odd.txt").write_text(text)
    report = run(settings=large)
    assert report.added + len(report.failed) == 4
    assert all(failure.name.endswith("odd.txt") and failure.reason.strip() for failure in report.failed)
    assert_scores(engine, ["parrot w77x w99999x", "deck B is open"], [[1]])
    assert_counts(engine)
    assert run(settings=large).unchanged == report.added


def test_a_file_that_was_renamed_moved_or_mounted_elsewhere_is_the_same_document(
    engine: sa.Engine, run: Ingest, docs: Path
) -> None:
    run()
    before = ids_by_title(engine)
    (docs / "people" / "leave.md").rename(docs / "absence.md")
    assert counts(run(dry_run=True, prune=True)) == (0, 0, 0, 2, 0)
    report = run(prune=True)
    assert (*counts(report), report.moved, report.chunks) == (0, 0, 0, 2, 0, 1, 0)
    elsewhere = docs.rename(docs.with_name("mounted"))
    report = run(elsewhere)
    assert (*counts(report), report.moved, report.chunks) == (0, 0, 0, 0, 0, 3, 0)
    assert ids_by_title(engine) == before
    assert counts(run(elsewhere, prune=True)) == (0, 0, 0, 3, 0)
    assert_every_chunk_has_its_vector(engine)


def test_a_file_that_is_named_after_its_place_is_the_same_document_by_another_title(
    engine: sa.Engine, run: Ingest, docs: Path
) -> None:
    run()
    before = ids_by_title(engine)
    (docs / "wifi-guests.txt").rename(docs / "wireless.txt")
    (docs / "wireless.txt").write_text("Ask at the front desk for a code.")
    report = run()
    assert (*counts(report), report.moved, report.chunks) == (0, 0, 0, 2, 0, 1, 1)
    assert ids_by_title(engine)["Wireless"] == before["Wifi guests"]
    assert_every_chunk_has_its_vector(engine)


def test_a_document_for_few_stays_theirs_wherever_it_moves(engine: sa.Engine, run: Ingest, docs: Path) -> None:
    board = add_audience(engine, "board")
    run(audience_id=board)
    for number, text in enumerate(("Deck B is open.", "Deck B is open, mostly.")):
        path = docs / f"moved{number}.html"
        next(docs.glob("*.html")).rename(path)
        path.write_text(f"<title>Parking</title><p>{text}</p>")
        assert run().moved == 1
    with engine.connect() as connection:
        assert set(connection.scalars(sa.select(schema.document.c.audience_id))) == {board}


def ids_by_title(engine: sa.Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return {
            title: id_ for title, id_ in connection.execute(sa.select(schema.document.c.title, schema.document.c.id))
        }
