"""Files are found once, in order, and what can't be read is named."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.files import MAX_FILE_BYTES, Failure, FoundFile, file_uri, find_files, is_gone, read_file
from db.errors import BadInputError

NOBODY = 65534


def put(path: Path, text: str = "text") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def found(*paths: Path) -> list[str]:
    return [os.path.basename(file.path) for file in find_files(paths) if isinstance(file, FoundFile)]


def failures(*paths: Path) -> dict[str, str]:
    return {os.path.basename(file.path): file.reason for file in find_files(paths) if isinstance(file, Failure)}


def test_documents_at_any_depth_are_found_and_nothing_else(tmp_path: Path) -> None:
    for name in ("b/c.MD", "a.txt", "b/a.html", ".git/x.md", ".hidden.md", "b/picture.png", "b/LICENSE", "z.markdown"):
        put(tmp_path / name)
    assert found(tmp_path) == ["a.txt", "z.markdown", "a.html", "c.MD"]


def test_a_file_that_is_named_may_be_hidden_and_have_any_suffix(tmp_path: Path) -> None:
    assert found(put(tmp_path / ".notes"), put(tmp_path / "LICENSE")) == [".notes", "LICENSE"]


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
        uris |= {file.uri for file in find_files([Path(path)]) if isinstance(file, FoundFile)}
    assert uris == {(tmp_path / "docs" / "plan 50%#é.md").as_uri()}


def test_a_name_that_is_no_utf8_is_read_and_shown(tmp_path: Path) -> None:
    path = os.path.join(os.fsencode(tmp_path), b"caf\xe9.md")
    with open(path, "wb") as stream:
        stream.write(b"text")
    (file,) = find_files([tmp_path])
    assert isinstance(file, FoundFile)
    file.path.encode()
    assert file.uri.isascii()
    assert read_file(file) == b"text"
    assert not is_gone(file.uri)


def test_links_to_what_is_found_by_itself_add_nothing_and_those_that_lead_out_are_named(tmp_path: Path) -> None:
    outside = put(tmp_path / "outside" / "secret.md")
    root = tmp_path / "root"
    put(root / "docs" / "a.md")
    (root / "same.md").symlink_to(root / "docs" / "a.md")
    (root / "again").symlink_to(root, target_is_directory=True)
    (root / "out.md").symlink_to(outside)
    (root / "away").symlink_to(outside.parent, target_is_directory=True)
    (root / "broken.md").symlink_to(root / "nothing")
    assert found(root) == ["a.md"]
    named = failures(root)
    assert set(named) == {"out.md", "away", "broken.md"}
    assert "leads out" in named["out.md"] and "leads out" in named["away"]
    assert found(root / "out.md") == ["out.md"]


def texts(root: Path) -> dict[str, str]:
    return {
        os.path.relpath(file.path, root): read_file(file).decode()
        for file in find_files([root])
        if isinstance(file, FoundFile)
    }


def test_links_to_what_would_not_be_found_inside_the_folder_are_followed(tmp_path: Path) -> None:
    put(tmp_path / "mounted" / "..2026_01_01" / "vpn.md", "vpn")
    (tmp_path / "mounted" / "..data").symlink_to("..2026_01_01")
    (tmp_path / "mounted" / "vpn.md").symlink_to("..data/vpn.md")
    put(tmp_path / "synced" / ".trees" / "abc" / "in" / "printer.md", "printer")
    (tmp_path / "synced" / "current").symlink_to(".trees/abc")
    (tmp_path / "synced" / ".trees" / "abc" / "in" / "circle").symlink_to("../..")
    put(tmp_path / "GUIDE", "guide")
    (tmp_path / "guide.md").symlink_to(tmp_path / "GUIDE")
    (tmp_path / "guide2.md").symlink_to("synced/../GUIDE")
    assert texts(tmp_path) == {"mounted/vpn.md": "vpn", "synced/current/in/printer.md": "printer", "guide.md": "guide"}
    assert not failures(tmp_path)


def test_links_that_run_in_a_circle_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.md").symlink_to("b.md")
    (tmp_path / "b.md").symlink_to("a.md")
    put(tmp_path / "c.md")
    assert set(failures(tmp_path)) == {"a.md", "b.md"}
    assert found(tmp_path) == ["c.md"]


@pytest.mark.parametrize("swapped", ["folder", "folder/inner", "folder/inner/a.md"])
def test_what_is_swapped_for_a_link_between_finding_and_reading_is_not_read_outside(
    tmp_path: Path, swapped: str
) -> None:
    put(tmp_path / "outside" / "inner" / "a.md", "secret")
    root = tmp_path / "root"
    put(root / "folder" / "inner" / "a.md")
    (file,) = (item for item in find_files([root]) if isinstance(item, FoundFile))
    (root / swapped).rename(tmp_path / "was")
    (root / swapped).symlink_to(tmp_path / "outside" / swapped.removeprefix("folder").strip("/"))
    with pytest.raises(BadInputError, match="leads out"):
        read_file(file)


def test_what_cannot_be_read_is_named_with_the_reason(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    with (tmp_path / "large.md").open("wb") as stream:
        stream.truncate(MAX_FILE_BYTES + 1)
    deep = tmp_path / Path(*["%" * 240] * 4)
    put(deep / "long.md")
    put(tmp_path / "good.md")
    named = failures(tmp_path, tmp_path / "missing.md")
    assert set(named) == {"pipe.md", "large.md", "long.md", "missing.md"}
    assert "20 MB" in named["large.md"] and "no such" in named["missing.md"]
    assert found(tmp_path) == ["good.md"]


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
        (found_file,) = (item for item in find_files([file]) if isinstance(item, FoundFile))
        with pytest.raises(BadInputError, match="not allowed"):
            read_file(found_file)
        assert not is_gone(file_uri(str(closed / "a.md")))
    finally:
        closed.chmod(0o700)


def test_a_file_that_changes_between_finding_and_reading_is_named(tmp_path: Path) -> None:
    path = put(tmp_path / "a.md")
    (file,) = (item for item in find_files([tmp_path]) if isinstance(item, FoundFile))
    with path.open("wb") as stream:
        stream.truncate(MAX_FILE_BYTES + 1)
    with pytest.raises(BadInputError, match="20 MB"):
        read_file(file)
    path.unlink()
    with pytest.raises(BadInputError, match="no such"):
        read_file(file)
    os.mkfifo(path)
    with pytest.raises(BadInputError, match="not a file"):
        read_file(file)


def test_only_what_is_surely_gone_is_gone(tmp_path: Path) -> None:
    path = put(tmp_path / "a.md")
    assert not is_gone(file_uri(str(path)))
    assert is_gone(file_uri(str(tmp_path / "b.md")))
    assert is_gone(file_uri(str(path / "under-a-file.md")))
    path.unlink()
    path.mkdir()
    assert is_gone(file_uri(str(path)))
