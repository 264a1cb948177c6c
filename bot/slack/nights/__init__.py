"""A night's report in the admins' channel, and the buttons that decide."""

from bot.slack.nights.alarm import ModelAlarm
from bot.slack.nights.decisions import listen_to_decisions
from bot.slack.nights.report import NightReports

__all__ = [
    "ModelAlarm",
    "NightReports",
    "listen_to_decisions",
]
