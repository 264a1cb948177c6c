"""`nightshift ingest`: what is left out is told by kind, and much that is gone is removed only if that is meant."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
import typer

from db.corpus import count_documents
from nightshift.cli import main

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    for number in range(10):
        (folder / f"{number}.md").write_text(
            f"# Deck {number}\n\nThis is where number {number} parks {number * 7} cars.\n"
        )
    return folder


@pytest.fixture
def run(
    engine: sa.Engine,
    database_url: str,
    docs: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Reads ten documents in; runs `nightshift ingest` on them, and gives exit code, output and errors."""
    monkeypatch.setenv("NIGHTSHIFT_DATABASE_URL", database_url)
    monkeypatch.setenv("NIGHTSHIFT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "200")

    def command(*options: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main(["ingest", str(docs), *options])
        captured = capsys.readouterr()
        return int(left.value.code or 0), captured.out, captured.err

    assert command()[0] == 0
    return command


def lose(docs: Path, n: int) -> None:
    for number in range(n):
        (docs / f"{number}.md").unlink()


def test_a_few_that_are_gone_are_removed_without_a_question(engine: sa.Engine, run: Run, docs: Path) -> None:
    lose(docs, 3)
    assert (run("--prune")[0], count_documents(engine)) == (0, 7)


@pytest.mark.parametrize("left", ["6 files", "none", "no folder"])
def test_where_nobody_can_be_asked_much_that_is_gone_stays_until_it_is_meant(
    engine: sa.Engine, run: Run, docs: Path, left: str
) -> None:
    lose(docs, 4 if left == "6 files" else 10)
    if left == "no folder":
        docs.rmdir()
    gone = 4 if left == "6 files" else 10
    code, out, err = run("--prune", "--json")
    assert (code, count_documents(engine)) == (1, 10)
    assert f"{gone} of its 10 documents" in err and "--yes" in err
    assert json.loads(out)["not_removed"] == [{"path": str(docs), "gone": gone, "known": 10}]
    assert "would be asked" in run("--prune", "--dry-run")[2]
    assert count_documents(engine) == 10
    code, out, _ = run("--prune", "--yes", "--json")
    assert (json.loads(out)["removed"], count_documents(engine)) == (gone, 10 - gone)
    assert code == (1 if left == "no folder" else 0), "a path that isn't there is named"


@pytest.mark.parametrize("answer", [True, False])
def test_at_a_terminal_it_asks(
    engine: sa.Engine, run: Run, docs: Path, monkeypatch: pytest.MonkeyPatch, answer: bool
) -> None:
    asked = []
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(typer, "confirm", lambda question, **_: asked.append(question) or answer)
    lose(docs, 4)
    code, _, _ = run("--prune")
    assert (code, count_documents(engine)) == ((0, 6) if answer else (1, 10))
    assert ["lost 4 of its 10 documents" in question for question in asked] == [True]


def test_a_folder_that_was_moved_as_a_whole_has_lost_nothing(engine: sa.Engine, run: Run, docs: Path) -> None:
    shutil.move(docs, docs / ".." / "elsewhere")
    docs.mkdir()
    for path in (docs / ".." / "elsewhere").iterdir():
        path.rename(docs / f"new-{path.name}")
    code, out, _ = run("--prune", "--json")
    assert (code, json.loads(out)["moved"], count_documents(engine)) == (0, 10, 10)


def test_what_is_left_out_is_told_by_kind(run: Run, docs: Path) -> None:
    for name in ("a.mov", "b.MOV", "c.psd", "Makefile", ".hidden", "new.md"):
        (docs / name).write_text("text")
    for options in (["--dry-run"], []):
        assert "Left out: 2 .mov, 1 .psd, 1 without a suffix." in run(*options)[1]
    left_out = json.loads(run("--json")[1])["left_out"]
    assert left_out == {".mov": 2, ".psd": 1, "without a suffix": 1}
