"""Where reports are kept, whose questions are in them, and that none of it can harm a night."""

from __future__ import annotations

import errno
import logging
from pathlib import Path

import pytest
import sqlalchemy as sa

from db.errors import NightshiftError, UnknownIdError
from db.nights import Run
from db.privacy import erase_person
from db.question import Asked
from db.schema import curated_pair, question
from db.settings import Settings
from retrain.lesson import Anchor
from retrain.report.files import (
    keep_report,
    latest_with_report,
    read_texts,
    report_path,
    rewrite_outdated_report,
    write_report,
)
from tests.corpus import add_answer
from tests.night_rows import EVIDENCE, make_run, store_run


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data")


def ask(engine: sa.Engine, text: str, kind: str) -> int:
    return add_answer(engine, 1, Asked(text, "T1", f"C-{kind}", kind, "T1:U1", "1.5")).question_id  # type: ignore[arg-type]


def add_pair(engine: sa.Engine, prompt: str, question_id: int | None = None) -> int:
    row = {"prompt": prompt, "completion": "A passage.", "added_by": "test", "question_id": question_id}
    with engine.begin() as connection:
        return int(connection.execute(curated_pair.insert().values(row).returning(curated_pair.c.id)).scalar_one())


def night_about(engine: sa.Engine, *anchors: Anchor) -> Run:
    changes = [{"kind": anchor.kind, "id": anchor.id, "ndcg": [0.0, 1.0], "rank": [4, 1]} for anchor in anchors]
    return store_run(engine, make_run(evidence=EVIDENCE | {"changed": {"better": changes, "worse": []}}))


def test_only_what_was_asked_in_public_is_quoted(engine: sa.Engine, settings: Settings) -> None:
    kinds = ("public", "private", "direct", "console")
    asked = {kind: ask(engine, f"asked in {kind}?", kind) for kind in kinds}
    written = add_pair(engine, "written by hand?")
    golden = {kind: add_pair(engine, f"golden in {kind}?", id_) for kind, id_ in asked.items()}
    anchors = [
        *(Anchor("question", id_) for id_ in asked.values()),
        *(Anchor("pair", id_) for id_ in (written, *golden.values())),
    ]

    page = write_report(engine, settings, night_about(engine, *anchors)).read_text()

    for shown in ("written by hand?", "asked in public?", "golden in public?"):
        assert shown in page
    for kind in kinds[1:]:
        assert f"in {kind}?" not in page
        assert f"was not asked in public (#{asked[kind]})" in page
        assert f"was not asked in public (#{golden[kind]})" in page


def test_rendered_again_it_has_lost_what_was_erased(engine: sa.Engine, settings: Settings) -> None:
    pair, asked = add_pair(engine, "written by hand?"), ask(engine, "whose cat is that?", "public")
    run = night_about(engine, Anchor("question", asked), Anchor("pair", pair))
    assert "whose cat is that?" in write_report(engine, settings, run).read_text()

    with engine.begin() as connection:
        connection.execute(sa.delete(question).where(question.c.id == asked))
    page = write_report(engine, settings, run).read_text()

    assert "whose cat" not in page
    assert f"a question that is gone (#{asked})" in page
    assert read_texts(engine, [Anchor("pair", pair), Anchor("question", asked)]) == {
        Anchor("pair", pair): "written by hand?"
    }


def test_page_and_picture_lie_with_the_run_for_this_account_only(engine: sa.Engine, settings: Settings) -> None:
    run = store_run(engine, make_run())
    path = write_report(engine, settings, run)
    assert path == report_path(settings, run.id) == settings.home / "reports" / f"run-{run.id}" / "report.html"
    assert {file.name: file.stat().st_mode & 0o077 for file in path.parent.iterdir()} == {
        "report.html": 0,
        "report.png": 0,
    }


def test_a_report_that_cannot_be_written_is_logged_and_the_night_stands(
    engine: sa.Engine, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.home.mkdir()
    settings.reports_dir.write_text("in the way")
    with caplog.at_level(logging.ERROR):
        keep_report(engine, settings, make_run())
    assert "its report could not be written" in caplog.text


def test_a_failed_write_leaves_the_old_report_and_no_litter(
    engine: sa.Engine, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_report(engine, settings, store_run(engine, make_run()))
    before = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(NightshiftError, match=r"can't be written to .*/reports/run-1: No space left on device\."):
        write_report(engine, settings, make_run(reasons=["another"]))
    assert path.read_bytes() == before
    assert len(list(path.parent.iterdir())) == 2


def test_a_run_without_a_decision_has_none(engine: sa.Engine, settings: Settings) -> None:
    failed = store_run(engine, make_run(status="failed", decision=None))
    with pytest.raises(UnknownIdError, match="came to no decision"):
        write_report(engine, settings, failed)
    with pytest.raises(UnknownIdError, match="nightshift retrain"):
        latest_with_report(engine)
    decided = store_run(engine, make_run())
    store_run(engine, make_run(status="requested", decision=None))
    assert latest_with_report(engine).id == decided.id


def test_one_that_can_not_be_written_now_is_written_with_the_next_look(
    engine: sa.Engine, settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object) -> None:
        raise NightshiftError("The disk is full.")

    asked = ask(engine, "does my parrot need a permit?", "public")
    changed = {"better": [{"kind": "question", "id": asked, "ndcg": [0, 1], "rank": [4, 1]}], "worse": []}
    night = store_run(engine, make_run(evidence=EVIDENCE | {"changed": changed}))
    page = write_report(engine, settings, night)
    erase_person(engine, "T1:U1")
    with monkeypatch.context() as patch:
        patch.setattr("retrain.report.files.write_report", full)
        assert not rewrite_outdated_report(engine, settings)
    assert "could not be rewritten: NightshiftError" in caplog.text and "parrot" in page.read_text()
    assert rewrite_outdated_report(engine, settings)
    assert "parrot" not in page.read_text()
    assert not rewrite_outdated_report(engine, settings)
