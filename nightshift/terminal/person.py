"""Who somebody at a terminal is, a named principal who sees public documents only, and how they ask."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

from db.errors import BadInputError

if TYPE_CHECKING:
    from bot.answering import OnText
    from db.question import Answer

WORKSPACE = "local"
PERSON = f"{WORKSPACE}:console"
"""Whoever doesn't say who they are."""

_NAME = re.compile(r"[\w.@+-]{1,64}")


def person_named(name: str | None) -> str:
    """The person id of who goes by a name at the terminal; several people may share one.

    Raises:
        BadInputError: that isn't a name.
    """
    if name is None:
        return PERSON
    if not _NAME.fullmatch(name):
        raise BadInputError(f"A name at the terminal is one word of letters, digits and . _ @ + -, not {name!r}.")
    return f"{WORKSPACE}:{name}"


class Ask(Protocol):
    """Asks as one person and waits for the answer; see `Answerer.answer`."""

    def __call__(
        self,
        text: str,
        *,
        thread_ts: str | None = None,
        event_id: str | None = None,
        on_text: OnText | None = None,
    ) -> Answer:
        """In the thread `thread_ts`, once for `event_id`; `on_text` gets the text while it is written."""
