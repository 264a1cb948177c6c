"""What a line at the prompt means: a way out, a call for help, a fresh start, votes, or a question."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.answering import small_talk


@dataclass(frozen=True, slots=True)
class Leave:
    """The person wants out."""


@dataclass(frozen=True, slots=True)
class Help:
    """The person wants to know what can be typed."""


@dataclass(frozen=True, slots=True)
class Afresh:
    """What is asked next follows up on nothing."""


@dataclass(frozen=True, slots=True)
class Thanks:
    """A courtesy."""


@dataclass(frozen=True, slots=True)
class Votes:
    """Votes on sources by their numbers, in the order in which they were typed: 1, -1, or 0 to take one back."""

    given: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class NoVote:
    """Something like a vote that names no source."""


@dataclass(frozen=True, slots=True)
class Question:
    """Everything else."""

    text: str


Typed = Leave | Help | Afresh | Thanks | Votes | NoVote | Question

_LEAVE = frozenset("exit quit bye logout :q :q! :quit :wq :x \\q q! exit() quit() exit; quit;".split())
_HELP = frozenset("help ? ?? :h :help \\h -h --help help()".split())
_AFRESH = frozenset("new reset clear :new".split())
_SIGNS = {"+": 1, "++": 1, "👍": 1, "-": -1, "--": -1, "👎": -1, "0": 0}
_VOTE = re.compile(r"(?:(?P<sign>\+{1,2}|-{1,2}|👍|👎)\s*|(?P<back>0)\s+)\[?(?P<number>\d{1,3})\]?(?!\w)")
_LIKE_VOTES = re.compile(r"[+\-\d\s,;👍👎\[\]]+")


def read_typed(line: str) -> Typed:
    """Reads a line that isn't empty; `/` before a word of command makes no difference."""
    line = line.strip()
    word = line.casefold().removeprefix("/")
    if word in _LEAVE:
        return Leave()
    if word in _HELP:
        return Help()
    if word in _AFRESH:
        return Afresh()
    if _LIKE_VOTES.fullmatch(plain := re.sub("[\u2010-\u2015\u2212]", "-", line).replace("\ufe0f", "")):
        return _read_votes(plain) if len(plain) < 200 else NoVote()
    match small_talk(line):
        case "thanks":
            return Thanks()
        case "help" | "greeting":
            return Help()
    return Question(line)


def _read_votes(line: str) -> Votes | NoVote | Question:
    given: list[tuple[int, int]] = []
    end = 0
    for vote in _VOTE.finditer(line):
        if line[end : vote.start()].strip(" ,;"):
            break
        given.append((_SIGNS[vote["sign"] or "0"], int(vote["number"])))
        end = vote.end()
    if given and not line[end:].strip(" ,;"):
        return Votes(tuple(given))
    return NoVote() if re.search(r"[+\-👍👎]", line) or re.fullmatch(r"[\d\s,;]{1,9}", line) else Question(line)
