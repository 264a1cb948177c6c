"""The files of a commit, as git lists them; pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Literal

from db.errors import SourceError

_KIND_OF: dict[bytes, Literal["file", "link", "submodule"]] = {
    b"100644": "file",
    b"100664": "file",
    b"100755": "file",
    b"120000": "link",
    b"160000": "submodule",
}
_READ_BYTES = 1 << 16
MOST_FILES = 1_000_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of a tree: its path from the top, the hash of its content, and how many bytes that is."""

    path: bytes
    kind: Literal["file", "link", "submodule"]
    blob: str
    size: int


def read_tree(listing: IO[bytes]) -> Iterator[Entry]:
    r"""The entries of `git ls-tree -r -l -z`: "<mode> <type> <hash> <size>\t<path>\0", in the order of their paths.

    Raises:
        SourceError: there are more than a million.
    """
    for number, line in enumerate(_lines(listing)):
        if number == MOST_FILES:
            raise SourceError(f"It has more than {MOST_FILES:,} files; name the folders that are wanted, by --path.")
        about, _, path = line.partition(b"\t")
        mode, _, blob, size = about.split()
        if kind := _KIND_OF.get(mode):
            yield Entry(path, kind, blob.decode(), int(size) if size.isdigit() else 0)


def _lines(listing: IO[bytes]) -> Iterator[bytes]:
    left = b""
    while data := listing.read(_READ_BYTES):
        *whole, left = (left + data).split(b"\0")
        yield from whole
