"""What was asked and answered, with the passages that were found and shown."""

from db.answers.gaps import Gap, find_gaps, open_questions
from db.answers.history import PastQuestion, ShownSource, past_questions
from db.answers.messages import is_posted, question_of_citation, question_of_message, remember_message
from db.answers.picks import Drawing, Pick, count_drawn, count_voted, read_picks
from db.answers.questions import answer_to_event, load_answer, load_asked
from db.answers.ranked import Ranked, read_ranked
from db.answers.storing import store_answer
from db.answers.suggestions import popular_questions, public_titles
from db.answers.threads import Turn, has_answered, start_thread, thread_history
from db.answers.trial_words import trial_in_words

__all__ = [
    "Drawing",
    "Gap",
    "PastQuestion",
    "Pick",
    "Ranked",
    "ShownSource",
    "Turn",
    "answer_to_event",
    "count_drawn",
    "count_voted",
    "find_gaps",
    "has_answered",
    "is_posted",
    "load_answer",
    "load_asked",
    "open_questions",
    "past_questions",
    "popular_questions",
    "public_titles",
    "question_of_citation",
    "question_of_message",
    "read_picks",
    "read_ranked",
    "remember_message",
    "start_thread",
    "store_answer",
    "thread_history",
    "trial_in_words",
]
