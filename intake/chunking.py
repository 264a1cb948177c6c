"""A document becomes passages: whole sections where they fit, longer ones cut recursively; pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, takewhile

from intake.extract import Section


@dataclass(frozen=True, slots=True)
class Piece:
    """A passage, the headings above it, "Benefits > Leave" or "", and where it opens: "#page=3", or ""."""

    section: str
    text: str
    place: str = ""


Shares = Callable[[Sequence[Piece]], Sequence[float]]
"""How much of its budget an encoder would take each passage for; of what is over 1 it wouldn't read the end."""

SMALLEST = 100
"""Characters of a passage that isn't cut any more."""

MOST_CONTEXT = 0.5
"""Share of what an encoder reads that title and headings may take; the rest is for a passage's own text."""


def split_document(
    sections: Iterable[Section], chunk_size: int = 1000, chunk_overlap: int = 200, shares: Shares | None = None
) -> list[Piece]:
    """Cuts a document's sections into passages of at most `chunk_size` characters, in their order.

    Neighbouring sections of one place that fit into one passage together share it, each under its heading: a list
    alone, cut off from the sentence that says what it lists, is hard to find. A longer section is split recursively,
    its passages sharing up to `chunk_overlap` characters. A table or a block of code is cut only where it is longer
    than a passage: then each of its passages begins with its header, or is fenced as it is. What an encoder wouldn't
    read to its end, as `shares` tells, is cut into as many passages of like length as it takes; code and Chinese have
    more tokens to a character than prose. Headings that would leave a passage less than half of that are left out, the
    outermost first, or shortened, and then are text of the first passage below them. Passages without a letter or digit
    are left out.
    """
    packs = [
        (path, text, place)
        for place, own in groupby(sections, key=lambda section: section.place)
        for path, text in _merge(own, chunk_size)
    ]
    if shares is not None:
        packs = _with_room(packs, shares)
    pieces = [
        Piece(" > ".join(path), passage, place)
        for path, text, place in packs
        for passage in _split(text, chunk_size, chunk_overlap)
    ]
    return pieces if shares is None else list(_within_budget(pieces, chunk_overlap / chunk_size, shares))


def shorten_to(text: str, fits: Callable[[str], bool]) -> str:
    """The text, or as much of its beginning as fits, with "…" behind it; empty where nothing does."""
    if not text or fits(text):
        return text
    least, most = 0, len(text)
    while most - least > 1:
        middle = (least + most) // 2
        least, most = (middle, most) if fits(f"{text[:middle].rstrip()}…") else (least, middle)
    return f"{text[:least].rstrip()}…" if least else ""


_Pack = tuple[tuple[str, ...], str, str]


def _with_room(packs: Sequence[_Pack], shares: Shares) -> list[_Pack]:
    """The packs under paths that leave room for text; what a path lost stands once, before the first text below it."""
    paths = list(dict.fromkeys(path for path, _, _ in packs))
    taken = shares([Piece(" > ".join(path), "") for path in paths])
    fitted = {
        path: _fitting_path(path, shares) for path, share in zip(paths, taken, strict=True) if share > MOST_CONTEXT
    }
    told: set[tuple[str, ...]] = set()
    roomy = []
    for path, text, place in packs:
        kept = fitted.get(path, path)
        above = [path[: level + 1] for level, name in enumerate(path) if name not in kept]
        lost = [own[-1] for own in above if own not in told]
        told.update(above)
        roomy.append((kept, "\n\n".join([*lost, text]), place))
    return roomy


def _fitting_path(path: tuple[str, ...], shares: Shares) -> tuple[str, ...]:
    def fits(headings: Sequence[str]) -> bool:
        return shares([Piece(" > ".join(headings), "")])[0] <= MOST_CONTEXT

    for level in range(1, len(path)):
        if fits(("…", *path[level:])):
            return "…", *path[level:]
    above = ("…",) * (len(path) > 1)
    nearest = shorten_to(path[-1], lambda name: fits((*above, name))) if path else ""
    return (*above, nearest) if nearest else ()


def _split(text: str, chunk_size: int, chunk_overlap: int) -> list[str]:
    from intake.splitting import MarkdownSplitter  # LangChain's, which takes a while to load

    passages = MarkdownSplitter(chunk_size=chunk_size, chunk_overlap=chunk_overlap).split_text(text)
    return [passage for passage in passages if any(char.isalnum() for char in passage)]


def _within_budget(pieces: Sequence[Piece], overlap: float, shares: Shares) -> Iterator[Piece]:
    """The pieces, those over the budget cut again and again; `overlap` is a share of a passage."""
    for piece, share in zip(pieces, shares(pieces), strict=True):
        if share <= 1 or len(piece.text) <= SMALLEST:
            yield piece
            continue
        for parts in range(math.ceil(share), len(piece.text)):
            # so many passages, each but the first beginning with the end of the one before; a little more, since none
            # ends in the middle of a word
            size = max(SMALLEST, math.ceil(1.05 * len(piece.text) / (parts - (parts - 1) * overlap)))
            cut = _split(piece.text, size, int(size * overlap)) or [piece.text]
            is_shorter = max(map(len, cut)) < len(piece.text)
            if size == SMALLEST or is_shorter:
                break
        smaller = [replace(piece, text=text) for text in cut]
        yield from _within_budget(smaller, overlap, shares) if is_shorter else smaller


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
