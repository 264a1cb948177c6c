"""A near copy of what a person hid goes in, and is named."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from db.corpus import NOBODY, ensure_audience, read_audience, set_audience
from db.settings import Settings
from intake import ingest_paths
from intake.syncing import in_words
from intake.tally import IngestReport
from tests.ranked_company import hashing_encoders
from tests.synthetic import make_generation, serve

PAY = " ".join(f"Engineers of grade {n} are paid {n * 137} euros, less {n} for parking." for n in range(12))


@pytest.fixture
def folder(engine: sa.Engine, tmp_path: Path) -> Path:
    """One in which `pay.md` is read in, and hidden by a person."""
    serve(engine, make_generation(engine))
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "pay.md").write_text(PAY)
    read(engine, folder)
    set_audience(engine, [(folder / "pay.md").as_uri()], ensure_audience(engine, NOBODY))
    return folder


def read(engine: sa.Engine, folder: Path) -> IngestReport:
    return ingest_paths(engine, Settings(data_dir=folder.parent / "home"), hashing_encoders(), [folder])


def test_an_edited_copy_of_a_hidden_document_is_named(engine: sa.Engine, folder: Path) -> None:
    (folder / "parking.md").write_text("Visitors park on deck B.")
    (folder / "pay-2.md").write_text(f"Hello. {PAY}")
    report = read(engine, folder)
    [(name, of)] = report.overlooked
    assert name.endswith("pay-2.md") and of.endswith("docs/pay.md")
    assert report.is_whole and report.added == 2
    assert report.as_json()["overlooked"] == [{"path": name, "copy_of": of}]
    assert "1 say nearly the same as documents that are hidden" in in_words(report)
    assert "overlooked" not in read(engine, folder).as_json()


def test_what_is_for_the_same_people_or_for_nobody_or_was_spoken_of_is_not(engine: sa.Engine, folder: Path) -> None:
    pay, copy = folder / "pay.md", folder / "pay-2.md"
    copy.write_text(f'---\naudience: "nobody"\n---\n{PAY} Amen.')
    assert read(engine, folder).overlooked == ()
    finance = ensure_audience(engine, read_audience("#finance"))
    set_audience(engine, [pay.as_uri()], finance)
    copy.write_text(f'---\naudience: "#finance"\n---\n{PAY} Amen. Hello.')
    assert read(engine, folder).overlooked == ()
    copy.write_text(f"---\naudience: workspace\n---\n{PAY} Amen.")
    assert len(read(engine, folder).overlooked) == 1
    set_audience(engine, [copy.as_uri()], 1)
    copy.write_text(f"{PAY} Amen.")
    assert read(engine, folder).overlooked == ()


def test_an_edit_of_the_hidden_document_itself_is_no_copy(engine: sa.Engine, folder: Path) -> None:
    (folder / "pay.md").write_text(f"{PAY} Amen.")
    assert read(engine, folder).overlooked == ()
    (folder / "pay.md").rename(folder / "wages.md")
    assert read(engine, folder).overlooked == ()
