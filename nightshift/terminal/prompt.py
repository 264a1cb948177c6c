"""A conversation in the terminal: questions that may follow up on each other, votes on the last answer's sources."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

from db.errors import NightshiftError
from nightshift.terminal.keys import is_line_begun, keeping_what_is_typed
from nightshift.terminal.typed import Afresh, Help, Leave, NoVote, Question, Thanks, Votes, read_typed
from nightshift.terminal.under_way import waiting

if TYPE_CHECKING:
    from rich.console import Console

    from db.question import Answer
    from nightshift.terminal.person import Ask

WELCOME = (
    "Ask a question. Vote on a source of the last answer with +2 or -1, take it back with 0 2. "
    "Write help for more; leave with Ctrl-D."
)
HELP = """\
  a question      in your own words; the next one may follow up on it
  +2  -1  +1 -3   source 2 of the last answer helped; source 1 was the wrong one; several at once
  0 2             take your vote on source 2 back
  new             the next question follows up on nothing
  exit, Ctrl-D    leave; Ctrl-C clears a line, or stops an answer"""
HOW_TO_VOTE = "To vote, write + or - and the number of a source of the last answer: +2. To take it back: 0 2."
ONCE_MORE = "Ctrl-C once more, or Ctrl-D, leaves."


class _CutShort(KeyboardInterrupt):
    """Ctrl-C; `typed` is whether a line was begun, None where that can't be known."""

    def __init__(self, typed: bool | None) -> None:
        super().__init__()
        self.typed = typed


class Conversation:
    """One person's, from the first line to the last."""

    def __init__(
        self, ask: Ask, show: Callable[[Answer], None], vote: Callable[[str, int], int], console: Console
    ) -> None:
        self._ask = ask
        self._show = show
        self._vote = vote
        self._console = console
        self._last: Answer | None = None
        self._thread_ts = new_thread()

    def hold(self, last: Answer | None = None, thread_ts: str | None = None) -> None:
        """Takes lines until the input ends, the person leaves, or a signal other than Ctrl-C comes.

        `last` is what was answered before, in `thread_ts`.
        """
        self._last, self._thread_ts = last, thread_ts or self._thread_ts
        warned = False
        with keeping_what_is_typed(), _ctrl_c_cuts_short():
            self._say(WELCOME)
            while True:
                line = None
                try:
                    line = input(_prompt(self._console)).strip()
                    warned = False
                    if line and not self._take(line):
                        return
                except EOFError:
                    self._console.print()
                    return
                except _CutShort as cut:
                    self._console.print()
                    if line is None and (warned or cut.typed is False):
                        return
                    warned = line is None
                    self._say(ONCE_MORE if warned else "Stopped.")

    def _take(self, line: str) -> bool:
        """Does what a line says; False where that is to leave."""
        match read_typed(line):
            case Leave():
                return False
            case Help():
                self._say(HELP)
            case Afresh():
                self._thread_ts = new_thread()
                self._say("The next question follows up on nothing.")
            case Thanks():
                self._say("You're welcome.")
            case NoVote():
                self._say(HOW_TO_VOTE)
            case Votes(given):
                for value, number in given:
                    self._despite_errors(partial(self._vote_on, number, value))
            case Question(text):
                self._despite_errors(partial(self._answer, text))
        return True

    def _answer(self, text: str) -> None:
        with waiting(self._console) as on_text:
            self._last = self._ask(text, thread_ts=self._thread_ts, on_text=on_text)
        self._show(self._last)

    def _vote_on(self, number: int, value: int) -> None:
        sources = {source.number: source for source in self._last.sources} if self._last else {}
        if number not in sources:
            known = f"It has {len(sources)}." if sources else "Ask something first."
            self._console.print(f"There is no source {number} in the last answer. {known}", markup=False)
            return
        before = self._vote(sources[number].citation_id, value)
        said = {1: "👍 noted for", -1: "👎 noted for", 0: "Taken back for" if before else "You had no vote on"}
        self._console.print(f"{said[value]} [{number}].", markup=False)

    def _despite_errors(self, do: Callable[[], None]) -> None:
        try:
            do()
        except NightshiftError as error:
            self._console.print(str(error), style="red", markup=False)

    def _say(self, sentence: str) -> None:
        self._console.print(sentence, style="dim", markup=False, soft_wrap=False)


def new_thread() -> str:
    """A name that no conversation had."""
    return f"{time.time():.6f}"


def _prompt(console: Console) -> str:
    """Bold where it can be; what doesn't move the cursor is marked, so that editing a line knows where it begins."""
    bold = console.is_terminal and not console.is_dumb_terminal and not console.no_color
    return "\x01\x1b[1m\x02> \x01\x1b[0m\x02" if bold else "> "


@contextmanager
def _ctrl_c_cuts_short() -> Iterator[None]:
    def cut(_signal: int, _frame: FrameType | None) -> NoReturn:
        raise _CutShort(is_line_begun())

    before = signal.signal(signal.SIGINT, cut)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
