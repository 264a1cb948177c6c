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
from db.corpus import (
    NOBODY,
    draft_chunk,
    ensure_audience,
    forget_said_audience,
    list_matching,
    read_audience,
    set_audience,
    set_owner,
)
from db.corpus.nearness import nearness, split_words
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
from tests.db.corpus.test_handing_on import show
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
        assert np.allclose(vectors.vectors[:], expected, atol=2e-3)


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
    assert report.failed[0].name.endswith("bomb.html") and "characters of text" in report.failed[0].reason


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


def write_long(folder: Path) -> None:
    """A page with more of everything than a passage holds, in which no two sentences are alike."""

    def prose(name: str, sentences: int) -> str:
        return " ".join(
            f"{name}{n} goes to room {n} of {name} when {n} keys{n} are lent out." for n in range(sentences)
        )

    rows = "\n".join(f"| city{n} | {n} days | office number {n} | desk {n} |" for n in range(60))
    code = "\n".join(f"run-{n} --level {n} --name step{n}" for n in range(60))
    folder.mkdir()
    (folder / "long.md").write_text(
        f"# Long\n\n{prose('alpha', 60)}\n\n## Small\n\n{prose('beta', 3)}\n\n### Smaller\n\n{prose('gamma', 2)}\n\n"
        f"## Table\n\n| City | Leave | Office | Desk |\n|---|---|---|---|\n{rows}\n\n## Code\n\n```sh\n{code}\n```\n\n"
        f"## Last\n\n{prose('delta', 9)}\n\n{prose('epsilon', 14)}\n"
    )
    (folder / "short.md").write_text(f"# Short\n\n{prose('zeta', 3)}\n")


def on_passages(engine: sa.Engine, questions: dict[int, str]) -> list[tuple[str, str, float]]:
    """Each question's passage as it was found, as it is by now, and how near that is."""
    with raw_connection(engine) as raw:
        rows = raw.execute(
            "SELECT question_id, text, nearness FROM impression JOIN chunk ON chunk.id = chunk_id ORDER BY question_id"
        ).fetchall()
    return [(questions[question_id], text, share) for question_id, text, share in rows]


@pytest.mark.parametrize("sizes", [[(500, 100), (2000, 200)], [(2000, 200), (300, 0)]])
def test_what_was_said_stays_with_its_words_however_documents_are_cut(
    engine: sa.Engine, run: Ingest, settings: Settings, docs: Path, sizes: list[tuple[int, int]]
) -> None:
    write_long(docs / "long")
    run()
    with raw_connection(engine) as raw:
        texts = [text for (text,) in raw.execute("SELECT text FROM chunk ORDER BY id")]
    asked = {show(engine, text): text for text in texts}
    for size, overlap in [*sizes, (1000, 200)]:
        own = settings.model_copy(update={"chunk_size": size, "chunk_overlap": overlap})
        assert run(settings=own).changed == 5
        after = on_passages(engine, asked)
        assert len(after) == len(texts), "all are there"
        for found, now, share in after:
            assert 0 < share <= 1
            assert nearness(split_words(found), split_words(now)) >= 0.3 * min(size / len(found), 1)
            assert share >= 0.2
        assert run(settings=own).unchanged == 5
        assert on_passages(engine, asked) == after, "once more changes nothing"
    assert [(found, share) for found, _, share in after] == [(now, 1.0) for _, now, _ in after]


def test_documents_that_are_cut_otherwise_and_moved_at_once_keep_what_was_said(
    engine: sa.Engine, run: Ingest, settings: Settings, docs: Path
) -> None:
    write_long(docs / "long")
    run()
    with raw_connection(engine) as raw:
        texts = [text for (text,) in raw.execute("SELECT text FROM chunk ORDER BY id")]
    asked = {show(engine, text): text for text in texts}
    (docs / "long").rename(docs / "elsewhere")
    report = run(settings=settings.model_copy(update={"chunk_size": 600}), prune=True)
    assert (report.moved, report.added, report.removed) == (2, 0, 0)
    assert len(on_passages(engine, asked)) == len(texts)


def test_another_version_of_splitting_leaves_what_was_said_where_it_is(
    engine: sa.Engine, run: Ingest, docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_long(docs / "long")
    run()
    with raw_connection(engine) as raw:
        texts = [text for (text,) in raw.execute("SELECT text FROM chunk ORDER BY id")]
    asked = {show(engine, text): text for text in texts}
    monkeypatch.setattr("intake.drafting._FORMAT", 99)
    assert run().changed == 5
    assert on_passages(engine, asked) == [(text, text, 1.0) for text in texts]


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
    ["parrot " * 3000, " ".join(f"w{number}x" for number in range(3_000)), "", "?! \u200b — 🎉", "the of and"],
    ids=["one word", "3,000 words", "empty", "no word", "stop words"],
)
def test_a_document_of_odd_words_goes_in_or_is_refused_in_a_sentence(
    run: Ingest, settings: Settings, docs: Path, engine: sa.Engine, text: str
) -> None:
    large = settings.model_copy(update={"chunk_size": 100_000})  # as few passages as the encoder reads to their ends
    (docs / "odd.txt").write_text(text)
    report = run(settings=large)
    assert report.added + len(report.failed) == 4
    assert all(failure.name.endswith("odd.txt") and failure.reason.strip() for failure in report.failed)
    assert_scores(engine, ["parrot w77x w2999x", "deck B is open"], [[1]])
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


def whom(engine: sa.Engine) -> dict[str, str]:
    """For whom each document is, by its file's name."""
    return {one.uri.rsplit("/", 1)[-1]: one.audience for one in list_matching(engine, None)}


def test_who_may_see_a_document_is_its_own_word_else_its_folders_else_the_passs(
    engine: sa.Engine, run: Ingest, docs: Path
) -> None:
    (docs / "people" / "leave.md").write_text('---\naudience: "#people"\n---\nTwenty-eight days.\n')
    (docs / ".audiences").write_text("*.html @leads\n")
    report = run(audience=read_audience("ada@example.com"))
    assert counts(report) == (3, 0, 0, 0, 0)
    assert whom(engine) == {"leave.md": "#people", "parking.html": "@leads", "wifi-guests.txt": "ada@example.com"}
    assert counts(run(audience=read_audience("ada@example.com"))) == (0, 0, 0, 3, 0)
    (docs / ".audiences").write_text("*.html nobody\n")
    assert counts(run(dry_run=True)) == (0, 1, 0, 2, 0)
    assert counts(run()) == (0, 1, 0, 2, 0)
    assert whom(engine) == {"leave.md": "#people", "parking.html": "nobody", "wifi-guests.txt": "ada@example.com"}
    ids = {ensure_audience(engine, read_audience(name)) for name in whom(engine).values()}
    assert set(read_vectors(engine, serving(engine)).audience_ids.tolist()) == ids
    assert_counts(engine)


def test_what_cannot_be_read_any_more_is_not_shown_to_whom_its_folder_no_longer_names(
    engine: sa.Engine, run: Ingest, docs: Path
) -> None:
    run()
    (docs / "parking.html").write_bytes(b"\0\1\2" * 100)
    assert counts(run()) == (0, 0, 0, 2, 1)
    assert "parking.html" in whom(engine), "as it was, for whom it was"
    (docs / ".audiences").write_text("*.html nobody\n")
    [failure] = run().failed
    assert failure.reason.endswith("; it was removed")
    assert "parking.html" not in whom(engine)


def test_a_word_that_is_taken_back_makes_nothing_public(engine: sa.Engine, run: Ingest, docs: Path) -> None:
    leave = docs / "people" / "leave.md"
    leave.write_text('---\naudience: "#people"\n---\nTwenty-eight days.\n')
    (docs / ".audiences").write_text("*.html @leads\n")
    run()
    leave.write_text("Twenty-eight days, and Saturdays.\n")
    (docs / ".audiences").unlink()
    run()
    assert whom(engine) == {"leave.md": "#people", "parking.html": "@leads", "wifi-guests.txt": "public"}
    leave.write_text("---\naudience: workspace\n---\nTwenty-eight days.\n")
    run()
    assert whom(engine)["leave.md"] == "public"


def test_a_word_that_cannot_be_made_out_hides_the_document_and_is_named_until_it_is_mended(
    engine: sa.Engine, run: Ingest, docs: Path
) -> None:
    leave = docs / "people" / "leave.md"
    leave.write_text("Twenty-eight days.\n")
    run()
    leave.write_text("---\naudience: #people\n---\nTwenty-eight days.\n")
    for expected in ((0, 1, 0, 2, 1), (0, 0, 0, 3, 1)):
        report = run()
        assert counts(report) == expected
        assert "nobody sees it" in report.failed[0].reason
        assert whom(engine)["leave.md"] == "nobody"
    leave.write_text('---\naudience: "#people"\n---\nTwenty-eight days.\n')
    assert counts(run()) == (0, 1, 0, 2, 0)
    assert whom(engine)["leave.md"] == "#people"


def test_a_folders_word_that_cannot_be_made_out_hides_all_below_it(engine: sa.Engine, run: Ingest, docs: Path) -> None:
    (docs / ".audiences").write_text("#people\n")
    report = run()
    assert (report.added, [Path(failure.name).name for failure in report.failed]) == (3, [".audiences"])
    assert set(whom(engine).values()) == {"nobody"}


def test_a_file_that_is_named_itself_has_its_folders_word(engine: sa.Engine, run: Ingest, docs: Path) -> None:
    (docs / ".audiences").write_text("people/ @leads\n")
    run(docs / "people" / "leave.md")
    assert whom(engine) == {"leave.md": "@leads"}


def test_what_a_person_says_holds_through_edits_moves_and_removal(engine: sa.Engine, run: Ingest, docs: Path) -> None:
    leave = docs / "people" / "leave.md"
    run()
    nobody = ensure_audience(engine, NOBODY)
    assert set_audience(engine, [leave.as_uri(), "file:///nothing"], nobody) == 1
    assert_counts(engine)
    leave.write_text("---\naudience: workspace\n---\nTwenty-eight days and a half.\n")
    run(audience=read_audience("workspace"))
    assert whom(engine)["leave.md"] == "nobody"
    moved = leave.rename(docs / "leave-2.md")
    assert run(prune=True).moved == 1
    assert whom(engine)["leave-2.md"] == "nobody"
    moved.unlink()
    run(prune=True, may_remove=lambda _: True)
    moved.write_text("---\naudience: workspace\n---\nTwenty-eight days and a half.\n")
    run()
    assert whom(engine)["leave-2.md"] == "nobody"
    forget_said_audience(engine, [moved.as_uri()])
    assert whom(engine)["leave-2.md"] == "nobody"
    run()
    assert whom(engine)["leave-2.md"] == "public"


def test_an_owner_that_a_person_named_holds_until_they_take_it_back(engine: sa.Engine, run: Ingest, docs: Path) -> None:
    leave = docs / "people" / "leave.md"
    run()
    for said, owner in (("bert", "bert"), (None, "ada")):
        assert set_owner(engine, [leave.as_uri()], said) == 1
        leave.write_text(f"---\nowner: ada\n---\nLeave, as of {said}.\n")
        run()
        assert next(list_matching(engine, leave.as_uri())).owner == owner


def test_a_dry_run_names_no_audience(engine: sa.Engine, run: Ingest, docs: Path) -> None:
    (docs / ".audiences").write_text("*.html @leads\n")
    run(dry_run=True, audience=read_audience("#people"))
    with engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(schema.audience)) == 2


def test_keys_and_tokens_do_not_go_in_and_are_counted(engine: sa.Engine, run: Ingest, docs: Path) -> None:
    key = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    (docs / "wifi-guests.txt").write_text(f"Ask at the desk for a code, {key}.")
    report = run()
    assert (report.secrets_masked, report.as_json()["secrets_masked"]) == (1, 1)
    assert stored(engine)["Wifi guests"] == ["Ask at the desk for a code, [masked: GitHub token]."]
    assert "secrets_masked" not in run().as_json()


def test_a_document_of_which_encoded_data_is_left_out_is_named(engine: sa.Engine, run: Ingest, docs: Path) -> None:
    (docs / "wifi-guests.txt").write_text("Ask at the desk for a code. " + "a1B2" * 1000)
    report = run()
    assert report.data_left_out == (str(docs / "wifi-guests.txt"),) and report.is_whole
    assert report.as_json()["data_left_out"] == [str(docs / "wifi-guests.txt")]
    assert len(stored(engine)["Wifi guests"]) == 1
    assert "data_left_out" not in run().as_json()


@pytest.mark.parametrize("edit", ["", " Tell your lead as well."], ids=["as it was", "edited"])
@pytest.mark.parametrize("word", ["person", "document", "folder", "pass"])
def test_what_was_removed_and_comes_back_elsewhere_is_for_whom_it_was(
    engine: sa.Engine, run: Ingest, docs: Path, word: str, edit: str
) -> None:
    leave = docs / "people" / "leave.md"
    text = "# Leave\nTwenty-eight days, of which ten may be taken in the next year if you say so by the end of March.\n"
    leave.write_text(f'---\naudience: "#people"\n---\n{text}' if word == "document" else text)
    if word == "folder":
        (docs / ".audiences").write_text("people/ #people\n")
    run(leave, **({"audience": read_audience("#people")} if word == "pass" else {}))
    if word == "person":
        set_audience(engine, [leave.as_uri()], ensure_audience(engine, read_audience("#people")))
    leave.unlink()
    assert run(leave.parent, prune=True, may_remove=lambda _: True).removed == 1
    elsewhere = docs / "absence.md"
    elsewhere.write_text(text + edit)
    report = run(elsewhere)
    assert (report.added, report.moved) == (0, 1)
    assert whom(engine) == {"absence.md": "#people"}
    assert set(read_vectors(engine, serving(engine)).audience_ids.tolist()) == {
        ensure_audience(engine, read_audience("#people"))
    }
    elsewhere.write_text(f"---\naudience: workspace\n---\n{text}")
    run(elsewhere)
    assert whom(engine) == {"absence.md": "#people" if word == "person" else "public"}


def test_what_was_removed_is_known_though_another_document_took_its_place(
    engine: sa.Engine, run: Ingest, docs: Path
) -> None:
    leave, parking = docs / "people" / "leave.md", docs / "parking.html"
    text = leave.read_text()
    run()
    set_audience(engine, [leave.as_uri()], ensure_audience(engine, read_audience("#people")))
    leave.unlink()
    run(prune=True, may_remove=lambda _: True)
    leave.write_text(parking.read_text())
    parking.unlink()
    run()
    assert whom(engine)["leave.md"] == "#people", "who spoke of what is at that place spoke of what comes there"
    (docs / "wifi-guests.txt").rename(docs / "people" / "codes.txt")
    run()
    (docs / "again.md").write_text(text)
    run()
    assert whom(engine)["again.md"] == "#people"


def test_another_document_in_the_place_of_one_that_was_removed_does_not_make_that_one_public(
    engine: sa.Engine, run: Ingest, docs: Path
) -> None:
    wifi, parking = docs / "wifi-guests.txt", docs / "parking.html"
    text = wifi.read_text()
    run(wifi, audience=read_audience("#people"))
    run(parking)
    wifi.unlink()
    run(prune=True, may_remove=lambda _: True)
    wifi.write_text(parking.read_text())
    parking.unlink()
    assert run(wifi).moved == 1
    (docs / "codes.txt").write_text(text)
    run(docs / "codes.txt")
    assert whom(engine)["codes.txt"] == "#people"


def test_a_copy_of_what_a_person_hid_is_hidden_unless_something_says_for_whom_it_is(
    engine: sa.Engine, run: Ingest, docs: Path
) -> None:
    wifi = docs / "wifi-guests.txt"
    run()
    set_audience(engine, [wifi.as_uri()], ensure_audience(engine, NOBODY))
    for name in ("a.txt", "people/b.txt"):
        (docs / name).write_text(wifi.read_text())
    (docs / ".audiences").write_text("people/ workspace\n")
    wifi.write_text("It moved.\n")
    run()
    found = whom(engine)
    assert (found["a.txt"], found["b.txt"], found["wifi-guests.txt"]) == ("nobody", "public", "nobody")


@pytest.mark.parametrize("before", ["public", "#people"])
def test_a_folders_word_that_is_mended_shows_what_it_says_nothing_of_to_whom_it_was_for(
    engine: sa.Engine, run: Ingest, docs: Path, before: str
) -> None:
    named = read_audience(before)
    run(audience=named)
    (docs / ".audiences").write_text("*.html\n")
    (docs / "new.md").write_text("New here.\n")
    for _ in range(2):
        run(audience=named)
        assert set(whom(engine).values()) == {"nobody"}
    (docs / ".audiences").write_text("*.html @leads\n")
    assert run().failed == ()
    mended = {"leave.md": before, "wifi-guests.txt": before, "new.md": before, "parking.html": "@leads"}
    assert whom(engine) == mended
    assert run(docs).unchanged == 4
    assert_counts(engine)


def test_a_documents_word_that_is_taken_out_instead_of_mended_leaves_it_for_whom_it_was(
    engine: sa.Engine, run: Ingest, docs: Path
) -> None:
    leave, wifi = docs / "people" / "leave.md", docs / "wifi-guests.txt"
    leave.write_text('---\naudience: "#people"\n---\nTwenty-eight days.\n')
    run()
    for path in (leave, wifi):
        path.write_text("---\naudience: people\n---\nTwenty-eight days.\n")
    assert len(run().failed) == 2
    for path in (leave, wifi):
        path.write_text("Twenty-eight days.\n")
    run()
    assert (whom(engine)["leave.md"], whom(engine)["wifi-guests.txt"]) == ("#people", "public")


def test_nobody_by_a_clear_word_stays_nobody_when_that_is_taken_out(engine: sa.Engine, run: Ingest, docs: Path) -> None:
    run()
    for word in ("* people\n", "* nobody\n", ""):
        (docs / ".audiences").write_text(word)
        run()
        assert set(whom(engine).values()) == {"nobody"}


def test_what_cannot_be_listed_any_more_is_nobodys_where_its_folder_names_others(
    engine: sa.Engine, run: Ingest, docs: Path
) -> None:
    run()
    wifi = docs / "wifi-guests.txt"
    wifi.write_bytes(b"Ask at the desk. " * 2_000_000)
    assert "nobody" not in run().failed[0].reason
    assert whom(engine)["wifi-guests.txt"] == "public"
    (docs / ".audiences").write_text("*.txt #people\n")
    assert run(dry_run=True).failed[0].reason.endswith("; it is for nobody until that is mended")
    assert whom(engine)["wifi-guests.txt"] == "public"
    run()
    assert whom(engine) == {"leave.md": "public", "parking.html": "public", "wifi-guests.txt": "nobody"}
    (docs / ".audiences").unlink()
    wifi.write_text("Ask at the desk for a code.")
    run()
    assert whom(engine)["wifi-guests.txt"] == "public"


@pytest.mark.parametrize("asked", [{}, {"prune": True, "may_remove": lambda gone: False}], ids=["no prune", "no"])
def test_what_is_gone_and_stays_is_nobodys_where_its_folder_names_others(
    engine: sa.Engine, run: Ingest, docs: Path, asked: dict[str, Any]
) -> None:
    """As where nobody asked for more, or so much is gone at once that somebody has to be asked."""
    run()
    (docs / "wifi-guests.txt").rename(docs.parent / "away.txt")
    run(prune=True, may_remove=lambda gone: False)
    assert whom(engine) == {"leave.md": "public", "parking.html": "public", "wifi-guests.txt": "public"}
    (docs / ".audiences").write_text("* #people\n")
    run(prune=True, may_remove=lambda gone: False, dry_run=True)
    assert whom(engine)["wifi-guests.txt"] == "public"
    report = run(**asked)
    assert bool(report.not_removed) == bool(asked)
    assert whom(engine) == {"leave.md": "#people", "parking.html": "#people", "wifi-guests.txt": "nobody"}
    (docs.parent / "away.txt").rename(docs / "wifi-guests.txt")
    run()
    assert whom(engine)["wifi-guests.txt"] == "#people"


def test_a_folder_that_is_not_there_shows_nothing_to_others_by_the_word_of_the_one_above_it(
    engine: sa.Engine, run: Ingest, docs: Path
) -> None:
    people = docs / "people"
    (docs / ".audiences").write_text("* workspace\n")
    (people / ".audiences").write_text("* #people\n")
    run()
    away = people.rename(docs.parent / "away")
    assert "1 documents there are for nobody" in run(people).failed[0].reason
    assert whom(engine)["leave.md"] == "nobody"
    away.rename(people)
    run(people)
    assert whom(engine)["leave.md"] == "#people"


def test_what_a_link_shows_is_for_whom_its_own_folder_says(engine: sa.Engine, run: Ingest, docs: Path) -> None:
    kept = docs / ".kept"
    kept.mkdir()
    (kept / "pay.md").write_text("The zebra is paid in hay.\n")
    (kept / ".audiences").write_text("* #people\n")
    (docs / "pay.md").symlink_to(kept / "pay.md")
    run()
    assert whom(engine)["pay.md"] == "#people"
    (docs / ".audiences").write_text("pay.md @leads\n")
    run()
    assert whom(engine)["pay.md"] == "@leads"
