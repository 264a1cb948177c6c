"""The nights' own rows: runs, who holds them, when they are due, and what they read and trained on."""

from db.nights.crontab import CronLine, night_line
from db.nights.kept_snapshots import drop_snapshot, find_kept_snapshot, keep_snapshot
from db.nights.learnt_from import QuestionOrPair, note_learnt_from
from db.nights.leases import Lease, keep_beating, let_go, require_lease
from db.nights.outdated_reports import take_outdated_report
from db.nights.overdue import SILENT_AFTER, Overdue, claim_notice, find_overdue, note_told, why_overdue
from db.nights.passing_time import pass_time
from db.nights.requests import request_between_nights, request_or_join, withdraw_request
from db.nights.runs import (
    PHASES,
    Decision,
    Kind,
    Run,
    find_refused,
    get_run,
    last_ended,
    last_looked,
    last_ranking_request,
    list_runs,
    unfinished_runs,
)
from db.nights.taking import fail_run, finish_run, record_phase, take_next_run, update_run
from db.nights.ticks import database_time, forget_ticks_ahead, last_due, request_scheduled_run
from db.nights.trained_questions import TrainedQuestion, note_trained, read_trained

__all__ = [
    "CronLine",
    "Decision",
    "Kind",
    "Lease",
    "Overdue",
    "PHASES",
    "Run",
    "SILENT_AFTER",
    "QuestionOrPair",
    "TrainedQuestion",
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
    "last_ended",
    "last_looked",
    "last_ranking_request",
    "let_go",
    "list_runs",
    "night_line",
    "note_learnt_from",
    "note_told",
    "note_trained",
    "pass_time",
    "read_trained",
    "record_phase",
    "request_between_nights",
    "request_or_join",
    "request_scheduled_run",
    "require_lease",
    "take_next_run",
    "take_outdated_report",
    "unfinished_runs",
    "update_run",
    "why_overdue",
    "withdraw_request",
]
