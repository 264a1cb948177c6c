from __future__ import annotations

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from db.nights import TrainedQuestion
from retrain.lesson.labels import Anchor, Judgement
from retrain.lesson.snapshot import AnchorText, Snapshot
from retrain.lesson.snapshot_bytes import pack_snapshot, unpack_snapshot

IDS = st.integers(1, 2**62)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
JUDGEMENTS = st.builds(
    Judgement,
    person=st.text(),
    question_id=IDS,
    chunk_id=IDS,
    value=st.sampled_from([1, -1]),
    occurred_s=NUMBERS,
    weight=NUMBERS,
    reason=st.none() | st.text(),
    origin=st.sampled_from(["source", "answer"]),
    rank=st.none() | IDS,
    nearness=NUMBERS,
    beside=st.lists(IDS).map(tuple),
)
AUDIENCES = st.none() | st.lists(IDS).map(tuple)
ANCHORS = st.builds(Anchor, st.sampled_from(["question", "pair", "marked", "synthetic"]), IDS)
SNAPSHOTS = st.builds(
    Snapshot,
    judgements=st.lists(JUDGEMENTS).map(tuple),
    chunks_of_pair=st.dictionaries(IDS, st.lists(IDS).map(tuple)),
    anchors=st.dictionaries(ANCHORS, st.builds(AnchorText, st.text(), NUMBERS, AUDIENCES)),
    explored=st.dictionaries(IDS, st.dictionaries(IDS, NUMBERS)),
    marked=st.frozensets(IDS),
    synthetic=st.dictionaries(IDS, IDS),
    trained=st.lists(st.builds(TrainedQuestion, IDS, st.none() | IDS, st.none() | IDS, st.text())).map(tuple),
    lost=IDS,
)


@settings(max_examples=60, deadline=None)
@given(SNAPSHOTS)
def test_what_is_packed_comes_back_the_same_and_in_the_same_order(snapshot: Snapshot) -> None:
    again = unpack_snapshot(pack_snapshot(snapshot))
    assert again == snapshot
    assert list(again.anchors) == list(snapshot.anchors)
    assert list(again.explored) == list(snapshot.explored)
    assert list(again.chunks_of_pair) == list(snapshot.chunks_of_pair)
    assert pack_snapshot(again) == pack_snapshot(snapshot)


def test_numbers_keep_their_last_bit() -> None:
    odd = math.nextafter(0.1, 1)
    snapshot = Snapshot((Judgement("ann", 1, 2, 1, odd),), {}, {})
    assert unpack_snapshot(pack_snapshot(snapshot)).judgements[0].occurred_s.hex() == odd.hex()
