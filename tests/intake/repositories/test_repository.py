"""Real repositories of the tests' own, synced: changed, renamed, forced, broken, hostile."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from db.corpus import list_matching
from db.errors import ConfigurationError, SourceError
from db.settings import Settings
from db.sources import add_source, find_source
from intake import remove_source, resolve_branch, sync_source
from intake.repositories import repository
from intake.tally import IngestReport
from tests.db.corpus.test_handing_on import said, show
from tests.ranked_company import hashing_encoders
from tests.synthetic import make_generation, serve

Sync = Callable[..., IngestReport]
ALL_CONFIGURED = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


class Origin:
    """A repository that a company keeps, with a work tree."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.git("init", "-q", "-b", "main")

    @property
    def url(self) -> str:
        return f"file://{self.folder}"

    def git(self, *arguments: str) -> str:
        who = ["-c", "user.name=Ann", "-c", "user.email=ann@example.com"]
        done = subprocess.run(
            ["git", *who, *arguments],
            cwd=self.folder,
            env={**os.environ, **ALL_CONFIGURED},
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout.strip()

    def write(self, **texts: str) -> None:
        for name, text in texts.items():
            path = self.folder / name.replace("__", "/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.with_suffix(".md").write_text(text)

    def commit(self, *options: str) -> None:
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "Changed", "--allow-empty", *options)


@pytest.fixture
def origin(tmp_path: Path) -> Origin:
    made = Origin(tmp_path / "origin")
    made.write(
        **{
            f"people__{number}": f"# Deck {number}\n\nNumber {number} parks {number * 7} cars.\n" for number in range(6)
        },
        finance__pay="# Pay\n\nIt is paid on the 25th.\n",
    )
    made.commit()
    return made


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "home")


@pytest.fixture
def served(engine: sa.Engine) -> sa.Engine:
    serve(engine, make_generation(engine))
    return engine


@pytest.fixture
def sync(served: sa.Engine, settings: Settings, origin: Origin) -> Sync:
    add_source(served, "docs", "git", {"url": origin.url, "branch": "main"}, None)

    def run(name: str = "docs", **options: Any) -> IngestReport:
        return sync_source(served, settings, hashing_encoders(), find_source(served, name), **options)

    return run


def counts(report: IngestReport) -> tuple[int, int, int, int, int, int]:
    told = report.added, report.changed, report.moved, report.removed, report.unchanged
    return (*told, len(report.failed))


def stored(engine: sa.Engine) -> dict[str, str]:
    """Audience by the end of the address."""
    return {one.uri.rpartition("@main/")[2]: one.audience for one in list_matching(engine, None)}


def test_it_follows_a_branch_and_a_second_sync_does_nothing(served: sa.Engine, sync: Sync, origin: Origin) -> None:
    assert counts(sync()) == (7, 0, 0, 0, 0, 0)
    assert set(stored(served)) == {*(f"people/{number}.md" for number in range(6)), "finance/pay.md"}
    again = sync()
    assert (counts(again), again.chunks) == ((0, 0, 0, 0, 7, 0), 0)

    origin.write(people__3="# Deck 3\n\nIt is closed.\n", people__new="# New\n\nA new page.\n")
    (origin.folder / "people" / "0.md").unlink()
    origin.git("checkout", "-q", "-b", "draft")
    origin.commit()
    assert counts(sync()) == (0, 0, 0, 0, 7, 0)  # on another branch it isn't there yet
    origin.git("branch", "-f", "main", "draft")
    changed = sync()
    assert (counts(changed), changed.chunks) == ((1, 1, 0, 1, 5, 0), 2)


def test_a_renamed_folder_keeps_its_votes_also_where_a_file_was_edited(
    served: sa.Engine, sync: Sync, origin: Origin
) -> None:
    sync()
    asked, edited = show(served, "Number 3 parks 21 cars."), show(served, "Number 5 parks 35 cars.")
    origin.git("mv", "people", "staff")
    origin.write(staff__5="# Deck 5\n\nNumber 5 parks 35 cars and a bus.\n")
    origin.commit()
    report = sync()
    assert (counts(report), report.chunks) == ((0, 0, 6, 0, 1, 0), 1)
    assert (said(served, asked).uri or "").endswith("@main/staff/3.md")
    assert (said(served, edited).uri or "").endswith("@main/staff/5.md")


def test_a_forced_push_and_other_commits_with_the_same_files_cost_nothing(
    served: sa.Engine, sync: Sync, origin: Origin
) -> None:
    sync()
    origin.git("checkout", "-q", "--orphan", "anew")
    origin.commit()
    origin.git("branch", "-f", "main", "anew")
    report = sync()
    assert (counts(report), report.chunks) == ((0, 0, 0, 0, 7, 0), 0)


def test_only_the_paths_that_were_named(served: sa.Engine, sync: Sync, origin: Origin) -> None:
    origin.write(people2__x="# Other\n\nText.\n")
    origin.commit()
    told = {"url": origin.url, "branch": "main", "paths": ["people"]}
    add_source(served, "people", "git", told, None)
    assert sync("people").added == 6
    assert all(uri.startswith("people/") for uri in stored(served))


def test_a_source_that_is_down_or_lost_its_branch_loses_nothing(
    served: sa.Engine, sync: Sync, origin: Origin, tmp_path: Path
) -> None:
    sync()
    origin.git("branch", "-m", "trunk")
    with pytest.raises(SourceError, match="couldn't find remote ref refs/heads/main"):
        sync()
    origin.folder.rename(tmp_path / "away")
    with pytest.raises(SourceError, match="does not appear to be a git repository|not found|No such file"):
        sync()
    noted = find_source(served, "docs")
    assert noted.documents == 7 and "error" in (noted.outcome or {})
    (tmp_path / "away").rename(origin.folder)
    origin.git("branch", "-m", "main")
    assert counts(sync()) == (0, 0, 0, 0, 7, 0)


def test_much_that_is_gone_stays_until_it_is_meant(served: sa.Engine, sync: Sync, origin: Origin) -> None:
    sync()
    origin.git("rm", "-rq", "people", "finance")
    origin.commit()
    report = sync()
    assert report.removed == 0 and [(len(gone.uris), gone.known) for gone in report.not_removed] == [(7, 7)]
    assert set(stored(served).values()) == {"public"}
    (origin.folder / ".audiences").write_text('* "#finance"\n')
    origin.commit()
    assert sync().not_removed
    assert set(stored(served).values()) == {"nobody"}
    assert sync(may_remove=lambda gone: True).removed == 7


def test_folders_say_who_may_see_them_and_what_can_not_be_made_out_is_for_nobody(
    served: sa.Engine, sync: Sync, origin: Origin
) -> None:
    (origin.folder / ".audiences").write_text('finance/ "#finance"\n')
    origin.commit()
    sync()
    assert stored(served)["finance/pay.md"] == "#finance" and stored(served)["people/1.md"] == "public"

    (origin.folder / ".audiences").write_text("finance/\n")
    origin.commit()
    report = sync()
    assert set(stored(served).values()) == {"nobody"} and report.failed[0].name == ".audiences"

    (origin.folder / ".audiences").unlink()
    (origin.folder / "rules").write_text('* "workspace"\n')
    (origin.folder / ".audiences").symlink_to("rules")
    origin.commit()
    assert "link" in sync().failed[0].reason
    assert set(stored(served).values()) == {"nobody"}

    told = {"url": origin.url, "branch": "main", "paths": ["finance"]}
    (origin.folder / ".audiences").unlink()
    (origin.folder / "caf\udce9").mkdir()  # in no encoding that anybody knows
    (origin.folder / "caf\udce9" / ".audiences").write_text("finance/\n")
    (origin.folder / "caf\udce9" / "menu.md").write_text("# Menu\n\nCoffee.\n")
    origin.commit()
    assert sync().failed[0].name == "caf\N{REPLACEMENT CHARACTER}/.audiences"
    shutil.rmtree(origin.folder / "caf\udce9")
    (origin.folder / ".audiences").write_text('finance/ "#finance"\n')
    origin.commit()
    remove_source(served, Settings(data_dir=Path("unused")), find_source(served, "docs"))
    add_source(served, "finance", "git", told, None)
    sync("finance")
    assert stored(served) == {"finance/pay.md": "#finance"}  # by a file above the path that was named


def test_what_is_no_document_is_left_out_and_counted(served: sa.Engine, sync: Sync, origin: Origin) -> None:
    (origin.folder / "secret.md").symlink_to("/etc/passwd")
    (origin.folder / "up.md").symlink_to("../../home")
    (origin.folder / ".hidden").mkdir()
    (origin.folder / ".hidden" / "note.md").write_text("# Hidden\n\nNote.\n")
    (origin.folder / "logo.png").write_bytes(b"\x89PNG")
    (origin.folder / "big.md").write_bytes(b"x" * 20_000_001)
    (origin.folder / "lfs.pdf").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
    origin.commit()
    origin.git("update-index", "--add", "--cacheinfo", f"160000,{origin.git('rev-parse', 'HEAD')},other")
    origin.git("commit", "-q", "-m", "A submodule")
    report = sync()
    assert report.added == 7
    assert {failure.name: failure.reason.split(";")[0] for failure in report.failed} == {
        "big.md": "it is larger than 20 MB",
        "lfs.pdf": "it is kept in Git LFS, which isn't read",
    }
    assert report.left_out == {"links": 2, ".png": 1, "submodules": 1}


def test_names_that_lead_out_or_hold_anything_are_only_names(
    served: sa.Engine, sync: Sync, origin: Origin, tmp_path: Path
) -> None:
    blob = origin.git("hash-object", "-w", "people/1.md")
    entries = "".join(f"100644 blob {blob}\t{name}\n" for name in ("..md", "-rf.md", "a\\tb.md"))
    made = subprocess.run(
        ["git", "mktree"], cwd=origin.folder, input=entries, capture_output=True, text=True, check=True
    ).stdout.strip()
    # a tree in a tree that is called ..
    evil = (
        subprocess.run(
            ["git", "hash-object", "-t", "tree", "-w", "--stdin", "--literally"],
            cwd=origin.folder,
            input=b"40000 ..\0" + bytes.fromhex(made),
            capture_output=True,
            check=True,
        )
        .stdout.decode()
        .strip()
    )
    commit = origin.git("commit-tree", evil, "-m", "evil")
    origin.git("update-ref", "refs/heads/main", commit)
    report = sync()
    assert not (tmp_path / "home" / "sources" / "-rf.md").exists()
    assert report.added + len(report.failed) <= 3


def test_no_hook_no_filter_and_no_setting_of_the_account_runs(
    served: sa.Engine, sync: Sync, origin: Origin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = tmp_path / "made"
    home = tmp_path / "account"
    (home / "hooks").mkdir(parents=True)
    for name in ("post-checkout", "reference-transaction", "post-merge", "pre-auto-gc"):
        (home / "hooks" / name).write_text(f"#!/bin/sh\ntouch {made}\n")
        (home / "hooks" / name).chmod(0o755)
    elsewhere = '[url "file:///nowhere/"]\n\tinsteadOf = file:///\n'
    (home / ".gitconfig").write_text(f"[core]\n\thooksPath = {home}/hooks\n[init]\n\ttemplateDir = {home}\n{elsewhere}")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_TEMPLATE_DIR", str(home))
    (origin.folder / ".gitattributes").write_text("*.md filter=evil\n")
    origin.commit()
    assert sync().added == 7
    assert not made.exists()


def test_killed_while_it_fetched_or_broken_on_disk_it_is_fetched_again(
    served: sa.Engine, sync: Sync, settings: Settings, origin: Origin
) -> None:
    sync()
    folder = settings.home / "sources" / f"{find_source(served, 'docs').id}.git"
    assert folder.stat().st_mode & 0o077 == 0
    for name in ("shallow.lock", "config.lock", "refs/heads/fetched.lock"):
        (folder / name).write_text("")
    origin.write(people__3="# Deck 3\n\nIt is closed.\n")
    origin.commit()
    assert counts(sync())[1] == 1
    for path in folder.rglob("*"):
        if path.is_file() and path.parent.name != "info":
            path.chmod(0o600)
            path.write_bytes(b"broken")
    origin.write(people__4="# Deck 4\n\nIt is closed.\n")
    origin.commit()
    assert counts(sync())[1] == 1
    remove_source(served, settings, find_source(served, "docs"))
    assert not folder.exists()


def test_a_dry_run_leaves_nothing_on_disk(served: sa.Engine, sync: Sync, settings: Settings) -> None:
    assert sync(dry_run=True).added == 7
    assert not (settings.home / "sources").exists()


def test_the_branch_that_a_repository_names_as_its_own(origin: Origin, tmp_path: Path) -> None:
    assert resolve_branch({"url": origin.url}) == "main"
    subprocess.run(["git", "init", "-q", "--bare", tmp_path / "empty"], check=True)
    with pytest.raises(SourceError, match="--branch"):
        resolve_branch({"url": f"file://{tmp_path}/empty"})


def test_a_token_that_is_not_set_is_asked_for_by_its_name(served: sa.Engine, sync: Sync) -> None:
    told = {"url": "https://git.invalid/a", "branch": "main", "token_from": "HANDBOOK_TOKEN"}
    add_source(served, "private", "git", told, None)
    with pytest.raises(ConfigurationError, match="HANDBOOK_TOKEN isn't set here"):
        sync("private")


def test_only_the_latest_commit_is_fetched(
    served: sa.Engine, sync: Sync, settings: Settings, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repository, "_PAGE_FILES", 2)
    for number in range(3):
        origin.write(people__3=f"# Deck 3\n\nIt is closed {number}.\n")
        origin.commit()
    assert sync().added == 7
    folder = settings.home / "sources" / f"{find_source(served, 'docs').id}.git"
    listed = subprocess.run(["git", "rev-list", "--all", "--count"], cwd=folder, capture_output=True, check=True)
    assert listed.stdout.strip() == b"1"
