"""A night from its request to its end, and what comes between nights."""

from retrain.night.attempt import run_next_night, run_requested_night
from retrain.night.decisions import carry_out_next
from retrain.night.phases import OnProgress
from retrain.night.preview import lesson_of_now, preview_night
from retrain.night.provenance import hash_code
from retrain.night.reading import portion_of, read_side
from retrain.night.schedule import cron_trigger, request_due_night, start_ticking, work_through_requests

__all__ = [
    "OnProgress",
    "carry_out_next",
    "cron_trigger",
    "hash_code",
    "lesson_of_now",
    "portion_of",
    "preview_night",
    "read_side",
    "request_due_night",
    "run_next_night",
    "run_requested_night",
    "start_ticking",
    "work_through_requests",
]
