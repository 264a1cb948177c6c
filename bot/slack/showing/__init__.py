"""What Slack is shown: answers, votes, nights and App Home as blocks; pure."""

from bot.slack.showing.admin_view import decision_blocks, gap_blocks, health_blocks, warnings_of
from bot.slack.showing.home_view import (
    ERASE_ALL,
    ERASE_QUESTION,
    HOME_EXPORT,
    HOME_VOTE,
    PAGE_SIZE,
    TURN_PAGE,
    change_blocks,
    notice_block,
    person_blocks,
)
from bot.slack.showing.night_buttons import DECISION_ACTIONS, wanted_by
from bot.slack.showing.night_view import digest_of, render_night
from bot.slack.showing.render import Rendered, render_answer, render_draft, render_rows, stream_text, with_text
from bot.slack.showing.review_view import REVIEW_ACTIONS, document_title, outcome_line, question_to_owner, settlement_by
from bot.slack.showing.vote_buttons import (
    RIGHT_SOURCE,
    VOTE_ACTIONS,
    VOTE_DOWN,
    VOTE_UP,
    VoteButton,
    Votes,
    ballot,
    show_chosen,
    vote_button,
    vote_line,
)
from bot.slack.showing.vote_forms import REASON_BLOCK, RIGHT_BLOCK, VOTE_REASON, reason_modal, right_source_modal
from bot.slack.showing.withheld_view import ANSWER_PRIVATELY, withheld_blocks, withheld_sentence

__all__ = [
    "ANSWER_PRIVATELY",
    "DECISION_ACTIONS",
    "ERASE_ALL",
    "ERASE_QUESTION",
    "HOME_EXPORT",
    "HOME_VOTE",
    "PAGE_SIZE",
    "REASON_BLOCK",
    "REVIEW_ACTIONS",
    "RIGHT_BLOCK",
    "RIGHT_SOURCE",
    "Rendered",
    "TURN_PAGE",
    "VOTE_ACTIONS",
    "VOTE_DOWN",
    "VOTE_REASON",
    "VOTE_UP",
    "VoteButton",
    "Votes",
    "ballot",
    "change_blocks",
    "decision_blocks",
    "digest_of",
    "document_title",
    "gap_blocks",
    "health_blocks",
    "notice_block",
    "outcome_line",
    "person_blocks",
    "question_to_owner",
    "reason_modal",
    "render_answer",
    "render_draft",
    "render_night",
    "render_rows",
    "right_source_modal",
    "settlement_by",
    "show_chosen",
    "stream_text",
    "vote_button",
    "vote_line",
    "wanted_by",
    "warnings_of",
    "with_text",
    "withheld_blocks",
    "withheld_sentence",
]
