"""What is wrong with a modal that was sent in, as the sentence it shows beside the field."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bot.slack.text import clean, shorten
from bot.slack.transport.failures import note_failure_here
from db.errors import BadInputError, UnknownIdError, VoteRefusedError

if TYPE_CHECKING:
    import sqlalchemy as sa

NOT_STORED = "That wasn't stored: something went wrong on my side. Please send it again in a minute."

_SENTENCE_LIMIT = 300


class ModalProblem(BadInputError):
    """Something in the modal can't be taken."""

    def __init__(self, block_id: str, sentence: str) -> None:
        super().__init__(sentence)
        self.errors = {block_id: sentence}
        """As Slack wants them, so that the modal stays open."""


@contextmanager
def shown_in_modal(engine: sa.Engine, block_id: str) -> Iterator[None]:
    """Turns what goes wrong into a sentence for one of the modal's blocks.

    Raises:
        ModalProblem: whatever was raised inside.
    """
    try:
        yield
    except (BadInputError, UnknownIdError, VoteRefusedError) as error:
        raise ModalProblem(block_id, shorten(clean(str(error)), _SENTENCE_LIMIT)) from None
    except Exception as error:
        note_failure_here(engine, f"A modal's {block_id} wasn't stored", error)
        raise ModalProblem(block_id, NOT_STORED) from None
