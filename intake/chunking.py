"""A document becomes passages: whole sections where they fit, longer ones cut recursively; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import takewhile

from intake.extract import Section


@dataclass(frozen=True, slots=True)
class Piece:
    """A passage, and the headings above it: "Benefits > Leave", or ""."""

    section: str
    text: str


def split_document(sections: Iterable[Section], chunk_size: int = 1000, chunk_overlap: int = 200) -> list[Piece]:
    """Cuts a document's sections into passages of at most `chunk_size` characters, in their order.

    Neighbouring sections that fit into one passage together share it, each under its heading: a list alone, cut off
    from the sentence that says what it lists, is hard to find. A longer section is split recursively, its passages
    sharing up to `chunk_overlap` characters. A table or a block of code is cut only where it is longer than a passage:
    then each of its passages begins with its header, or is fenced as it is. Passages without a letter or digit are
    left out.
    """
    from intake.splitting import MarkdownSplitter  # LangChain's, which takes a while to load

    splitter = MarkdownSplitter(chunk_size=chunk_size, chunk_overlap=chunk_overlap)
    return [
        Piece(" > ".join(path), passage)
        for path, merged in _merge(sections, chunk_size)
        for passage in splitter.split_text(merged)
        if any(char.isalnum() for char in passage)
    ]


def _merge(sections: Iterable[Section], chunk_size: int) -> Iterator[tuple[tuple[str, ...], str]]:
    """Packs sections that fit together; a pack's path is what their headings share."""
    pack: list[Section] = []
    for section in sections:
        if pack and len(_written(_shared_path([*pack, section]), [*pack, section])) > chunk_size:
            yield _shared_path(pack), _written(_shared_path(pack), pack)
            pack = []
        pack.append(section)
    if pack:
        yield _shared_path(pack), _written(_shared_path(pack), pack)


def _shared_path(pack: list[Section]) -> tuple[str, ...]:
    paths = [section.path for section in pack]
    return tuple(names[0] for names in takewhile(lambda names: len(set(names)) == 1, zip(*paths, strict=False)))


def _written(path: tuple[str, ...], pack: list[Section]) -> str:
    """The sections' texts, each under those of its headings that the path doesn't tell."""
    parts = []
    above = path
    for section in pack:
        known = sum(1 for _ in takewhile(lambda names: names[0] == names[1], zip(above, section.path, strict=False)))
        parts += [f"{'#' * (level + 1)} {section.path[level]}" for level in range(known, len(section.path))]
        parts.append(section.text)
        above = section.path
    return "\n\n".join(parts)
