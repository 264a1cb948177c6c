"""A question from Slack, by every way in, to the reply."""

from bot.slack.asking.answering import Answering
from bot.slack.asking.listening import listen_to_questions
from bot.slack.asking.questions import Questions
from bot.slack.asking.quotas import Quotas

__all__ = [
    "Answering",
    "Questions",
    "Quotas",
    "listen_to_questions",
]
