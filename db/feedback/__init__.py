"""What people say of answers: votes, reasons, pairs, golden questions, reviews."""

from db.feedback.fold import VoteEvent, fold_votes
from db.feedback.golden import (
    GoldenPair,
    RightDocument,
    add_cited_source,
    add_golden_pair,
    add_right_document,
    find_right_document,
    list_golden_pairs,
)
from db.feedback.pairs import MAX_LINE_BYTES, export_pairs, import_pairs, relink_pairs
from db.feedback.reasons import left_reasons, note_passed_on
from db.feedback.reviews import (
    CitedDocument,
    Review,
    Settlement,
    cited_document,
    load_review,
    open_review,
    settle_review,
    withdraw_review,
)
from db.feedback.said import Bounds, DrawnCandidate, GivenReason, PairedChunk, Said, read_said
from db.feedback.synthetic import (
    SyntheticQuestion,
    choose_unasked,
    count_questions_since,
    newest_question_id,
    read_questions,
    store_questions,
)
from db.feedback.told_in_public import PairRow, public_questions, read_pair_rows
from db.feedback.vote_import import VotesReport, import_votes
from db.feedback.vote_rows import VoteRow, read_vote_rows, without_mentions
from db.feedback.votes import count_votes, count_votes_since, live_votes, pressed_buttons, record_vote, set_reason

__all__ = [
    "MAX_LINE_BYTES",
    "Bounds",
    "CitedDocument",
    "DrawnCandidate",
    "GivenReason",
    "GoldenPair",
    "PairRow",
    "PairedChunk",
    "Review",
    "RightDocument",
    "Said",
    "Settlement",
    "SyntheticQuestion",
    "VoteEvent",
    "VoteRow",
    "VotesReport",
    "add_cited_source",
    "add_golden_pair",
    "add_right_document",
    "choose_unasked",
    "cited_document",
    "count_questions_since",
    "count_votes",
    "count_votes_since",
    "export_pairs",
    "find_right_document",
    "fold_votes",
    "import_pairs",
    "import_votes",
    "left_reasons",
    "list_golden_pairs",
    "live_votes",
    "load_review",
    "newest_question_id",
    "note_passed_on",
    "open_review",
    "pressed_buttons",
    "public_questions",
    "read_pair_rows",
    "read_questions",
    "read_said",
    "read_vote_rows",
    "without_mentions",
    "record_vote",
    "relink_pairs",
    "set_reason",
    "settle_review",
    "store_questions",
    "withdraw_review",
]
