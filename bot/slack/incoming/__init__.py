"""What Slack sends, as plain values; pure."""

from bot.slack.incoming.asked import QuestionMessage, read_command, read_kept, read_question, read_shortcut
from bot.slack.incoming.envelope import MisshapenError, parse_body, require_shape
from bot.slack.incoming.fields import Payload, mapping_at, text_at
from bot.slack.incoming.pressed import Press, Submission, read_press, read_submission
from bot.slack.incoming.reactions import Reaction, read_reaction

__all__ = [
    "MisshapenError",
    "Payload",
    "Press",
    "QuestionMessage",
    "Reaction",
    "Submission",
    "mapping_at",
    "parse_body",
    "read_command",
    "read_kept",
    "read_press",
    "read_question",
    "read_reaction",
    "read_shortcut",
    "read_submission",
    "require_shape",
    "text_at",
]
