"""What a terminal shows of an answer."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO

from rich.console import Console

from db.question import Answer, AnswerKind, Passage, Source
from nightshift.terminal.printing import explain_answer, print_answer, print_night
from tests.night_rows import make_run

SOURCE = Source(
    "abcdefghij", 1, "Leave", "file:leave.md", (Passage("", "28 days.", 0.5, 0.7), Passage("", "Ask.", 0.4, 0.4))
)


def answered(kind: AnswerKind, refused_because: str | None = None) -> Answer:
    sources = () if refused_because else (SOURCE,)
    return Answer(1, kind, "…", sources, 2, {"total": 31.4}, None, refused_because)


def test_an_answer_is_explained_by_what_it_was_made_from() -> None:
    made = "Answered (quoted) from 1 documents, 2 of their passages. It took 31 ms, by generation 2."
    assert explain_answer(answered("quoted")) == made


def test_what_was_not_answered_says_who_found_nothing() -> None:
    assert explain_answer(answered("unknown", "It names “X”.")).startswith("Not answered: It names “X”. It took")
    assert explain_answer(answered("unknown")).startswith("Not answered: the language model found no answer")


def test_what_is_to_be_known_of_an_answer_stands_below_it() -> None:
    console = Console(file=StringIO(), width=100)
    print_answer(console, replace(answered("quoted"), note="The language model gave no answer."))
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert shown.index("…") < shown.index("The language model gave no answer.") < shown.index("[1] Leave")


def test_a_source_that_may_be_outdated_is_told_as_that_below_it() -> None:
    console = Console(file=StringIO(), width=100)
    stale = replace(SOURCE, stale="may be outdated: dated 2021-03-04")
    print_answer(console, replace(answered("quoted"), sources=(stale,)))
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert shown.index("[1] Leave") < shown.index("      may be outdated: dated 2021-03-04")


def test_what_a_phase_counted_is_short_however_small_it_is() -> None:
    console = Console(file=StringIO(), width=100)
    counted = {"seconds": 145.04, "learning_rate": 0.00005, "loss": 0.48123, "share": 0.0, "steps": 160, "losses": [1]}
    print_night(console, make_run(phases={"train": counted}))
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert "  train       145.0 s  learning_rate 5e-05, loss 0.481, share 0.000, steps 160\n" in shown
