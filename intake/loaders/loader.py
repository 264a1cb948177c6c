"""A loader of others as a source: LangChain's `BaseLoader`, or a LlamaIndex reader; whatever it gives is listed.

Loaders tell no changes, so each listing is whole, and a document's version is what its text comes to. What a loader
gives in parts of one document (pages, say), one after the other, is one document.
"""

from __future__ import annotations

import hashlib
import importlib
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any
from urllib.parse import quote, urlsplit

from db.errors import BadInputError, SourceError
from intake.loaders.told import ToldLoader
from intake.sources import MAX_FILE_BYTES, MAX_URI_CHARS, TOO_LARGE, Failure, Gone, KnownUnder, Listed, Page

_BY_CHANCE = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
"""An id that another run would make otherwise."""

_NAMED_BY = ("source", "url", "file_path", "path", "file_name", "id")
"""Where loaders say in their metadata what a document is from, the first that is there."""


class Loader:
    """What one loader gives, for one audience."""

    def __init__(self, entry: str, told: ToldLoader, audience_id: int | None) -> None:
        self._entry = entry
        self._told = told
        self._audience_id = audience_id
        self._prefix = f"loader:{entry}/"
        self._listed: set[str] = set()
        self._is_whole = False
        self._body: tuple[str, bytes] | None = None

    def changes(self, cursor: str | None) -> Iterator[Page]:
        """Everything, document by document; there is no cursor."""
        self._listed.clear()
        self._is_whole = False
        for name, parts in groupby(self._load(), key=lambda own: own[0]):
            yield Page([self._list(name, "\n\n".join(text for _, text in parts))], len(self._listed))
            self._body = None
        self._is_whole = True

    def fetch(self, uri: str) -> bytes:
        """The text of the document that was listed last."""
        if self._body is None or self._body[0] != uri:
            raise BadInputError("its loader gives it only while it lists it")
        return self._body[1]

    def is_gone(self, uri: str) -> bool:
        """Nothing surely is while the loader still gives documents."""
        return self._is_whole and uri.startswith(self._prefix) and uri not in self._listed

    def gone(self, known_under: KnownUnder) -> Iterator[Gone]:
        """What is stored of this loader, and it didn't give."""
        known = [uri for uris in known_under(self._prefix) for uri in uris]
        if gone := [uri for uri in known if uri not in self._listed]:
            yield Gone(self._entry, len(known), gone)

    def left_out(self) -> Mapping[str, int]:
        """Nothing is."""
        return {}

    def _list(self, name: str, text: str) -> Listed | Failure:
        uri = self._prefix + quote(name)
        if uri in self._listed:
            return Failure(name, "its loader gives it twice, with others between; give each its own `source`")
        self._listed.add(uri)
        if len(uri) > MAX_URI_CHARS:
            return Failure(name[:100], "its name is too long")
        data = text.encode("utf-8", "replace")
        if len(data) > MAX_FILE_BYTES:
            return Failure(name, TOO_LARGE, uri)
        self._body = uri, data
        version = hashlib.sha256(data).hexdigest()
        return Listed(uri, name, version, self._audience_id, f"{_file_stem(name)}.md")

    def _load(self) -> Iterator[tuple[str, str]]:
        """Name and text of each part; whatever goes wrong in another's code breaks the listing off."""
        try:
            for number, own in enumerate(self._made()):
                text = getattr(own, "page_content", None)
                text = own.get_content() if text is None else text
                yield _name_of(own, number), str(text)
        except SourceError:
            raise
        except Exception as error:  # its message may hold what it was made with
            raise SourceError(f"The loader {self._told.loader} fails ({type(error).__name__}).") from None

    def _made(self) -> Iterable[Any]:
        module, _, name = self._told.loader.rpartition(".")
        try:
            kind = getattr(importlib.import_module(module), name)
        except (ImportError, AttributeError):
            raise SourceError(f"There is no {self._told.loader} here; install what it is in.") from None
        made = kind(**self._told.with_secrets())
        load = getattr(made, "lazy_load", None) or getattr(made, "load_data", None)
        if load is None:
            raise SourceError(f"{self._told.loader} is no loader: it has neither lazy_load nor load_data.")
        documents: Iterable[Any] = load(**self._told.load)
        return documents


def _name_of(own: object, number: int) -> str:
    metadata = getattr(own, "metadata", None) or {}
    named = next((metadata[name] for name in _NAMED_BY if metadata.get(name)), None)
    own_id = str(getattr(own, "id", None) or getattr(own, "id_", None) or "")
    found = named or (not _BY_CHANCE.fullmatch(own_id) and own_id) or f"document {number}"
    return "".join(char for char in str(found) if char.isprintable()) or f"document {number}"


def _file_stem(name: str) -> str:
    """What it is called where its text has no title."""
    path = urlsplit(name).path if "://" in name else name
    return path.rstrip("/").rpartition("/")[2].rpartition(".")[0] or path.strip("/") or "document"
