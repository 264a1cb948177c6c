"""What a language model's name tells of how it wants to be asked; pure, and no more than a first guess.

Where it is wrong, the server says so, and `db.chat.transport` leaves out what the server refuses.
"""

from __future__ import annotations

import re
from typing import Literal

_PLAIN = re.compile(r"non[-_. ]?(?:reason|think)|no[-_. ]?think|instruct(?![a-z])")
_OF_OPENAI = re.compile(
    r"(?<![a-z0-9])(?:o\d(?!\d)|(?:chat)?gpt[-_. ]?(?:[5-9]\d?|1\d)(?![\db])|codex-mini|computer-use)(?!.*chat)"
)
_OF_OTHERS = re.compile(
    r"reason|think|(?<![a-z0-9])(?:r1|r2|qwq|qvq|magistral|marco-o1|glm-z1|exaone-deep|grok-3-mini|grok-4)(?![a-z0-9])"
)
_THINKS_ALOUD = re.compile(
    r"reason|think|(?<![a-z0-9])(?:r1|r2|qwq|qvq|magistral|glm-z1|glm-?[45]|exaone|gpt-oss|minimax-m|mimo|kimi-k2)"
    r"(?![a-z])|qwen-?3|nemotron"
)

Manner = Literal["reasoning effort", "no temperature", "plain"]


def manner_of(name: str) -> Manner:
    """How a model is asked, by its name behind any prefix, in any case, and as part of a deployment's name.

    "reasoning effort" is OpenAI's models that reason: no temperature, and `max_completion_tokens`. "no temperature" is
    everybody else's: their servers may know only `max_tokens`.
    """
    name = name.lower()
    if _OF_OPENAI.search(name):
        return "reasoning effort"
    return "no temperature" if _OF_OTHERS.search(name) and not _PLAIN.search(name) else "plain"


def may_think_aloud(name: str) -> bool:
    """Whether what a model by this name says may begin with thoughts that no tag opens."""
    name = name.lower()
    return _THINKS_ALOUD.search(name) is not None and not _PLAIN.search(name)
