"""What moves while an answer is on its way: how long it takes so far, and its text as far as it is written."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.live import Live
from rich.markdown import Markdown
from rich.padding import Padding
from rich.segment import Segment
from rich.spinner import Spinner

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

FRAMES_PER_S = 8
_LINES_BESIDE = 4
"""Of the screen's lines, those that an answer under way leaves free."""


@contextmanager
def waiting(console: Console) -> Iterator[Callable[[str], Awaitable[None]] | None]:
    """Shows that something goes on while the block runs, and takes it away afterwards.

    Yields what is called with the text so far; None where nothing can move: in a file, or on a dumb terminal.
    """
    if not console.is_terminal or console.is_dumb_terminal:
        yield None
        return
    under_way = _UnderWay()
    with Live(under_way, console=console, transient=True, refresh_per_second=FRAMES_PER_S):
        yield under_way.take


class _UnderWay:
    """The last lines of a text, and below it the time."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._spinner = Spinner("dots", style="dim")
        self._text = ""

    async def take(self, text: str) -> None:
        self._text = text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if self._text:
            text = Padding(Markdown(self._text, hyperlinks=False), (1, 0, 1, 2))
            for line in console.render_lines(text, options)[-max(console.height - _LINES_BESIDE, 1) :]:
                yield from line
                yield Segment.line()
        doing = "writing" if self._text else "looking through the documents"
        self._spinner.update(text=f"{doing}, {time.monotonic() - self._began:.0f} s (Ctrl-C stops it)")
        yield self._spinner
