"""What a pass did is told while it goes on, never going back, and reported at its end."""

from __future__ import annotations

from db.corpus import Written
from intake.sources import Failure, Page
from intake.tally import Progress, Tally

FAILURE = Failure("a.md", "it is empty")


def test_each_document_is_told_of_once_it_is_settled() -> None:
    seen: list[Progress] = []
    tally = Tally(seen.append)
    tally.turn_to(Page([], total=5))
    tally.fail(FAILURE)
    tally.write(Written(0, 0, 1, 0), "b.md")
    encoded = tally.encoding(documents=3, chunks=10, name="e.md")
    encoded(4)
    encoded(6)
    tally.write(Written(2, 1, 0, 10), "e.md")
    told = [(now.documents_done, now.chunks_done, now.name) for now in seen]
    assert told == [(1, 0, "a.md"), (2, 0, "b.md"), (3, 4, "e.md"), (5, 10, "e.md"), (5, 10, "e.md")]
    assert {now.documents_total for now in seen} == {5}


def test_chunks_that_are_encoded_anew_take_no_more_documents_than_there_are() -> None:
    seen: list[Progress] = []
    encoded = Tally(seen.append).encoding(documents=2, chunks=4, name="b.md")
    for _ in range(3):
        encoded(4)
    assert [now.documents_done for now in seen] == [2, 2, 2]


def test_the_report_adds_up() -> None:
    tally = Tally()
    tally.write(Written(1, 2, 1, 9), "a.md")
    tally.write(Written(0, 1, 0, 3), "b.md")
    tally.fail(FAILURE)
    tally.remove(4)
    report = tally.report()
    assert (report.added, report.changed, report.unchanged, report.chunks) == (1, 3, 1, 12)
    assert (report.removed, report.failed) == (4, (FAILURE,))


def test_a_source_goes_on_from_its_last_cursor_unless_a_document_failed() -> None:
    tally = Tally()
    tally.turn_to(Page([], 2, "page 1"))
    tally.turn_to(Page([], 2, "page 2"))
    assert tally.report().cursor == "page 2"
    tally.fail(FAILURE)
    assert tally.report().cursor is None


def test_words_that_are_indexed_anew_are_told_of_and_reported() -> None:
    seen: list[Progress] = []
    tally = Tally(seen.append)
    tally.write(Written(1, 0, 0, 9), "a.md")
    tally.indexing(5, 9)
    tally.words_anew = "their languages were others"
    assert (seen[-1].documents_done, seen[-1].words_done, seen[-1].words_total) == (1, 5, 9)
    assert tally.report().words_anew == "their languages were others"
