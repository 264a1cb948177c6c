"""What of a model's words is said to people: without its thoughts, its template's tokens and turns that follow; pure.

Models think in many notations (`bot.model_text.notations`), and servers pass them on. Code that mentions one stays.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.model_text.fences import unfenced
from bot.model_text.notations import (
    ASIDE,
    BARE_ROLE,
    CODE,
    HARMONY,
    LABELLED,
    MAY_BECOME_A_TAG,
    ROLE,
    SPOILT_HARMONY,
    TAG,
    TAG_TOKEN_OR_CODE,
    UNPAIRED,
    WRAPPED,
    begins_like_a_thought,
    is_closing,
    may_be_a_head,
)


@dataclass(frozen=True, slots=True)
class Spoken:
    """What is said to people.

    `ended`: the model is done, and speaks for somebody else from there on. `unopened`: a thought came that no tag
    opened.
    """

    text: str
    ended: bool
    unopened: bool


def spoken_part(text: str, *, whole: bool = True, wary: bool = False) -> Spoken:
    """Takes away thoughts, the template's tokens, and all after the token that ends the model's turn.

    Args:
        text: all that the model wrote so far.
        whole: False while it is being written: then nothing is given that may turn out to be a thought or a token, as
            far as its beginning tells.
        wary: the model is known to leave out the tag that opens its thoughts. Until one closes them, nothing is given
            while it is being written; nor is it where the text begins as thoughts do.
    """
    text = text.lstrip("\ufeff\u200b\xa0 \t\r\n")
    text = LABELLED.sub("", ASIDE.sub("", _final_channel(unfenced(text, whole=whole))))
    reading = _Reading(BARE_ROLE.sub("", text), whole=whole)
    said = reading.said
    if not whole:
        said = said if reading.ended else MAY_BECOME_A_TAG.sub("", UNPAIRED.split(said)[0])
        if may_be_a_head(said) or (not reading.had_thought and (wary or begins_like_a_thought(said))):
            said = ""
    if wrapped := WRAPPED.match(said):
        said = re.sub(rf"</{wrapped[1]}>", "", wrapped[2], flags=re.IGNORECASE)
    said = re.sub(r"\n{3,}", "\n\n", unfenced(said.strip(), whole=whole)).strip()
    return Spoken(said, reading.ended, reading.unopened)


class _Reading:
    """Reads a text tag by tag, and keeps what stands outside of thoughts."""

    def __init__(self, text: str, *, whole: bool) -> None:
        self.ended = self.unopened = self.had_thought = False
        self._text = text
        self._pieces: list[str] = []
        self._start = 0
        self._is_inside = False
        self._nested = 0
        while not self.ended and (found := self._next()):
            self._take(found)
        if not self._is_inside and not self.ended and (whole or not self._nested):
            self._pieces.append(text[self._start :])
        self.said = "".join(self._pieces)

    def _next(self) -> re.Match[str] | None:
        """The next tag or token; inside a thought nothing but its end counts, not even code."""
        position = self._start
        while found := (TAG if self._is_inside else TAG_TOKEN_OR_CODE).search(self._text, position):
            if self._is_inside and not is_closing(found):
                self._nested += 1
            elif self._is_inside or not found["code"]:
                return found
            position = found.end()
        return None

    def _take(self, found: re.Match[str]) -> None:
        before = self._text[self._start : found.start()]
        self._start = found.end()
        if not self._is_inside and found["token"]:
            self._take_token(found["token"], before)
        elif self._is_inside:
            self._is_inside = False
        elif is_closing(found) and self.had_thought and not self._text[found.end() :].strip():
            self._pieces.append(before)  # one too many
        elif is_closing(found):
            self.unopened = self.unopened or not self._nested
            self._nested = max(self._nested - 1, 0)
            self._pieces.clear()
        else:
            self._pieces.append(before)
            self._is_inside = not found[0].rstrip(">＞ ").endswith("/")
        self.had_thought = self.had_thought or "token" not in found.groupdict() or not found["token"]

    def _take_token(self, token: str, before: str) -> None:
        """A token in front of all is the template's, a later one ends the turn; `<s>` and `</s>` may be HTML."""
        said = "".join([*self._pieces, before])
        if not said.strip():
            role = ROLE.match(self._text, self._start)
            self._start = role.end() if role else self._start
            return
        is_html = token == "<s>" or (token == "</s>" and "<s>" in said)  # noqa: S105 - a template's token
        self._pieces.append(before + token if is_html else before)
        self.ended = not is_html


def _final_channel(text: str) -> str:
    """The harmony notation (gpt-oss): of its channels only the final one is for people."""
    if not re.search(r"<\|(?:channel|message)\|>", re.sub(CODE, "", text, flags=re.DOTALL)):
        return SPOILT_HARMONY.sub("", text)
    said: list[str] = []
    header, in_body = "", False
    for place, part in enumerate(HARMONY.split(text)):
        if place % 2:
            if part == "message":
                in_body = True
            elif part in ("start", "end", "return", "call") or in_body:
                header, in_body = "", False
        elif not in_body:
            header += f" {part}"
        elif re.search(r"\bfinal\b", header) or not re.search(r"analysis|commentary|user|system|tool|to=", header):
            said.append(part)
    return "".join(said)
