"""Progress bars: how far, where that is known; how long, where it isn't."""

from __future__ import annotations

import io
import re

from rich.console import Console

from intake import Progress
from nightshift.terminal.progress import ingest_progress, night_progress, words_progress


def shown(*now: tuple[str, int, int]) -> str:
    """The last picture of the bars."""
    console = Console(file=io.StringIO(), force_terminal=True, width=100, color_system=None)
    with night_progress(console) as show:
        for each in now:
            show(*each)
        live = show.__closure__  # the bars themselves, as they stand
        assert live is not None
        [progress] = [cell.cell_contents for cell in live if hasattr(cell.cell_contents, "make_tasks_table")]
        probe = Console(width=100, color_system=None)
        with probe.capture() as captured:
            probe.print(progress.make_tasks_table(progress.tasks))
    return captured.get()


def test_what_has_no_total_tells_how_long_it_takes_and_never_of_none() -> None:
    picture = shown(("snapshot", 0, 0), ("learn", 0, 0))
    assert re.search(r"^learn .* \d+ s", picture, re.M) and "?" not in picture and "0/" not in picture


def test_what_has_a_total_tells_how_far_it_is() -> None:
    picture = shown(("learn", 0, 0), ("learn", 256, 900), ("learn mining", 0, 0), ("train", 7, 160))
    assert re.search(r"^learn .* 256/900", picture, re.M)
    assert re.search(r"^learn mining.* \d+ s", picture, re.M)
    assert re.search(r"^train .* 7/160", picture, re.M)


def test_the_bar_of_an_upgrade_comes_with_the_first_call_and_goes_with_the_last() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=100, color_system=None)
    show = words_progress(console)
    assert console.file.getvalue() == ""  # type: ignore[attr-defined]
    show(1, 3)
    show(3, 3)
    assert "words" in console.file.getvalue()  # type: ignore[attr-defined]
    assert not console._live_stack


def test_words_that_are_indexed_anew_have_a_bar_of_their_own() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=100, color_system=None)
    with ingest_progress(console) as show:
        show(Progress(1, 1, 4, "a.md"))
        show(Progress(1, 1, 4, "", 2, 4))
    assert re.search(r"words .* 2/4", console.file.getvalue())  # type: ignore[attr-defined]


def test_a_file_that_takes_long_tells_how_far_it_is_read_by_its_name_alone() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=100, color_system=None)
    with ingest_progress(console) as show:
        show(Progress(0, 2, 0, "/srv/documents/scan.pdf", parts_done=3, parts_total=40))
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert "scan.pdf: 3/40" in shown and "srv" not in shown
