"""Of a table the rows that matter, of a list the items: those with the question's words; pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bot.quoting.pieces import Piece
from bot.quoting.vocabulary import Words
from bot.quoting.wording import Shares, Wording

SHORT_ITEMS = 3
"""So few are always quoted together."""

MAX_ITEMS = 12
MAX_CHARS = 900
"""Steps are quoted whole up to here, and so is any list in which no item has words of the question's."""

TELLING = 0.1
"""The share of the question's words, by their weight, that an item must have to be told from the others by them."""

OF_THE_BEST = 0.5
"""Items with this much of what the best one has are quoted beside it, and those with a word that no better one has.
Only of a word that is this likely meant, as by its cosine, an item has anything."""


def find_items(piece: Piece, of_items: Sequence[Words], wording: Wording) -> list[int]:
    """The places of what of a piece matters to the question, ascending; at least one.

    Args:
        piece: a list, a table, or what has one item.
        of_items: the words of each item.
        wording: the question's.
    """
    every = list(range(len(piece.items)))
    fits = len(every) <= MAX_ITEMS and len(piece.text) <= MAX_CHARS
    if len(every) <= SHORT_ITEMS or (fits and piece.kind == "steps"):
        return every
    having = _telling_apart(piece, [wording.having(words) for words in of_items], wording)
    having = [np.where(shares >= OF_THE_BEST, shares, 0.0) for shares in having]
    weights = [wording.weigh(shares) for shares in having]
    best = max(weights)
    if best < TELLING:
        return every if fits else _that_fit(piece, every)
    kept: list[int] = []
    said = np.zeros(len(wording.forms))
    for place in sorted(every, key=lambda place: -weights[place]):
        if weights[place] >= OF_THE_BEST * best or (having[place] > said).any():
            kept.append(place)
            said = np.maximum(said, having[place])
    return _that_fit(piece, kept)


def _telling_apart(piece: Piece, having: list[Shares], wording: Wording) -> list[Shares]:
    """What a table's rows have beyond what all of them have, as its columns' names, if that tells any."""
    if piece.kind != "table":
        return having
    common = np.min(having, axis=0)
    beyond = [np.where(shares > common, shares, 0.0) for shares in having]
    return beyond if max(map(wording.weigh, beyond)) >= TELLING else having


def _that_fit(piece: Piece, places: Sequence[int]) -> list[int]:
    """The first of these places whose items are together what people read, ascending."""
    kept, room = [places[0]], MAX_CHARS - len(piece.items[places[0]])
    for place in places[1:MAX_ITEMS]:
        room -= len(piece.items[place])
        if room < 0:
            break
        kept.append(place)
    return sorted(kept)
