"""What isn't shown in a channel, as who asked is told it: a sentence, and the button that has it answered alone."""

from __future__ import annotations

from collections.abc import Mapping

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement, SectionBlock

from bot.slack.text import escape, verbatim

ANSWER_PRIVATELY = "answer_privately"

_NAMED = 3
"""Audiences that are named; the documents of others are counted together."""


def withheld_sentence(counts: Mapping[str, int]) -> str:
    """What isn't shown, in one sentence, for who asked alone; the most first."""
    named = [f"{_documents(n)} of {_whose(name)}" for name, n in list(counts.items())[:_NAMED]]
    if rest := sum(list(counts.values())[_NAMED:]):
        named.append(f"{_documents(rest)} of others that you are among")
    listed = named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"
    return f"Not shown here: {listed}. Only you see this."


def withheld_blocks(sentence: str, question_id: int) -> list[Block]:
    """The sentence, and the button by which who asked gets the answer."""
    button = ButtonElement(text="Answer only to me", action_id=ANSWER_PRIVATELY, value=str(question_id))
    return [SectionBlock(text=verbatim(escape(sentence))), ActionsBlock(elements=[button])]


def _documents(n: int) -> str:
    return "1 document" if n == 1 else f"{n} documents"


def _whose(name: str) -> str:
    if name == "public":
        return "the workspace"
    return name if name.startswith(("#", "@")) else "yours"
