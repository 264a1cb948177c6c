"""What people press, pick and write about an answer and its sources."""

from bot.slack.votes.listening import listen_to_votes
from bot.slack.votes.reasons import Reasons
from bot.slack.votes.reviews import Reviews
from bot.slack.votes.right_source import RightSources

__all__ = [
    "Reasons",
    "Reviews",
    "RightSources",
    "listen_to_votes",
]
