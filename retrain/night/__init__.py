"""A night from its request to its end, and what comes between nights."""

from retrain.night.attempt import run_next_night, run_requested_night
from retrain.night.decisions import carry_out_next
from retrain.night.memory import memory_available, memory_needed
from retrain.night.overdue_trials import why_trial_is_overdue
from retrain.night.phases import OnProgress
from retrain.night.preview import lesson_of_now, preview_night, preview_ranking
from retrain.night.provenance import hash_code
from retrain.night.reading import portion_of, read_side
from retrain.night.schedule import (
    LEAST_NEW,
    CronTrigger,
    cron_trigger,
    request_due_night,
    request_due_ranking_run,
    start_ticking,
    work_through_requests,
)
from retrain.night.space import base_model_bytes, explain_lack, in_units, space_needed, vectors_take
from retrain.night.trials import MOST_ALPHA, look_at_trial

__all__ = [
    "CronTrigger",
    "LEAST_NEW",
    "MOST_ALPHA",
    "OnProgress",
    "base_model_bytes",
    "carry_out_next",
    "cron_trigger",
    "explain_lack",
    "hash_code",
    "in_units",
    "lesson_of_now",
    "look_at_trial",
    "memory_available",
    "memory_needed",
    "portion_of",
    "preview_night",
    "preview_ranking",
    "read_side",
    "request_due_night",
    "request_due_ranking_run",
    "run_next_night",
    "run_requested_night",
    "space_needed",
    "start_ticking",
    "vectors_take",
    "why_trial_is_overdue",
    "work_through_requests",
]
