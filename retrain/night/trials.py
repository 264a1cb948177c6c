"""A candidate that nobody could show to be better answers beside what serves, and people's next votes decide."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import sqlalchemy as sa

from db.answers import count_drawn, read_picks, trial_in_words
from db.errors import ModelError, NotPromotableError, StaleRunError
from db.feedback import read_said
from db.generations import (
    Encoders,
    Generation,
    Terms,
    Trial,
    begin_trial,
    catch_up_and_promote,
    end_trial,
    get_generation,
    note_look,
    open_trial,
    propose_trial,
)
from db.models import Encoder, encode_questions
from db.nights import Run, database_time
from retrain.court import Look, TeamVote, TrialRules, fold_says, is_due, look, read_look
from retrain.lesson import LabelRules, cluster_questions, make_snapshot, on_sources, reliability_of
from retrain.night.reading import read_ledger

if TYPE_CHECKING:
    from db.settings import Settings

log = logging.getLogger(__name__)

MOST_ALPHA = 0.0167
"""Chance of luck that one trial may use: what a year's first night leaves it. What is meant is .025; but questions that
ask the same in other words go the same way and aren't found to be alike, and coins that go together are luckier."""

LEAST_ALPHA = 0.002
"""Under which a trial would keep nights waiting for little."""


def may_be_tried(settings: Settings, run: Run) -> bool:
    """Whether a run's candidate may go on trial: a night's, or a ranking that somebody asked for.

    One that the clock fits every hour would keep the nights waiting for a fortnight.
    """
    return settings.trials != "off" and (run.kind == "night" or run.trigger != "schedule")


def terms_of(engine: sa.Engine, settings: Settings, run: Run, used_tonight: float) -> Terms | None:
    """What a trial of this run's candidate may take; None where the year has too little chance of luck left."""
    alpha = min(MOST_ALPHA, read_ledger(engine, run, share=1.0).alpha - used_tonight)
    if alpha < LEAST_ALPHA:
        return None
    return Terms(alpha, settings.trial_share, settings.trial_questions, settings.trial_days)


def put_on_trial(
    engine: sa.Engine, settings: Settings, encoders: Encoders, candidate: Generation, terms: Terms, run: Run
) -> Trial:
    """Begins the trial of a built candidate, or has it wait for an admin to.

    Raises:
        NotPromotableError, StaleRunError: see `begin_trial`.
    """
    if candidate.parent_id is None:
        raise NotPromotableError(f"Generation {candidate.id} was compared with nothing.")
    incumbent_id = candidate.parent_id
    if settings.trials == "ask":
        return propose_trial(engine, candidate, terms, incumbent_id=incumbent_id, lease=run.lease)
    encoder = encoders.get(candidate)
    by = f"run {run.id}"
    return begin_trial(engine, candidate, encoder, terms, incumbent_id=incumbent_id, by=by, lease=run.lease)


def waits_for_a_trial(engine: sa.Engine) -> list[str]:
    """Sentences, if one is open: what is learnt meanwhile would be compared with what may not serve much longer."""
    known = open_trial(engine)
    if known is None:
        return []
    _, *told = trial_in_words(known, count_drawn(engine, known.id))
    how = "waits for an admin to begin it" if known.status == "proposed" else "goes on"
    return [
        f"The trial of generation {known.candidate_id} {how}, and until it has ended nothing else is made: what people "
        f"vote meanwhile is learnt from afterwards. `nightshift trials show {known.id}` tells how far it is, and "
        f"`nightshift trials stop {known.id}` ends it.",
        *told,
    ]


def look_at_trial(engine: sa.Engine, encoders: Encoders, folded: dict[int, int] | None = None) -> bool:
    """Looks at the trial that goes on, if it is time to, and carries out what follows; whether that was done.

    What was seen is kept before anything is done about it: whoever is killed in between finds it kept and does that.
    Whoever looks again and again hands in what `folded` has become: by trial, how many questions were voted on when all
    that people said was read last. Of near-duplicates and those who vote much fewer count, and until somebody votes on
    another question there is nothing new to be read.
    """
    folded = {} if folded is None else folded
    known = open_trial(engine)
    if known is None or known.status != "running":
        return False
    seen = [read_look(kept) for kept in known.looks]
    if seen and seen[-1].decision != "go on":
        return carry_out(engine, encoders, known, seen[-1])
    is_over = _is_over(engine, known)
    rules = TrialRules(known.alpha, known.most_questions)
    voted = count_drawn(engine, known.id).voted
    if not is_over and (folded.get(known.id) == voted or not is_due(voted, seen, rules)):
        return False
    try:
        says = read_says(engine, encoders, known)
    except ModelError as error:  # people go on being answered by the generation before, and reports being kept true
        log.warning("trial %d can't be looked at: %s", known.id, error)
        return False
    folded[known.id] = voted
    if not is_over and not is_due(len(says), seen, rules):
        return False
    now = look(says, seen, rules, is_last=is_over)
    if note_look(engine, known, now.as_json() | {"at": database_time(engine).isoformat()}, now.spent):
        log.info("trial %d: %s %s", known.id, now.sentence, now.decision)
        if now.decision != "go on":
            return carry_out(engine, encoders, known, now)
    return True


def read_says(engine: sa.Engine, encoders: Encoders, known: Trial) -> list[int]:
    """Of each question of the trial that somebody had a say on who won it; see `fold_says`.

    Raises:
        ModelError: the serving generation's encoder can't be used; it tells which questions are alike.
    """
    picks = read_picks(engine, known.id)
    judgements = make_snapshot(read_said(engine)).judgements
    team_of = {(pick.question_id, pick.chunk_id): pick.team for pick in picks}
    votes = [
        TeamVote(vote.question_id, vote.person, team_of[vote.question_id, vote.chunk_id], vote.value)
        for vote, _ in on_sources(judgements)
        if (vote.question_id, vote.chunk_id) in team_of
    ]
    least = LabelRules().min_reliability
    reliable = {person: share >= least for person, share in reliability_of(judgements).items()}
    text_of = {pick.question_id: pick.text for pick in picks}
    encoder = encoders.get(get_generation(engine, known.incumbent_id))
    return fold_says(votes, known.most_questions, _alike(text_of, encoder), reliable)


def _alike(text_of: Mapping[int, str], encoder: Encoder) -> dict[int, int]:
    """By question, the first of those that are near-duplicates of one another."""
    if not text_of:
        return {}
    ids, texts = list(text_of), list(text_of.values())
    vectors = np.stack([own.vector for own in encode_questions(encoder, texts)])
    return {ids[place]: ids[first] for place, first in enumerate(cluster_questions(texts, vectors).tolist())}


def _is_over(engine: sa.Engine, known: Trial) -> bool:
    return known.started_at is not None and database_time(engine) - known.started_at >= timedelta(days=known.most_days)


def carry_out(engine: sa.Engine, encoders: Encoders, known: Trial, seen: Look) -> bool:
    """Promotes the candidate or ends its trial, as was seen; whether it has ended.

    What ended otherwise meanwhile is left as it is. Where documents come too fast to be encoded, it is tried
    again later.
    """
    by, candidate = f"trial {known.id}", get_generation(engine, known.candidate_id)
    try:
        if seen.decision == "promoted":
            catch_up_and_promote(
                engine,
                candidate,
                encoders.get(candidate),
                lambda _: None,
                expected_current_id=known.incumbent_id,
                by=by,
                remark=seen.sentence,
            )
        elif seen.decision != "go on":
            end_trial(engine, known, seen.decision, by=by, reason=f"{seen.sentence} {_ENDS[seen.decision]}")
    except ModelError as error:
        end_trial(engine, known, "stopped", by=by, reason=f"The candidate's model can't be used: {error}")
    except (NotPromotableError, StaleRunError) as error:
        log.warning("trial %d: %s", known.id, error)
    return open_trial(engine) is None


_ENDS = {
    "dropped": "It would make people's answers worse.",
    "undecided": "That doesn't show it to be better, and the trial's time is up.",
}
