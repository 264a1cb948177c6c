"""The nights' own rows: runs, who holds them, when they are due, and what they read and trained on."""

from db.nights.crontab import CronLine, night_line
from db.nights.kept_snapshots import drop_snapshot, find_kept_snapshot, keep_snapshot
from db.nights.leases import Lease, keep_beating, let_go, require_lease
from db.nights.outdated_reports import take_outdated_report
from db.nights.overdue import SILENT_AFTER, Overdue, claim_notice, find_overdue, note_told, why_overdue
from db.nights.runs import (
    PHASES,
    Decision,
    Run,
    database_time,
    fail_run,
    find_refused,
    finish_run,
    forget_ticks_ahead,
    get_run,
    last_due,
    list_runs,
    record_phase,
    request_or_join,
    request_scheduled_run,
    take_next_run,
    unfinished_runs,
    update_run,
    withdraw_request,
)
from db.nights.trained_questions import QuestionOrPair, TrainedQuestion, note_trained, read_trained
from db.nights.triplet_log import TripletRow, store_triplets

__all__ = [
    "CronLine",
    "Decision",
    "Lease",
    "Overdue",
    "PHASES",
    "Run",
    "SILENT_AFTER",
    "QuestionOrPair",
    "TrainedQuestion",
    "TripletRow",
    "claim_notice",
    "database_time",
    "drop_snapshot",
    "fail_run",
    "find_kept_snapshot",
    "find_overdue",
    "find_refused",
    "finish_run",
    "forget_ticks_ahead",
    "get_run",
    "keep_beating",
    "keep_snapshot",
    "last_due",
    "let_go",
    "list_runs",
    "night_line",
    "note_told",
    "note_trained",
    "read_trained",
    "record_phase",
    "request_or_join",
    "request_scheduled_run",
    "require_lease",
    "store_triplets",
    "take_next_run",
    "take_outdated_report",
    "unfinished_runs",
    "update_run",
    "why_overdue",
    "withdraw_request",
]
