"""Files are listed once: those that were named, and those in folders, behind links that stay inside."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

from intake.sources.files import Files
from intake.sources.listing import MAX_FILE_BYTES, list_files
from intake.sources.source import Failure, Listed


def put(path: Path, text: str = "text") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def find(*paths: Path) -> list[Listed | Failure]:
    return list(list_files({str(path): str(path) for path in paths}, None, Counter()))


def found(*paths: Path) -> list[str]:
    return [os.path.basename(file.name) for file in find(*paths) if isinstance(file, Listed)]


def failures(*paths: Path) -> dict[str, str]:
    return {os.path.basename(file.name): file.reason for file in find(*paths) if isinstance(file, Failure)}


def test_documents_at_any_depth_are_found_and_nothing_else(tmp_path: Path) -> None:
    for name in ("b/c.MD", "a.txt", "b/a.html", ".git/x.md", ".hidden.md", "b/picture.png", "b/LICENSE", "z.markdown"):
        put(tmp_path / name)
    assert found(tmp_path) == ["a.txt", "z.markdown", "a.html", "c.MD"]


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
        os.path.relpath(file.name, root): Files([root]).fetch(file.uri).decode()
        for file in find(root)
        if isinstance(file, Listed)
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


def test_a_file_that_is_named_may_be_hidden_and_have_any_suffix(tmp_path: Path) -> None:
    assert found(put(tmp_path / ".notes"), put(tmp_path / "LICENSE")) == [".notes", "LICENSE"]


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


def test_what_was_named_itself_is_listed_apart_from_its_folder(tmp_path: Path) -> None:
    put(tmp_path / "a.md")
    inner = put(tmp_path / "inner" / "b.md").parent
    assert found(tmp_path, inner) == ["a.md", "b.md"]
    assert found(inner, tmp_path) == ["b.md", "a.md"]


def test_files_of_other_kinds_are_counted_once_by_kind(tmp_path: Path) -> None:
    for name in ("a.MOV", "b/c.mov", "d.psd", "LICENSE", "x.tar.gz", "a.md", ".env", ".git/config", "b/.hidden/e.mov"):
        put(tmp_path / name)
    (tmp_path / "same.mov").symlink_to("a.MOV")
    (tmp_path / "linked.mov").symlink_to("b/.hidden/e.mov")
    (tmp_path / "again").symlink_to("b", target_is_directory=True)
    (tmp_path / "hidden").symlink_to("b/.hidden", target_is_directory=True)
    put(tmp_path / "named.xyz")
    put(tmp_path / "GUIDE")
    for link in ("Guide.md", "a-guide.md"):
        (tmp_path / link).symlink_to("GUIDE")
    left_out: Counter[str] = Counter()
    roots = {str(path): str(path) for path in (tmp_path, tmp_path / "named.xyz")}
    assert len(list(list_files(roots, None, left_out))) == 3
    assert left_out == {".mov": 3, ".psd": 1, "without a suffix": 1, ".gz": 1}


def test_what_package_managers_and_minifiers_write_is_counted_and_not_read(tmp_path: Path) -> None:
    for name in (
        "package.json",
        "app.js",
        "package-lock.json",
        "pnpm-lock.yaml",
        "lib.MIN.js",
        "a.min.css",
        "a.js.map",
    ):
        (tmp_path / name).write_text("x")
    for folder in ("web/node_modules/left-pad", "lib/site-packages"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "README.md").write_text("x")
    left_out: Counter[str] = Counter()
    found = [listed.name for listed in list_files({str(tmp_path): "."}, None, left_out)]
    assert found == ["app.js", "package.json"]
    kinds = ("package-lock.json", "pnpm-lock.yaml", ".min.js", ".min.css", ".map", "node_modules/", "site-packages/")
    assert left_out == dict.fromkeys(kinds, 1)
    named = tmp_path / "package-lock.json"
    assert len(list(list_files({str(named): "package-lock.json"}, None, left_out))) == 1
