"""The terminal that lines are typed in: whether one is begun, and what is typed while none is read."""

from __future__ import annotations

import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec

_readline = import_module("readline") if find_spec("readline") else None  # edits the lines that `input` reads


def is_line_begun() -> bool | None:
    """Whether the line that `input` reads holds something; None where that can't be known."""
    return None if _readline is None else bool(_readline.get_line_buffer().strip())


@contextmanager
def keeping_what_is_typed() -> Iterator[None]:
    """Has the terminal keep every key for the next line that `input` edits, while the block runs.

    Else it collects lines itself when none is read, and takes a Ctrl-D for the end of one: `input` never sees that.
    """
    if _readline is None or not (sys.stdin.isatty() and sys.stdout.isatty()):
        yield  # lines are the terminal's own to collect
        return
    before, modes = termios.tcgetattr(sys.stdin), termios.tcgetattr(sys.stdin)
    modes[3] &= ~termios.ICANON  # of the local modes
    modes[6][termios.VMIN], modes[6][termios.VTIME] = 1, 0
    termios.tcsetattr(sys.stdin, termios.TCSADRAIN, modes)
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)
