"""What moves while an answer is on its way: the time, then the text; nothing of it is left, and none in a file."""

from __future__ import annotations

import asyncio
import io
import threading

from rich.console import Console

from nightshift.terminal.under_way import waiting


class Screen(io.StringIO):
    """What was drawn, and a way to wait for it."""

    def __init__(self) -> None:
        super().__init__()
        self._drawn = threading.Condition()

    def write(self, text: str) -> int:
        with self._drawn:
            self._drawn.notify_all()
            return super().write(text)

    def wait_for(self, wanted: str) -> None:
        with self._drawn:
            assert self._drawn.wait_for(lambda: wanted in self.getvalue(), 30), self.getvalue()[-500:]


def test_a_silent_model_is_waited_for_with_something_that_moves() -> None:
    screen = Screen()
    console = Console(file=screen, force_terminal=True, width=80, height=12, _environ={"TERM": "xterm"})
    with waiting(console) as on_text:
        screen.wait_for("looking through the documents, 0 s")
        screen.wait_for("looking through the documents, 1 s")
        assert on_text is not None
        asyncio.run(on_text("\n\n".join(f"Line **{number}** of it." for number in range(40))))
        screen.wait_for("writing, ")
        screen.wait_for("Line")
        screen.wait_for("39")
    last_frame = screen.getvalue().rpartition("writing, ")[0].rpartition("writing, ")[2]
    assert last_frame.count("\n") <= 12  # what doesn't fit on the screen can't be taken away again
    assert "\x1b[2K" in screen.getvalue().rpartition("writing, ")[2]  # it is gone


def test_in_a_file_and_on_a_dumb_terminal_nothing_moves() -> None:
    for console in (
        Console(file=io.StringIO()),
        Console(file=io.StringIO(), force_terminal=True, _environ={"TERM": "dumb"}),
    ):
        with waiting(console) as on_text:
            assert on_text is None
        assert isinstance(console.file, io.StringIO) and console.file.getvalue() == ""
