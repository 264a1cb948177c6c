"""A commit's files as `git ls-tree -r -l -z` lists them."""

from __future__ import annotations

import io

import pytest

from db.errors import SourceError
from intake.repositories import tree
from intake.repositories.tree import Entry, read_tree

LINES = [
    b"100644 blob aa      12\tdocs/a b.md",
    b"100755 blob bb       0\tx\ny.md",
    b"120000 blob cc       4\tlink",
    b"160000 commit dd       -\tsub",
    b"100644 blob ee 25000000\t\xff.md",
]


def test_entries_whatever_their_names_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "_READ_BYTES", 7)
    assert list(read_tree(io.BytesIO(b"".join(line + b"\0" for line in LINES)))) == [
        Entry(b"docs/a b.md", "file", "aa", 12),
        Entry(b"x\ny.md", "file", "bb", 0),
        Entry(b"link", "link", "cc", 4),
        Entry(b"sub", "submodule", "dd", 0),
        Entry(b"\xff.md", "file", "ee", 25_000_000),
    ]


def test_too_many_are_refused_before_they_fill_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "MOST_FILES", 2)
    with pytest.raises(SourceError, match="--path"):
        list(read_tree(io.BytesIO(b"".join(line + b"\0" for line in LINES))))
