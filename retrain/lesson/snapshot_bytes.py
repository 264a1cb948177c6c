"""A snapshot as bytes and back, the same to the last bit and in the same order."""

from __future__ import annotations

import json
import zlib
from dataclasses import astuple, replace

from db.nights import TrainedQuestion
from retrain.lesson.labels import Anchor, Judgement
from retrain.lesson.snapshot import AnchorText, Snapshot


def pack_snapshot(snapshot: Snapshot) -> bytes:
    """Compressed JSON: whatever wrote it, reading it runs nothing."""
    content = {
        "judgements": [astuple(judgement) for judgement in snapshot.judgements],
        "chunks_of_pair": list(snapshot.chunks_of_pair.items()),
        "anchors": [(*anchor, *astuple(text)) for anchor, text in snapshot.anchors.items()],
        "explored": [(question, list(shown.items())) for question, shown in snapshot.explored.items()],
        "marked": sorted(snapshot.marked),
        "synthetic": list(snapshot.synthetic.items()),
        "trained": [astuple(own) for own in snapshot.trained],
        "lost": snapshot.lost,
    }
    return zlib.compress(json.dumps(content).encode())


def unpack_snapshot(packed: bytes) -> Snapshot:
    """What was packed."""
    content = json.loads(zlib.decompress(packed))
    return Snapshot(
        judgements=tuple(replace(Judgement(*values), beside=tuple(values[-1])) for values in content["judgements"]),
        chunks_of_pair={pair: tuple(chunks) for pair, chunks in content["chunks_of_pair"]},
        anchors={Anchor(kind, id_): _text(*values) for kind, id_, *values in content["anchors"]},
        explored={question: dict(shown) for question, shown in content["explored"]},
        marked=frozenset(content["marked"]),
        synthetic=dict(content["synthetic"]),
        trained=tuple(TrainedQuestion(*values) for values in content["trained"]),
        lost=content["lost"],
    )


def _text(text: str, asked_s: float, audience_ids: list[int] | None = None) -> AnchorText:
    """What was kept before audiences were has none."""
    return AnchorText(text, asked_s, None if audience_ids is None else tuple(audience_ids))
