"""Files and folders as a source: whatever lies under the paths that a person named."""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import islice
from pathlib import Path
from urllib.parse import unquote_to_bytes

from db.corpus import NamedAudience
from db.errors import BadInputError
from intake.sources.beneath import open_beneath, open_folder
from intake.sources.folder_audiences import FolderAudiences
from intake.sources.listing import (
    MAX_FILE_BYTES,
    NO_FILE,
    TOO_LARGE,
    file_uri,
    list_files,
    paths_of,
    printable,
    reason_of,
)
from intake.sources.source import AudienceOf, Failure, Gone, KnownUnder, Listed, Page

_PAGE_FILES = 256


class Files:
    """The files under some paths, each for whom its folders say, else for one audience.

    What folders say is looked up by `audience_id_of`; without it nobody asks them.

    Nothing but its bytes tells whether a file changed: one that was touched has the same, one that was written twice
    within a tick of the clock has others at the same size and time. So each listing is whole, and tells no versions.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        audience_id: int | None = None,
        audience_id_of: Callable[[NamedAudience], int] | None = None,
    ) -> None:
        self._roots = {os.path.abspath(path): os.fspath(path) for path in paths}
        self._audience_id = audience_id
        self._audience_id_of = audience_id_of
        self._left_out: Counter[str] = Counter()
        self._paths_of = cache(paths_of)  # of the folders alone, once each: it asks the disk for every part of a path

    def changes(self, cursor: str | None) -> Iterator[Page]:
        """Every file, once and in a stable order, without keeping them in memory.

        What a folder says wrongly of who may see its files is a failure of its own.
        """
        folders = FolderAudiences()
        total = sum(1 for _ in list_files(self._roots, self._audience_id, Counter()))
        self._left_out.clear()
        found = list_files(self._roots, self._audience_id, self._left_out)
        while changes := list(islice(found, _PAGE_FILES)):
            changes = [self._for_its_readers(change, folders) for change in changes]
            problems = [Failure(printable(file), reason) for file, reason in folders.take_problems()]
            total += len(problems)
            yield Page([*problems, *changes], total)

    def fetch(self, uri: str) -> bytes:
        """The file's bytes; whoever swaps a folder or a link meanwhile can't have another folder's file read.

        Raises:
            BadInputError: it can't be read or is too large; the message is a reason without the file's name.
        """
        root, parts = self._place(file_path(uri))
        try:
            with self._open(root, parts) as descriptor:
                return _read(descriptor)
        except OSError as error:
            raise BadInputError(reason_of(error)) from None

    def gone(self, known_under: KnownUnder) -> Iterator[Gone]:
        """Documents whose files are gone, under the folders that were named or were there when they were read in."""
        for root, shown in self._roots.items():
            is_there = os.path.isdir(root)
            if not is_there and os.path.lexists(root):
                continue
            known = [uri for uris in known_under(file_uri(root).rstrip("/") + "/") for uri in uris]
            if not is_there:
                known += [uri for uris in known_under(file_uri(root)) for uri in uris if uri == file_uri(root)]
            if gone := [uri for uri in known if is_gone(uri)]:
                yield Gone(shown, len(known), gone, is_there, self._word())

    def left_out(self) -> Counter[str]:
        """How many files in the folders have no suffix that is looked for, by suffix; hidden ones aside."""
        return +self._left_out

    def is_gone(self, uri: str) -> bool:
        """Whether it is the address of a file that surely isn't there any more, in whatever folder it was."""
        return uri.startswith("file://") and is_gone(uri)

    def _word(self) -> AudienceOf | None:
        if self._audience_id_of is None:
            return None
        return FolderAudiences().teller(file_path, self._audience_id_of, self._audience_id)

    def _for_its_readers(self, change: Listed | Failure, folders: FolderAudiences) -> Listed | Failure:
        if self._audience_id_of is None:
            return change
        path_of = file_path
        if isinstance(change, Listed) and folders.of(file_path(change.uri)) is None:
            path_of = _path_without_links  # what is in a folder for some is theirs wherever a link shows it
        return folders.address(change, path_of, self._audience_id_of, self._audience_id)

    def _place(self, path: str) -> tuple[str, list[str]]:
        """The path among those named that this one is or lies under, and the names that lead from there to it."""
        root, parts = path, list[str]()
        while root not in self._roots:
            root, name = os.path.split(root)
            if not name:
                raise BadInputError("it is not under the paths that were named")
            parts.insert(0, name)
        return root, parts

    @contextmanager
    def _open(self, root: str, parts: Sequence[str]) -> Iterator[int]:
        if parts:
            with open_folder(root) as folder, open_beneath(folder, self._paths_of(root), parts) as opened:
                yield opened.descriptor
        else:
            # a pipe that took the file's place meanwhile must not make us wait
            descriptor = os.open(root, os.O_RDONLY | os.O_NONBLOCK)
            try:
                yield descriptor
            finally:
                os.close(descriptor)


def file_path(uri: str) -> str:
    """The absolute path of a file by its address."""
    return os.fsdecode(unquote_to_bytes(uri.removeprefix("file://")))


def _path_without_links(uri: str) -> str:
    path = file_path(uri)
    return os.path.realpath(path) if os.path.islink(path) else path


def is_gone(uri: str) -> bool:
    """Whether there is surely no such file any more; one that merely can't be looked at is still there."""
    try:
        return stat.S_ISDIR(os.lstat(file_path(uri)).st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False


def _read(descriptor: int) -> bytes:
    """The bytes of what is open, which may be something else than it was when it was listed."""
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        raise BadInputError(NO_FILE)
    with open(descriptor, "rb", closefd=False) as stream:
        data = stream.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise BadInputError(TOO_LARGE)
    return data
