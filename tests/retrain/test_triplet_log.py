"""Each triplet names what it was learnt from, in the column of its kind."""

from __future__ import annotations

import sqlalchemy as sa

from db.runs import request_run
from db.schema import curated_pair, triplet
from db.synthetic import store_questions
from retrain.labels import Anchor
from retrain.triplet_log import store_triplets
from retrain.triplets import Triplet
from tests.corpus import add_answer
from tests.synthetic import add_chunks


def test_every_kind_of_anchor_has_its_column(engine: sa.Engine) -> None:
    asked = add_answer(engine, 1).question_id
    (right, _), (wrong, _) = add_chunks(engine, 2)
    store_questions(engine, {right: "Until when is it open?"}, "test")
    with engine.begin() as connection:
        pair = {"prompt": "Which?", "completion": "This.", "added_by": "test"}
        connection.execute(curated_pair.insert().values(pair))
    run_id = request_run(engine, "cli", "test")
    anchors = [Anchor("question", asked), Anchor("pair", 1), Anchor("marked", 1), Anchor("synthetic", 1)]
    triplets = [Triplet(anchor, right, wrong, "mined", 1.0) for anchor in anchors]

    for _ in range(2):  # once more replaces them
        store_triplets(engine, run_id, [*triplets, Triplet(anchors[0], right, 999, "mined", 1.0)])

    columns = triplet.c.question_id, triplet.c.pair_id, triplet.c.synthetic_id
    with engine.connect() as connection:
        stored = connection.execute(sa.select(*columns).order_by(triplet.c.id)).all()
    assert stored == [(asked, None, None), (None, 1, None), (None, 1, None), (None, None, 1)]
