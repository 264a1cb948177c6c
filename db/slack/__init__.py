"""What Slack's events, messages and channels need to have remembered."""

from db.slack.ballots import keep_ballot, prune_ballots, use_ballot
from db.slack.channel_settings import WAYS_TO_ANSWER, Answers, answers_in, set_answers
from db.slack.events import (
    abandoned_events,
    claim_event,
    count_abandoned,
    finish_event,
    lease_event,
    nameless_key,
    prune_events,
    release_event,
    renew_event,
)
from db.slack.figures import FAILURE_DAYS, Figures, read_figures
from db.slack.health import HEALTH_DAYS, Health, read_health
from db.slack.night_reports import (
    NightFacts,
    PostedReport,
    ReportClaim,
    changed_in,
    claim_reports,
    keep_claim,
    note_posted,
    note_shown,
    read_night,
    reports_to_check,
    texts_to_show,
)
from db.slack.quotas import RecentQuestion, asked_by, asked_in, waits_s

__all__ = [
    "WAYS_TO_ANSWER",
    "Answers",
    "FAILURE_DAYS",
    "Figures",
    "RecentQuestion",
    "HEALTH_DAYS",
    "Health",
    "NightFacts",
    "PostedReport",
    "ReportClaim",
    "abandoned_events",
    "answers_in",
    "asked_by",
    "asked_in",
    "changed_in",
    "claim_event",
    "count_abandoned",
    "claim_reports",
    "finish_event",
    "keep_ballot",
    "keep_claim",
    "lease_event",
    "nameless_key",
    "note_posted",
    "note_shown",
    "prune_ballots",
    "prune_events",
    "read_figures",
    "read_health",
    "read_night",
    "release_event",
    "renew_event",
    "reports_to_check",
    "set_answers",
    "texts_to_show",
    "use_ballot",
    "waits_s",
]
