"""The page says what each passage more costs."""

from __future__ import annotations

from benchmarks.growth.publish import STEP_NAMES, render_page, rows_of


def sizes() -> dict[str, dict[str, dict[str, int]]]:
    return {
        size: {
            step: {"peak_bytes": peak * 10**6, "seconds": 90, "cpu_seconds": 30, "passages": int(size)}
            for step in STEP_NAMES
        }
        for size, peak in (("20000", 630), ("5000", 600))
    }


def test_a_passage_more_is_told_beside_the_size_before() -> None:
    rows = list(rows_of(sizes()))
    assert rows[1:3] == [
        ["read in", "5,000", "600 MB", "", "1.5", "0.5", ""],
        ["read in", "20,000", "630 MB", "2.0 kB", "1.5", "0.5", ""],
    ]


def test_the_page_has_a_table_for_each_result() -> None:
    page = render_page([{"sizes": sizes(), "code": "abc"}])
    assert "| a night | 20,000 | 630 MB | 2.0 kB |" in page and "abc" in page
