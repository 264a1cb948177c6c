"""What Slack refuses, and that it can't be reached, as errors of ours: no other module knows the SDK's, or codes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
from slack_sdk.errors import SlackApiError, SlackRequestError

from db.errors import SlackError


class SlackUnreachableError(SlackError):
    """Slack can't be reached."""


class SlackRefusedError(SlackError):
    """Slack refuses what it was sent."""


class MessageGoneError(SlackRefusedError):
    """That message isn't there any more, or can't be changed."""


class BlocksRefusedError(SlackRefusedError):
    """Slack doesn't take these blocks."""


class NotAvailableError(SlackRefusedError):
    """The workspace hasn't got that, or the bot isn't allowed to use it."""


class NotHereError(SlackRefusedError):
    """Conversations of that kind haven't got that."""


_CODES: dict[type[SlackRefusedError], tuple[str, ...]] = {
    MessageGoneError: ("message_not_found", "cant_update_message", "edit_window_closed"),
    BlocksRefusedError: ("msg_blocks_too_long", "msg_too_long", "invalid_blocks", "invalid_blocks_format"),
    NotAvailableError: ("unknown_method", "missing_scope", "not_allowed_token_type"),
    NotHereError: ("method_not_supported_for_channel_type", "channel_type_not_supported"),
}
_BY_CODE = {code: kind for kind, codes in _CODES.items() for code in codes}


@contextmanager
def slack_errors() -> Iterator[None]:
    """Turns what the SDK raises into errors of ours.

    Raises:
        SlackRefusedError: Slack said no; by its class, what to.
        SlackUnreachableError: Slack said nothing, or not in time, or that it can't just now.
    """
    try:
        yield
    except SlackApiError as error:
        status = getattr(error.response, "status_code", 200)
        if status >= 500:  # that is no word about us
            raise SlackUnreachableError(f"http_{status}") from None
        code = _slacks_code(error)
        raise _BY_CODE.get(code, SlackRefusedError)(code) from None
    except SlackRequestError as error:  # an upload that was answered with no success
        raise SlackRefusedError(type(error).__name__) from None
    except (aiohttp.ClientError, TimeoutError) as error:
        raise SlackUnreachableError(type(error).__name__) from None


def error_code(error: BaseException) -> str:
    """Slack's own code for a refused call (`channel_not_found`), else the kind of error; never a text."""
    return error.code if isinstance(error, SlackError) else type(error).__name__


def _slacks_code(error: SlackApiError) -> str:
    try:
        return str(error.response["error"] or type(error).__name__)
    except (KeyError, TypeError):
        return type(error).__name__
