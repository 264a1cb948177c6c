"""A trial in a company that hashes its texts, and the people who ask and vote in it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import sqlalchemy as sa

from db.answers import store_answer
from db.feedback import VoteEvent, record_vote
from db.generations import Terms, Trial, add_generation, begin_trial, serving
from db.models import EncodedQuestion
from db.question import Asked, Draft, Drawn, Team
from db.search import search
from tests.night_rows import make_run, store_run
from tests.ranked_company import found_company, question_about
from tests.synthetic import HashingEncoder

QUESTIONS = 60
"""A trial's; so it is looked at every third of them."""


@dataclass
class Voters:
    """People who ask, in a trial, and vote on a source of each side; nobody asks more than one may say."""

    engine: sa.Engine
    trial: Trial
    asked: int = 0

    def ask(self, *values: int, person: str | None = None, text: str | None = None) -> None:
        """A question each: 1 is a vote up for the candidate's pick, -1 for the incumbent's, 0 says nothing."""
        for value in values:
            self.asked += 1
            asked = text or question_about(self.asked)
            person_id = person or f"T1:UTRIAL{self.asked}"
            [vector] = HashingEncoder().encode_questions([asked])
            generation = serving(self.engine)
            hits = search(self.engine, generation, EncodedQuestion(asked, vector), [1], 10, exact=True)
            picks: dict[int, Team] = {hits[0].chunk_id: "incumbent", hits[1].chunk_id: "candidate"}
            drawn = Drawn(self.trial.id, 2, 2, picks, {hits[0].chunk_id: 1}, {hits[1].chunk_id: 1})
            shown = [[own] for own in picks]
            draft = Draft(asked, [1], generation.id, "quoted", "…", hits, shown, {"total": 1.0}, drawn=drawn)
            answer = store_answer(self.engine, Asked(asked, "T1", "C1", "public", person_id), draft)
            if value:
                cited = answer.sources[value > 0].citation_id
                at = Decimal(10_000 + self.asked)
                record_vote(
                    self.engine,
                    VoteEvent(f"trial {cited}", "T1", person_id, answer.question_id, cited, "set", 1, at),
                )


def found_unasked_company(engine: sa.Engine) -> None:
    """With as many documents as a trial has questions, of which nobody has asked one."""
    found_company(engine, documents=QUESTIONS, pairs=0)


def found_voters(engine: sa.Engine) -> Voters:
    """In that company; on trial is what serves once more: a night that never ran made it."""
    return Voters(engine, try_again(engine))


def try_again(engine: sa.Engine) -> Trial:
    """A trial of what serves against itself."""
    base = serving(engine)
    run = store_run(engine, make_run(decision="trial", parent_id=base.id, evidence={}))
    with engine.begin() as connection:
        own = {"parent_id": base.id, "run_id": run.id, "artefact_id": base.artefact_id, "metrics": {"reasons": []}}
        made = add_generation(connection, **own, status="built")
    terms = Terms(alpha=0.025, share=0.2, most_questions=QUESTIONS, most_days=14)
    return begin_trial(engine, made, HashingEncoder(), terms, incumbent_id=base.id, by=f"run {run.id}")
