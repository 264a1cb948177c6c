"""Texts as Slack writes them, cut to its limits, with nothing in them that was not meant to be there; pure."""

from bot.slack.text.fitting import fit, one_line, verbatim
from bot.slack.text.leaving import checked
from bot.slack.text.markdown import is_harmless, to_markdown
from bot.slack.text.mrkdwn import clean, escape, escape_words, shorten, to_mrkdwn

__all__ = [
    "checked",
    "clean",
    "escape",
    "escape_words",
    "fit",
    "is_harmless",
    "one_line",
    "shorten",
    "to_markdown",
    "to_mrkdwn",
    "verbatim",
]
