"""An answer that is still to be stored."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from db import schema
from db.question import Draft
from tests.corpus import ASKED, add_base_generation, add_document


@pytest.fixture
def draft(engine: sa.Engine) -> Draft:
    """Six candidates: the first source has the first and the third, led by that, the second source the fifth."""
    generation = add_base_generation(engine)
    hits = add_document(engine, "Parking", [("Garage", f"Deck {number} is open.") for number in range(4)])
    hits += add_document(engine, "Bikes", [("", "Racks are at the door."), ("", "Helmets are in the hall.")])
    return Draft(
        searched_text=ASKED.text,
        audience_ids=(schema.PUBLIC_AUDIENCE_ID,),
        generation_id=generation.id,
        kind="generated",
        text="Deck 2 [1], racks [2].",
        hits=hits,
        shown=[[hits[2].chunk_id, hits[0].chunk_id], [hits[4].chunk_id]],
        timings_ms={"llm": 12.5, "total": 20.0},
    )
