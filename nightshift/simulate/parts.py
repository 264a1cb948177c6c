"""Which questions judge and never come near the store, which are given as curated pairs, and which people ask."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrain.lesson import cluster_questions, normalise_question

HELD_OUT_SHARE, MAX_HELD_OUT = 1 / 3, 600
GOLDEN_SHARE, MAX_GOLDEN = 1 / 6, 150


@dataclass(frozen=True, slots=True)
class Parts:
    """Question ids: `held_out` judge, `golden` become curated pairs, `asked` are asked, in that order."""

    held_out: tuple[str, ...]
    golden: tuple[str, ...]
    asked: tuple[str, ...]


def split_questions(
    ids: Sequence[str],
    texts: Sequence[str],
    vectors: NDArray[np.float32],
    *,
    seed: int,
    golden: int | None = None,
) -> Parts:
    """Splits by a seeded hash of the questions' words, near-duplicates together, whatever the order they come in.

    Args:
        ids: n questions.
        texts: their texts.
        vectors: `(n, dim)` float32, L2-normalised.
        seed: of the hash.
        golden: how many become curated pairs, at most; a sixth of them, up to `MAX_GOLDEN`, unless it is given.
    """
    clusters: dict[int, list[int]] = {}
    for index, cluster in enumerate(cluster_questions(texts, vectors)):
        clusters.setdefault(int(cluster), []).append(index)

    def drawn(members: list[int]) -> bytes:
        words = min(normalise_question(texts[index]) for index in members)
        return hashlib.sha256(f"{seed}\x1f{words}".encode()).digest()

    room = {
        "held_out": min(MAX_HELD_OUT, int(len(ids) * HELD_OUT_SHARE)),
        "golden": min(MAX_GOLDEN, int(len(ids) * GOLDEN_SHARE)) if golden is None else golden,
        "asked": len(ids),
    }
    parts: dict[str, list[str]] = {name: [] for name in room}
    for members in sorted(clusters.values(), key=drawn):
        name = next(name for name in room if len(members) <= room[name])
        room[name] -= len(members)
        parts[name] += [ids[index] for index in members]
    return Parts(*(tuple(parts[name]) for name in ("held_out", "golden", "asked")))
