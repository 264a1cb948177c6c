"""A quotation says where it stands, once, and keeps the order of its document."""

from __future__ import annotations

from bot.quoting.choosing import Candidate
from bot.quoting.layout import QUOTING, lay_out
from bot.quoting.pieces import Piece
from tests.hits import hit


def test_passages_stand_under_their_titles_and_pieces_under_their_headings() -> None:
    keys = hit(1, title="Keys", section="Keys > Lost", document_id=7, ordinal=3)
    before = hit(2, title="Keys", section="", document_id=7, ordinal=1)
    other = hit(3, title="Doors", section="")
    steps = Piece("steps", ("1. Look.", "2. Ask."), "Lost both", "Do this:", place=4)
    chosen = [
        Candidate(2, keys, steps),
        Candidate(2, keys, Piece("sentence", ("Stay calm [9].",), "Lost", place=1)),
        Candidate(1, other, Piece("sentence", ("Doors open.",))),
        Candidate(2, before, Piece("sentence", ("Two keys.",), "Yours")),
    ]
    assert lay_out(chosen).split("\n\n**") == [
        f"{QUOTING}",
        "Keys** [2]\n\n> **Yours**\n>\n> Two keys.",
        "Keys › Lost** [2]\n\n> Stay calm (9).\n>\n> **Lost both**\n>\n> Do this:\n>\n> 1. Look.\n> 2. Ask.",
        "Doors** [1]\n\n> Doors open.",
    ]
