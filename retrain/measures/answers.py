"""What people got: the right document, a silence that was wrong, or talk beside the point; over answers as served."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RIGHT, WRONGLY_SILENT, WRONGLY_TALKATIVE = "right", "wrongly_silent", "wrongly_talkative"


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer as people got it: the `documents` that were its sources, or would have been had it not `refused`."""

    documents: tuple[int, ...]
    refused: bool


def judge_answers(
    answers: Sequence[Answered], relevant: Sequence[Mapping[int, float]]
) -> dict[str, NDArray[np.float64]]:
    """Each answer's worth, `(n,)` of 0 and 1 by name; `relevant` has the gain of each question's right documents.

    - right: a right document is among the sources, and it answered.
    - wrongly silent: it refused, though a right document was among what would have been the sources; NaN where none
      was, so that whoever finds more is not the more silent for it.
    - wrongly talkative: it answered, and no right document is among the sources.

    Whoever refuses where no right document was found is none of them. Right is NaN for a question that no document
    answers; talk is wrong there in any case.
    """
    measured = {name: np.full(len(answers), np.nan) for name in (RIGHT, WRONGLY_SILENT, WRONGLY_TALKATIVE)}
    for row, (answer, gains) in enumerate(zip(answers, relevant, strict=True)):
        wanted = {document for document, gain in gains.items() if gain > 0}
        found = not wanted.isdisjoint(answer.documents)
        if wanted:
            measured[RIGHT][row] = found and not answer.refused
        if found:
            measured[WRONGLY_SILENT][row] = answer.refused
        measured[WRONGLY_TALKATIVE][row] = not found and not answer.refused
    return measured


def holds_answer(text: str, answer: str) -> bool:
    """Whether the words of `answer` stand in `text`, in their order; case, marks and line breaks don't count.

    An answer without a word is held by nothing.
    """
    words = _words(answer)
    return bool(words) and f" {words} " in f" {_words(text)} "


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold()))
