"""Everything of a person, sent to them: as it is, since in preformatted text nothing is a mention or a link."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from slack_sdk.models.blocks import RichTextBlock, RichTextPreformattedElement
from slack_sdk.models.blocks.block_elements import RichTextElementParts

from bot.pools import ASIDE
from db.privacy import export_person

if TYPE_CHECKING:
    import sqlalchemy as sa
    from slack_sdk.web.async_client import AsyncWebClient

EXPORTED = "Your data is on its way, as direct messages."
TOO_MUCH = "There is too much to send here. An admin can give you all of it, by the command “nightshift people export”."

_MESSAGE_LIMIT = 10_000
"""Characters a message; Slack takes about 13,200."""
_MESSAGES = 20


async def send_export(client: AsyncWebClient, engine: sa.Engine, person: str, user: str) -> str:
    """Sends it as direct messages, or nothing where it is too much; what to say of that. Raises SlackError."""
    data = await ASIDE.run(export_person, engine, person)
    text = json.dumps(data, indent=1, ensure_ascii=False, default=str)
    pieces = [text[start : start + _MESSAGE_LIMIT] for start in range(0, len(text), _MESSAGE_LIMIT)]
    if len(pieces) > _MESSAGES:
        return TOO_MUCH
    for number, piece in enumerate(pieces, start=1):
        code = RichTextPreformattedElement(elements=[RichTextElementParts.Text(text=piece)])
        await client.chat_postMessage(
            channel=user,
            text=f"Your data, part {number} of {len(pieces)}",
            blocks=[RichTextBlock(elements=[code])],
        )
    return EXPORTED
