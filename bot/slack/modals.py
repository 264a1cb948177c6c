"""What is wrong with a modal that was sent in, as the sentence it shows beside the field."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from bot.slack.client import LOGGER, error_code
from bot.slack.text.mrkdwn import clean, shorten
from db.errors import BadInputError, UnknownIdError, VoteRefusedError

FAILED = "That wasn't stored: something went wrong on my side. Please send it again in a minute."

_SENTENCE_LIMIT = 300

_log = logging.getLogger(LOGGER)


class ModalProblem(BadInputError):
    """Something in the modal can't be taken."""

    def __init__(self, block_id: str, sentence: str) -> None:
        super().__init__(sentence)
        self.errors = {block_id: sentence}
        """As Slack wants them, so that the modal stays open."""


@contextmanager
def shown_in_modal(block_id: str) -> Iterator[None]:
    """Turns what goes wrong into a sentence for one of the modal's blocks.

    Raises:
        ModalProblem: whatever was raised inside.
    """
    try:
        yield
    except (BadInputError, UnknownIdError, VoteRefusedError) as error:
        raise ModalProblem(block_id, shorten(clean(str(error)), _SENTENCE_LIMIT)) from None
    except Exception as error:
        _log.error("A modal's %s wasn't stored: %s.", block_id, error_code(error))
        raise ModalProblem(block_id, FAILED) from None
