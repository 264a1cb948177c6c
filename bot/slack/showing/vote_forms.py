"""The modals behind the vote buttons: what is wrong with a source, and which document would have been right."""

from __future__ import annotations

from slack_sdk.models.blocks import InputBlock, Option, PlainTextInputElement, RadioButtonsElement
from slack_sdk.models.views import View

from bot.slack.showing.vote_buttons import RIGHT_SOURCE

VOTE_REASON = "vote_reason"
REASON_BLOCK = "reason"
RIGHT_BLOCK = "right_document"

_LABELS = {
    "wrong_source": "It's the wrong source for this question",
    "outdated": "It's outdated",
    "badly_written": "It's badly written",
    "not_allowed": "I shouldn't be allowed to see it",
    "other": "Something else",
}
_NAME_LIMIT = 1_000


def reason_modal(citation_id: str, number: int) -> View:
    """Asks why source `number` was voted down, and optionally which document would have been right."""
    options = [Option(value=reason, label=label) for reason, label in _LABELS.items()]
    return View(
        type="modal",
        callback_id=VOTE_REASON,
        title=f"What's wrong with [{number}]?",
        submit="Send",
        close="Skip",
        private_metadata=citation_id,
        blocks=[
            InputBlock(
                block_id=REASON_BLOCK,
                label="Your 👎 is stored. What is wrong with this source?",
                element=RadioButtonsElement(action_id=REASON_BLOCK, options=options),
            ),
            _right_document_input(optional=True),
        ],
    )


def right_source_modal(question_id: int) -> View:
    """Asks which document is the right one for a question."""
    return View(
        type="modal",
        callback_id=RIGHT_SOURCE,
        title="Here's the right one",
        submit="Send",
        close="Cancel",
        private_metadata=str(question_id),
        blocks=[_right_document_input(optional=False)],
    )


def _right_document_input(*, optional: bool) -> InputBlock:
    """Where a document's link or title is written."""
    return InputBlock(
        block_id=RIGHT_BLOCK,
        label="The right document",
        hint="Its link, or its whole title.",
        optional=optional,
        element=PlainTextInputElement(action_id=RIGHT_BLOCK, max_length=_NAME_LIMIT),
    )
