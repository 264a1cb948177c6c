"""A question comes in, an answer with votable sources goes out."""

from bot.answering.answer import Answerer
from bot.answering.changes import Change, changes_since
from bot.answering.llm import OnText, connect_language_model
from bot.answering.pleasantries import SmallTalk, small_talk

__all__ = [
    "Answerer",
    "Change",
    "OnText",
    "SmallTalk",
    "changes_since",
    "connect_language_model",
    "small_talk",
]
