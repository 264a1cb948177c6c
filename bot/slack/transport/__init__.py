"""To and from Slack: client, Socket Mode, HTTP, work behind acknowledgements; its errors become ours here."""

from bot.slack.transport.admins import Admins
from bot.slack.transport.bolt_app import Identity, Services, SlackApp
from bot.slack.transport.channel import can_speak_in, channel_kind, find_channel, kind_of
from bot.slack.transport.client import LOGGER, make_client
from bot.slack.transport.failures import count_kinds, despite_errors, note_failure, note_unforeseen
from bot.slack.transport.http import EVENTS_PATH, build_http
from bot.slack.transport.leased import Lease, LeaseLostError, lease
from bot.slack.transport.modal_problems import NOT_STORED, ModalProblem, shown_in_modal
from bot.slack.transport.readers import Readers
from bot.slack.transport.refusals import (
    BlocksRefusedError,
    MessageGoneError,
    NotAvailableError,
    NotHereError,
    SlackRefusedError,
    error_code,
)
from bot.slack.transport.responses import respond, say_privately
from bot.slack.transport.scopes import NEEDED, OPTIONAL, Granted, read_granted
from bot.slack.transport.serve import serve_slack
from bot.slack.transport.socket_mode import require_app_token
from bot.slack.transport.whispers import Blocks, replace_pressed, tell, whisper
from bot.slack.transport.work import ACK_WITHIN_S, Acknowledge, BackgroundWork, NotKeptError, nobody_waits

__all__ = [
    "ACK_WITHIN_S",
    "Acknowledge",
    "Admins",
    "BackgroundWork",
    "Blocks",
    "BlocksRefusedError",
    "EVENTS_PATH",
    "Granted",
    "Identity",
    "LOGGER",
    "Lease",
    "LeaseLostError",
    "MessageGoneError",
    "ModalProblem",
    "NEEDED",
    "NOT_STORED",
    "NotAvailableError",
    "NotHereError",
    "NotKeptError",
    "OPTIONAL",
    "Services",
    "Readers",
    "SlackApp",
    "SlackRefusedError",
    "build_http",
    "can_speak_in",
    "channel_kind",
    "count_kinds",
    "despite_errors",
    "error_code",
    "find_channel",
    "kind_of",
    "lease",
    "make_client",
    "nobody_waits",
    "note_failure",
    "note_unforeseen",
    "read_granted",
    "replace_pressed",
    "require_app_token",
    "respond",
    "say_privately",
    "serve_slack",
    "shown_in_modal",
    "tell",
    "whisper",
]
