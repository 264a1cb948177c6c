"""From a question to its stored answer, wherever it was asked: searched, then written or quoted, and checked."""

from bot.answering.answer import Answerer
from bot.answering.changes import Change, changes_since
from bot.answering.llm import OnText, OnTokens, connect_language_model
from bot.answering.pleasantries import SmallTalk, small_talk
from bot.answering.prompt import Prompt
from bot.answering.team_draft import Slot, count_contested, draft

__all__ = [
    "Answerer",
    "Change",
    "OnText",
    "OnTokens",
    "Prompt",
    "Slot",
    "SmallTalk",
    "changes_since",
    "connect_language_model",
    "count_contested",
    "draft",
    "small_talk",
]
