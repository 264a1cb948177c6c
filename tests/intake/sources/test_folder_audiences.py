"""What a folder says of who may see its files: the nearest word counts, and one that isn't understood hides all."""

from __future__ import annotations

import os
import random
import unicodedata
from pathlib import Path

import pytest

from db.corpus import NOBODY, read_audience, write_audience
from db.errors import BadInputError
from intake.sources.folder_audiences import FILE, FolderAudiences, read_rules


def audience_of(pattern: str, path: str) -> bool:
    return any(rule.path.fullmatch(path) for rule in read_rules(f"{pattern} #finance"))


@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        ("*", ["a.md", "a/b.md", "a/b/c"], []),
        ("**", ["a.md", "a/b.md"], []),
        ("/", ["a.md", "a/b.md"], []),
        ("*.md", ["a.md", "a/b.md"], ["a.txt", "a.mdx"]),
        ("/*.md", ["a.md"], ["a/b.md"]),
        ("finance", ["finance/a.md", "finance", "x/finance/a/b.md"], ["finances/a.md", "a/finance.md"]),
        ("finance/", ["finance/a.md", "x/finance/a.md"], ["finance", "x/finance"]),
        ("/finance/", ["finance/a.md", "finance/a/b"], ["x/finance/a.md"]),
        ("finance/**", ["finance/a.md", "finance/a/b"], ["x/finance/a.md", "finances/a"]),
        ("**/pay.md", ["pay.md", "a/pay.md", "a/b/pay.md"], ["repay.md"]),
        ("a/**/b.md", ["a/b.md", "a/x/b.md", "a/x/y/b.md"], ["b.md", "x/a/b.md"]),
        ("a/*/b.md", ["a/x/b.md"], ["a/b.md", "a/x/y/b.md"]),
        ("q?.md", ["q1.md", "x/q2.md"], ["q10.md", "q/.md"]),
        ("a\\ b/", ["a b/c.md"], ["a/c.md"]),
        ("a+b(1).md", ["a+b(1).md"], ["aab1.md"]),
    ],
)
def test_patterns_are_as_people_know_them(pattern: str, matching: list[str], others: list[str]) -> None:
    assert [path for path in [*matching, *others] if audience_of(pattern, path)] == matching


def test_patterns_match_what_gits_own_would() -> None:
    """Against pathspec, but for names with a newline in them, which it lets past `*`, and for `/` and `//`."""
    pattern_of = pytest.importorskip("pathspec.patterns.gitignore.spec").GitIgnoreSpecPattern
    drawn = random.Random(1)
    compared = 0
    while compared < 3000:
        pattern = "".join(drawn.choices(["a", "b", "*", "**", "/", "?", ".md", "+", "^"], k=drawn.randint(1, 6)))
        if pattern == "/" or "//" in pattern:
            continue
        names = ("".join(drawn.choices("ab.m+^", k=drawn.randint(1, 3))) for _ in range(drawn.randint(1, 4)))
        path = "/".join(names)
        if "." in path.split("/") or ".." in path.split("/"):
            continue
        theirs = pattern_of(pattern).match_file(path) is not None
        assert audience_of(pattern, path) == theirs, (pattern, path)
        compared += 1
    assert audience_of("*.md", "x/a\nb/c.md")


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*a*a*a*a*a*a*a*b", "a" * 255),
        ("**/**/**/**/**/**/**/**/**/x", "a/" * 400 + "y"),
        ("**/a/**/a/**/a/**/a/**/b", "a/" * 700 + "c"),
    ],
)
def test_no_pattern_takes_for_ever(pattern: str, path: str) -> None:
    [rule] = read_rules(f"{pattern} #finance")
    assert not rule.path.fullmatch(path)


@pytest.mark.parametrize(
    "text", ["finance/", "finance/ finance", "#finance", "!a.md #finance", "* workspaces", "a.md\t", "@leads", "*  #"]
)
def test_a_line_that_is_not_understood_is_named(text: str) -> None:
    with pytest.raises(BadInputError, match="line 3"):
        read_rules(f"# rules\n\n{text}\n")


@pytest.mark.parametrize(
    "pattern",
    ["./finance/", ".", "../finance/", "a/./b", "finance/.", "[a-f]*.md", "{a,b}/", '"finance/"', "finance\\\\pay.md"],
)
def test_a_pattern_that_would_match_nothing_as_it_was_meant_is_refused(pattern: str) -> None:
    with pytest.raises(BadInputError, match="line 1: in a pattern only"):
        read_rules(f"{pattern} #finance")


@pytest.mark.parametrize(("written", "named"), [("NFC", "NFD"), ("NFD", "NFC")])
def test_an_accent_is_the_same_however_it_is_encoded(tmp_path: Path, written: str, named: str) -> None:
    (tmp_path / FILE).write_text(unicodedata.normalize(written, "Gehälter/ #finance\n"))  # type: ignore[arg-type]
    path = tmp_path / unicodedata.normalize(named, "Gehälter") / "pay.md"  # type: ignore[arg-type]
    assert FolderAudiences().of(str(path)) == read_audience("#finance")


def test_the_nearest_folder_decides_and_in_it_the_last_line(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / FILE).write_text("# all\n* #all\na/b/x.md nobody\n")
    (tmp_path / "a" / FILE).write_text("*.md #few\nb/y.md @leads, ada@example.com\n")
    folders = FolderAudiences()
    found = {name: folders.of(str(tmp_path / name)) for name in ("x.md", "a/x.md", "a/b/y.md", "a/b/x.md", "a/x.txt")}
    assert {name: write_audience(named or ()) for name, named in found.items()} == {
        "x.md": "#all",
        "a/x.md": "#few",
        "a/b/y.md": "@leads, ada@example.com",
        "a/b/x.md": "#few",
        "a/x.txt": "#all",
    }
    assert list(folders.take_problems()) == []


def test_without_a_word_of_any_folder_nothing_is_said(tmp_path: Path) -> None:
    assert FolderAudiences().of(str(tmp_path / "a.md")) is None


def _as_folder(file: Path) -> None:
    file.mkdir()


def _as_pipe(file: Path) -> None:
    os.mkfifo(file)


def _of_somebody_else(file: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can make a file of somebody else's")
    file.write_text("* workspace\n")
    os.chown(file, 65534, 65534)


@pytest.mark.parametrize(
    "make",
    [
        lambda file: file.write_text("* workspace\n* finance\n"),
        lambda file: file.write_bytes(b"* workspace\n\xff\xfe"),
        lambda file: file.write_bytes(b"* workspace\n" + b"#" * 1_100_000),
        lambda file: file.symlink_to("nowhere"),
        _as_folder,
        _as_pipe,
        _of_somebody_else,
    ],
)
def test_a_word_that_cannot_be_read_hides_all_below_it(tmp_path: Path, make: object) -> None:
    (tmp_path / "a").mkdir()
    make(tmp_path / FILE)  # type: ignore[operator]
    folders = FolderAudiences()
    for name in ("x.md", "a/x.md"):
        assert folders.of(str(tmp_path / name)) == NOBODY
    [(file, reason)] = folders.take_problems()
    assert file == str(tmp_path / FILE) and "for nobody" in reason


def test_a_folder_below_may_still_say_for_whom_its_files_are(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / FILE).write_text("broken\n")
    (tmp_path / "a" / FILE).write_text("* #finance\n")
    assert FolderAudiences().of(str(tmp_path / "a" / "x.md")) == read_audience("#finance")
