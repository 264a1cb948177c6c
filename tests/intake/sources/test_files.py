"""Files come once, in order, and are read from under what was named; what can't be is named with the reason."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.errors import BadInputError
from intake.sources.files import Files, file_path, is_gone
from intake.sources.listing import MAX_FILE_BYTES, file_uri
from intake.sources.source import Failure, Gone, Listed

NOBODY = 65534


def put(path: Path, text: str = "text") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def listed(*paths: Path) -> list[Listed]:
    changes = [change for page in Files(paths).changes(None) for change in page.changes]
    assert all(page.total == len(changes) for page in Files(paths).changes(None))
    return [change for change in changes if isinstance(change, Listed)]


def found(*paths: Path) -> list[str]:
    return [os.path.basename(file.name) for file in listed(*paths)]


def failures(*paths: Path) -> dict[str, str]:
    changes = (change for page in Files(paths).changes(None) for change in page.changes)
    return {os.path.basename(change.name): change.reason for change in changes if isinstance(change, Failure)}


def test_each_file_comes_once_however_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = put(tmp_path / "b" / "c.md")
    put(tmp_path / "a.md")
    monkeypatch.chdir(tmp_path)
    assert sorted(found(tmp_path, Path("b"), inner, Path("."), Path("b/../a.md"))) == ["a.md", "c.md"]


def test_an_address_is_the_same_from_any_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "docs" / "plan 50%#é.md")
    uris = set()
    for place, path in ((tmp_path, "docs"), (tmp_path / "docs", "."), (tmp_path, str(tmp_path / "docs"))):
        monkeypatch.chdir(place)
        uris |= {file.uri for file in listed(Path(path))}
    assert uris == {(tmp_path / "docs" / "plan 50%#é.md").as_uri()}


def test_a_name_that_is_no_utf8_is_read_and_shown(tmp_path: Path) -> None:
    path = os.path.join(os.fsencode(tmp_path), b"caf\xe9.md")
    with open(path, "wb") as stream:
        stream.write(b"text")
    (file,) = listed(tmp_path)
    file.name.encode()
    assert file.uri.isascii()
    assert Files([tmp_path]).fetch(file.uri) == b"text"
    assert not is_gone(file.uri)


@pytest.mark.parametrize("swapped", ["folder", "folder/inner", "folder/inner/a.md"])
def test_what_is_swapped_for_a_link_between_finding_and_reading_is_not_read_outside(
    tmp_path: Path, swapped: str
) -> None:
    put(tmp_path / "outside" / "inner" / "a.md", "secret")
    root = tmp_path / "root"
    put(root / "folder" / "inner" / "a.md")
    (file,) = listed(root)
    (root / swapped).rename(tmp_path / "was")
    (root / swapped).symlink_to(tmp_path / "outside" / swapped.removeprefix("folder").strip("/"))
    with pytest.raises(BadInputError, match="leads out"):
        Files([root]).fetch(file.uri)


@pytest.fixture
def own_folder(homes: Path) -> Iterator[Path]:
    """A folder of somebody who isn't root, since root may read everything; the test is that person meanwhile."""
    folder = Path(tempfile.mkdtemp(dir=homes))
    root = os.geteuid() == 0
    if root:
        os.chown(folder, NOBODY, -1)
        os.seteuid(NOBODY)
    yield folder
    if root:
        os.seteuid(0)


def test_what_one_may_not_read_is_named(own_folder: Path) -> None:
    tmp_path = own_folder
    closed = put(tmp_path / "closed" / "a.md").parent
    file = put(tmp_path / "b.md")
    file.chmod(0)
    closed.chmod(0)
    try:
        assert failures(tmp_path) == {"closed": "you are not allowed to read it"}
        assert failures(closed) == {"closed": "you are not allowed to read it"}
        (closed_file,) = listed(file)
        with pytest.raises(BadInputError, match="not allowed"):
            Files([file]).fetch(closed_file.uri)
        assert not is_gone(file_uri(str(closed / "a.md")))
    finally:
        closed.chmod(0o700)


def test_a_file_that_changes_between_finding_and_reading_is_named(tmp_path: Path) -> None:
    path = put(tmp_path / "a.md")
    (file,) = listed(tmp_path)
    with path.open("wb") as stream:
        stream.truncate(MAX_FILE_BYTES + 1)
    with pytest.raises(BadInputError, match="20 MB"):
        Files([tmp_path]).fetch(file.uri)
    path.unlink()
    with pytest.raises(BadInputError, match="no such"):
        Files([tmp_path]).fetch(file.uri)
    os.mkfifo(path)
    with pytest.raises(BadInputError, match="not a file"):
        Files([tmp_path]).fetch(file.uri)


def test_what_was_not_named_is_not_read(tmp_path: Path) -> None:
    outside = put(tmp_path / "outside" / "secret.md")
    source = Files([put(tmp_path / "root" / "a.md").parent])
    for path in (str(outside), str(outside.parent), f"{tmp_path}/root/../outside/secret.md", "/"):
        with pytest.raises(BadInputError):
            source.fetch(file_uri(path))


def test_files_are_for_the_audience_that_is_named(tmp_path: Path) -> None:
    put(tmp_path / "a.md")
    ((change,),) = (page.changes for page in Files([tmp_path], audience_id=7).changes(None))
    assert isinstance(change, Listed) and change.audience_id == 7


def test_many_files_come_in_pages(tmp_path: Path) -> None:
    for number in range(257):
        put(tmp_path / f"{number}.md")
    assert [len(page.changes) for page in Files([tmp_path]).changes(None)] == [256, 1]


def test_what_is_gone_is_told_folder_by_folder_with_all_that_is_known(tmp_path: Path) -> None:
    here, gone = file_uri(str(put(tmp_path / "a" / "here.md"))), file_uri(str(tmp_path / "a" / "gone.md"))
    missing = str(tmp_path / "missing")
    stored = {f"{file_uri(missing)}/c.md", file_uri(missing), f"{file_uri(missing)}-not/d.md"}
    asked: list[str] = []

    def known_under(prefix: str) -> Iterator[list[str]]:
        asked.append(prefix)
        yield from [[here], [here, gone]] if prefix.endswith("/a/") else [sorted(stored)]

    source = Files([tmp_path / "a", put(tmp_path / "named.md")])
    assert list(source.gone(known_under)) == [Gone(str(tmp_path / "a"), 3, [gone])]
    assert asked == [file_uri(str(tmp_path / "a")) + "/"]


def test_of_a_folder_that_is_missing_itself_all_is_gone(tmp_path: Path) -> None:
    root = file_uri(str(tmp_path / "docs"))
    stored = [root, f"{root}/a.md", f"{root}-of-others/b.md"]

    def known_under(prefix: str) -> Iterator[list[str]]:
        yield [uri for uri in stored if uri.startswith(prefix)]

    [gone] = Files([tmp_path / "docs"]).gone(known_under)
    assert gone == Gone(str(tmp_path / "docs"), 2, [f"{root}/a.md", root], is_there=False)
    assert list(Files([tmp_path / "never"]).gone(known_under)) == []


@pytest.mark.parametrize(("known", "n_gone", "is_there", "large"), [
    (10, 3, True, False), (10, 4, True, True), (3, 1, True, True), (1000, 1, False, True), (5, 5, True, True),
])  # fmt: skip
def test_more_than_three_tenths_are_much(known: int, n_gone: int, is_there: bool, large: bool) -> None:
    assert Gone("docs", known, ["uri"] * n_gone, is_there).is_large is large


@pytest.mark.parametrize("name", [b"plan 50%#\xc3\xa9?.md", b"caf\xe9.md", b"a\nb.md"])
def test_an_address_leads_back_to_its_path(name: bytes) -> None:
    path = os.fsdecode(b"/docs/" + name)
    assert file_path(file_uri(path)) == path


def test_only_what_is_surely_gone_is_gone(tmp_path: Path) -> None:
    path = put(tmp_path / "a.md")
    assert not is_gone(file_uri(str(path)))
    assert is_gone(file_uri(str(tmp_path / "b.md")))
    assert is_gone(file_uri(str(path / "under-a-file.md")))
    path.unlink()
    path.mkdir()
    assert is_gone(file_uri(str(path)))
