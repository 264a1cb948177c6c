"""What a language model wrote, brought to one form: citations, code, thoughts, invented sources; pure."""

from bot.model_text.citations import check_text, cited_numbers, finished_part, without_marks
from bot.model_text.invented import without_invented
from bot.model_text.thoughts import Spoken, spoken_part

__all__ = [
    "Spoken",
    "check_text",
    "cited_numbers",
    "finished_part",
    "spoken_part",
    "without_invented",
    "without_marks",
]
