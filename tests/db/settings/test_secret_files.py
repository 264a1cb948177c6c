"""Secrets in files: read whole and stripped, or refused by the variable's name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from db.settings.secret_files import FILE_LIMIT_BYTES, read_secret_files

NAME = "NIGHTSHIFT_LLM_API_KEY"


def read(path: object, **others: str) -> tuple[dict[str, str], list[str]]:
    return read_secret_files({f"{NAME}_FILE": str(path)} | others, [NAME, "NIGHTSHIFT_OTHER"])


@pytest.mark.parametrize("content", [b"sk-1", b"sk-1\n", b"\xef\xbb\xbfsk-1\r\n", b'"sk-1"\n', b"\n sk-1 \n\n"])
def test_a_content_is_stripped(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "key").write_bytes(content)
    assert read(tmp_path / "key") == ({NAME: "sk-1"}, [])
    assert read(f" {tmp_path / 'key'}\n") == ({NAME: "sk-1"}, [])


def test_a_link_as_kubernetes_makes_it(tmp_path: Path) -> None:
    (tmp_path / "..data").mkdir()
    (tmp_path / "..data" / "key").write_text("sk-1\n")
    (tmp_path / "key").symlink_to(Path("..data") / "key")
    assert read(tmp_path / "key") == ({NAME: "sk-1"}, [])


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"x" * (FILE_LIMIT_BYTES + 1), "longer than 16,384 bytes"),
        ("sk-1".encode("utf-16"), "UTF-8"),
    ],
)
def test_what_holds_no_secret_is_named(tmp_path: Path, content: bytes, problem: str) -> None:
    (tmp_path / "hunter2").write_bytes(content)
    found, [sentence] = read(tmp_path / "hunter2")
    assert found == {}
    assert sentence.startswith(f"{NAME}_FILE: ") and problem in sentence
    assert "hunter2" not in sentence and "sk-1" not in sentence


def test_what_is_not_there_or_no_file_is_named(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path, problem in (
        (tmp_path / "hunter2", "No such file"),
        (tmp_path, "no plain file"),
        (tmp_path / "pipe", "no plain file"),  # and nobody waits for what is in it
        ("~nobody-of-that-name/key", "can't be read"),
        ("/" + "x" * 5_000, "can't be read"),
    ):
        found, [sentence] = read(path)
        assert found == {} and problem in sentence and "hunter2" not in sentence


def test_both_ways_at_once_are_refused(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("sk-1")
    found, [sentence] = read(tmp_path / "key", **{NAME: "sk-2"})
    assert found == {}
    assert sentence == f"{NAME}_FILE: {NAME} is set as well; unset one of the two"
    assert read(tmp_path / "key", **{NAME: " "}) == ({NAME: "sk-1"}, [])


def test_no_file_is_no_secret() -> None:
    assert read("") == read(" ") == ({}, [])
