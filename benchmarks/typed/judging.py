"""Is an answer right? Judged by the words that must stand in it, and by those that may not; pure."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

Verdict = Literal["right", "partly", "wrong"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)


@dataclass(frozen=True, slots=True)
class Typed:
    """A question of the hand-judged set, and how to tell a right answer.

    `documents` are the paths of those that answer it, below the sample's. An answer is right in which of each group of
    `right` one stands; `misleads` are words of another matter that a reader would take for the answer, `partly` words
    that help without being the answer.
    """

    question: str
    kind: str
    documents: tuple[str, ...]
    right: tuple[tuple[str, ...], ...]
    misleads: tuple[str, ...] = ()
    partly: tuple[str, ...] = ()


def read_typed(path: Path) -> list[Typed]:
    """The set, a JSON object a line."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [
        Typed(
            row["question"],
            row["kind"],
            tuple(row["documents"]),
            tuple(tuple(group) for group in row["right"]),
            tuple(row.get("misleads", ())),
            tuple(row.get("partly", ())),
        )
        for row in rows
    ]


def judge(typed: Typed, answer: str) -> Verdict:
    """Right, partly or wrong, by the answer's text alone; of one that quotes, by what it quotes.

    Right is what has all that it needs and nothing that misleads. With a part of it, or with what misleads after it,
    it is partly right. Wrong is what has nothing of it, or misleads first.
    """
    text = plain_text(quoted_text(answer))
    found = [min((at for words in group if (at := _place(words, text)) >= 0), default=-1) for group in typed.right]
    misled = min((at for words in typed.misleads if (at := _place(words, text)) >= 0), default=len(text))
    begins = min((at for at in found if at >= 0), default=-1)
    if begins < 0:
        helps = misled == len(text) and any(_place(words, text) >= 0 for words in typed.partly)
        return "partly" if helps else "wrong"
    if misled < begins:
        return "wrong"
    return "right" if min(found) >= 0 and misled == len(text) else "partly"


def quoted_text(answer: str) -> str:
    """The quoted lines of an answer, or all of it where it quotes nothing: a title above a quote answers nobody."""
    lines = [line.removeprefix(">") for line in answer.splitlines() if line.startswith(">")]
    return "\n".join(lines) or answer


def plain_text(markdown: str) -> str:
    """The words on one line, in small letters, without Markdown's marks and with straight quotation marks."""
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", unicodedata.normalize("NFKC", markdown))
    text = re.sub(r"[*_`>\\]", "", text.translate({0x201C: '"', 0x201D: '"', 0x2018: "'", 0x2019: "'"}))
    return " ".join(text.casefold().split())


def _place(words: str, text: str) -> int:
    """Where these words first stand in a plain text, as whole words; -1 if they don't."""
    found = re.search(rf"(?<!\w){re.escape(plain_text(words))}(?!\w)", text)
    return found.start() if found else -1
