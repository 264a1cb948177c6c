"""`nightshift sources`: added and read in by one command, listed, synced by hand, removed."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from db.errors import BadInputError
from db.settings import load_settings
from db.sources import find_source, list_sources
from intake.loaders import LOADERS_FILE
from nightshift.cli.intervals import read_interval
from tests.intake.loaders import given
from tests.intake.websites.site import serving_site
from tests.ranked_company import hashing_encoders
from tests.synthetic import make_generation, serve

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def served(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """An encoder that costs nothing."""
    if "engine" in request.fixturenames:
        engine = request.getfixturevalue("engine")
        serve(engine, make_generation(engine))
        monkeypatch.setattr("db.generations.Encoders", lambda *_: hashing_encoders())


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "handbook"
    folder.mkdir()
    for number in range(4):
        (folder / f"{number}.md").write_text(f"# Deck {number}\n\nNumber {number} parks {number * 7} cars.\n")
    return folder


def test_a_source_s_life_at_the_command_line(engine: sa.Engine, run: Run, docs: Path) -> None:
    assert "No source yet" in run("sources", "list")[2]
    code, out, _ = run("sources", "add", "directory", docs, "--dry-run", "--json")
    assert (code, json.loads(out)["added"], list_sources(engine)) == (0, 4, [])

    code, out, err = run("sources", "add", "directory", docs, "--audience", "#people", "--every", "2h")
    assert (code, "Added 4, changed 0" in out) == (0, True)
    assert "synced every 2h" in err
    assert run("sources", "add", "directory", docs)[0] == 1

    for number in range(2):
        (docs / f"{number}.md").unlink()
    (docs / "new.md").write_text("# New\n\nA new page.\n")
    (docs / "broken.pdf").write_bytes(b"%PDF-1.4 broken")
    assert "would be asked" in run("sources", "sync", "handbook", "--dry-run")[2]
    code, out, err = run("sources", "sync", "--json")
    assert (code, json.loads(out)["handbook"]["not_removed"][0]["gone"]) == (1, 2)
    assert "2 of its 5 documents" in err and "--yes" in err

    code, out, _ = run("sources", "list")
    assert "5 documents" in out and "1 failed, 2 are gone and stay" in out and "every 2h" in out
    shown = run("sources", "show", "handbook")[1]
    assert f"path: {docs}" in shown and "audience: #people" in shown and "broken.pdf: " in shown
    [told] = json.loads(run("sources", "list", "--json")[1])
    assert (told["name"], told["every_s"], told["documents"]) == ("handbook", 7200, 5)

    (docs / "broken.pdf").unlink()
    assert run("sources", "sync", "handbook", "--yes")[0] == 0
    assert find_source(engine, "handbook").documents == 3
    assert run("sources", "remove", "handbook", "--dry-run")[0] == 0
    code, _, err = run("sources", "remove", "handbook")
    assert code == 1 and "--yes" in err
    code, out, _ = run("sources", "remove", "handbook", "--yes", "--json")
    assert (code, json.loads(out), list_sources(engine)) == (0, {"removed": 3}, [])
    assert run("sources", "sync", "handbook")[0] == 1


def test_repositories_and_websites_are_added_the_same_way_and_one_that_is_down_keeps_no_other_waiting(
    engine: sa.Engine, run: Run, docs: Path, tmp_path: Path
) -> None:
    def git(*arguments: str) -> None:
        who = ["-c", "user.name=Ann", "-c", "user.email=ann@example.com"]
        subprocess.run(["git", *who, *arguments], cwd=docs, check=True, capture_output=True)

    git("init", "-q", "-b", "trunk")
    git("add", "-A")
    git("commit", "-q", "-m", "All")
    assert run("sources", "add", "git", f"file://{docs}", "--path", "1.md", "--path", "2.md")[0] == 0
    made = find_source(engine, "handbook")
    assert (made.documents, made.settings["branch"]) == (2, "trunk")
    with serving_site() as site:
        site.text("/docs/a.md", "Leave")
        site.sitemap("/docs/a.md")
        code, _, err = run("sources", "add", "website", f"{site.url}/docs/", "--name", "site", "--pause", "0")
        assert code == 1 and "--allow-private" in err
        assert [one.name for one in list_sources(engine)] == ["handbook"], "what can't be read at all isn't kept"
        added = ["sources", "add", "website", f"{site.url}/docs/", "--name", "site", "--pause", "0", "--allow-private"]
        assert run(*added)[0] == 0 and find_source(engine, "site").documents == 1
        docs.rename(tmp_path / "away")
        code, out, err = run("sources", "sync", "--json")
        told = json.loads(out)
        assert (code, told["site"]["unchanged"], "git: " in told["handbook"]["error"]) == (1, 1, True)
    for arguments in (
        ["git", "--upload-pack=touch made"],
        ["git", "ext::sh -c touch% made", "--branch", "main"],
        ["git", "https://me:secret@git.example.com/a", "--branch", "main"],
        ["website", "https://me:secret@h.example/"],
        ["website", "file:///etc/"],
    ):
        code, _, err = run("sources", "add", *arguments)
        assert code in (1, 2) and "secret" not in err


def test_what_can_not_be_a_source_is_refused_before_anything_is_stored(
    engine: sa.Engine, run: Run, docs: Path, tmp_path: Path
) -> None:
    for arguments in (
        [tmp_path / "nothing"],
        [docs / "1.md"],
        [docs, "--name", "a b"],
        [docs, "--name", ""],
        [docs, "--audience", "developers"],
        [docs, "--every", "often"],
    ):
        assert run("sources", "add", "directory", *arguments)[0] == 1
    assert list_sources(engine) == []
    assert run("sources", "add", "directory", docs, "--later", "--every", "never")[0] == 0
    made = find_source(engine, "handbook")
    assert (made.documents, made.every_s, made.due_at, made.synced_at) == (0, None, None, None)
    assert "not synced yet" in run("sources", "list")[1]


def test_a_loader_is_added_by_its_entry_and_several_sources_are_told_of_each(
    engine: sa.Engine, run: Run, docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(given, "PAGES", {"pages/1.pdf": ["Deck 1 is open."]})
    file = load_settings().home / LOADERS_FILE
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text('[wiki]\nloader = "tests.intake.loaders.given.Pages"\n')
    file.chmod(0o600)
    assert run("sources", "add", "directory", docs)[0] == 0
    assert run("sources", "add", "loader", "wiki")[0] == 0
    shown = json.loads(run("sources", "show", "wiki", "--json")[1])
    assert (shown["name"], shown["kind"], shown["documents"]) == ("wiki", "loader", 1)
    code, out, _ = run("sources", "sync", "wiki", "handbook")
    assert (code, [line.partition(",")[0] for line in out.splitlines() if line]) == (
        0,
        ["wiki:", "Added 0", "handbook:", "Added 0"],
    )
    file.unlink()
    code, out, err = run("sources", "sync", "wiki")
    assert (code, out) == (2, "") and LOADERS_FILE in err


@pytest.mark.parametrize(("written", "seconds"), [("10m", 600), ("6h", 21600), ("1d", 86400), ("never", None)])
def test_an_interval_is_as_people_write_it(written: str, seconds: int | None) -> None:
    assert read_interval(written) == seconds


@pytest.mark.parametrize("written", ["", "0m", "10", "m", "-1h", "1w", "10 m", "99999m", "1h30m"])
def test_another_interval_is_refused(written: str) -> None:
    with pytest.raises(BadInputError, match="10m, 6h, 1d or never"):
        read_interval(written)
