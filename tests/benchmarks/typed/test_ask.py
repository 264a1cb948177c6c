"""What is asked is judged with its sources, and by its first quotation too."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.typed.ask import first_quotation, judge_answer
from benchmarks.typed.judging import Typed
from db.question import Answer, Passage, Source

TYPED = Typed("dogs", "words", ("offices/cork.md",), (("three per floor",),))
TEXT = "Quoted from the sources:\n\n**Barn** [1]\n\n> No dogs.\n\n**Cork** [2]\n\n> Three per floor."
SOURCES = tuple(
    Source(f"c{number}", number, "T", f"file:///handbook/{path}", (Passage("", "", 0.5, 0.5),))
    for number, path in enumerate(("offices/the-barn.md", "offices/cork.md"), start=1)
)
ANSWER = Answer(1, "quoted", TEXT, SOURCES, 1, {}, None)


def test_a_right_answer_may_come_second() -> None:
    item = judge_answer(TYPED, ANSWER)
    assert (item.verdict, item.listed, item.first, item.leads) == ("right", True, False, False)
    turned = judge_answer(TYPED, replace(ANSWER, sources=SOURCES[::-1], text="> Three per floor. [1]\n\n> No. [2]"))
    assert (turned.verdict, turned.first, turned.leads) == ("right", True, True)


def test_what_is_not_answered_is_wrong_whatever_it_lists() -> None:
    item = judge_answer(TYPED, replace(ANSWER, kind="unknown", text="I don't know. Three per floor?"))
    assert (item.verdict, item.listed, item.first, item.leads) == ("wrong", False, False, False)


def test_a_first_quotation_ends_where_the_next_title_stands() -> None:
    assert first_quotation(TEXT).strip() == "No dogs."
