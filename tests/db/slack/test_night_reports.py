"""Which runs are told of in Slack."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa

from db.generations import end_trial, propose_trial
from db.slack import claim_reports, read_health, read_night
from tests.corpus import add_base_generation, encoders
from tests.night_rows import make_ranking_run, make_run, store_run
from tests.synthetic import make_sharing
from tests.trial_rows import TERMS, begin, night_with_trial


def test_a_ranking_run_that_nobody_asked_for_and_that_came_to_nothing_is_no_news(engine: sa.Engine) -> None:
    now = {"finished_at": datetime.now(UTC)}
    told = [
        store_run(engine, make_run(decision="refused", trigger="schedule", **now)),
        store_run(engine, make_ranking_run(trigger="schedule", **now)),
        store_run(engine, make_ranking_run(trigger="schedule", decision="pending", **now)),
        store_run(engine, make_ranking_run(trigger="schedule", decision=None, status="failed", **now)),
        store_run(engine, make_ranking_run(trigger="cli", decision="refused", **now)),
    ]
    store_run(engine, make_ranking_run(trigger="schedule", decision="refused", **now))
    assert [claim.run_id for claim in claim_reports(engine, "C1")] == [run.id for run in told]


def test_a_night_tells_of_its_own_candidate_s_trial_also_once_that_has_ended(engine: sa.Engine) -> None:
    base = add_base_generation(engine)
    other = store_run(engine, make_run(decision="refused", parent_id=base.id))
    make_sharing(engine, base, run_id=other.id, status="refused")
    run = night_with_trial(engine)
    known = begin(engine, make_sharing(engine, base, run_id=run.id), encoders().get(base))
    facts = read_night(engine, run.id)
    assert (facts.generation_id, facts.serves, facts.run.decision) == (known.candidate_id, False, "trial")
    assert facts.trial[0].endswith("goes on.") and not facts.trial_waits
    end_trial(engine, known, "dropped", by="trial 1", reason="It lost.")
    facts = read_night(engine, run.id)
    assert (facts.run.decision, facts.run.reasons[-1], facts.trial[-1]) == ("refused", "It lost.", "It lost.")
    assert read_night(engine, other.id).trial == ()


def test_a_trial_that_waits_for_an_admin_says_so_until_somebody_begins_or_ends_it(engine: sa.Engine) -> None:
    base = add_base_generation(engine)
    run = night_with_trial(engine)
    made = make_sharing(engine, base, run_id=run.id)
    known = propose_trial(engine, made, TERMS, incumbent_id=base.id)
    assert read_night(engine, run.id).trial_waits
    assert read_health(engine).to_be_tried == made.id
    end_trial(engine, known, "stopped", by="ann", reason="Not now.")
    assert not read_night(engine, run.id).trial_waits
    assert read_health(engine).to_be_tried is None
