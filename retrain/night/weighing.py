"""A candidate's ranking: fitted to what people said of lists that were served before they said it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import sqlalchemy as sa

from db.answers import Ranked, read_ranked
from db.generations import Ranking
from db.search import read_shelf, read_written, score_words
from retrain.court import Side, find_listed, share_shelf
from retrain.lesson import Anchor, Label, Lesson
from retrain.night.phases import Facts
from retrain.ranking import AS_SHIPPED, Fitted, choices_of, fit_ranking

LEAST_PEOPLE = 2
"""People whose votes it takes: one alone says what they like, and nothing of anybody else."""


def weigh_features(engine: sa.Engine, before: Side, lesson: Lesson) -> Fitted:
    """Fits the weights to all that the lesson trains on.

    Each question is looked at as it was answered: by an encoder that had not learnt it, which a candidate has. Weights
    that are fitted to what an encoder made of its own training trust its cosines more than anybody else can (measured:
    ndcg@10 .699 rather than .713). For the same reason curated pairs, which were never asked, count only where the
    base model serves: later ones have learnt them.
    """
    weighed = labels_weighed(before, lesson)
    voted = [label for label in weighed if label.anchor.kind == "question"]
    why_not = _why_votes_tell_nothing(voted, lesson)
    asked = [] if why_not else voted
    given = [label for label in weighed if label.anchor.kind == "pair"]
    listed = read_ranked(engine, {label.anchor.id for label in asked})
    served: dict[Anchor, Sequence[Ranked]] = {Anchor("question", own): found for own, found in listed.items()}
    served |= _lists_of_pairs(engine, before, lesson, sorted({label.anchor for label in given}))
    fitted = fit_ranking(choices_of([*asked, *given], served, lesson.cluster_of))
    return replace(fitted, why_not=f"{AS_SHIPPED}{why_not}.") if fitted.why_not and why_not else fitted


def labels_weighed(before: Side, lesson: Lesson) -> list[Label]:
    """What weights are fitted to: votes that train, and pairs that do unless the encoder that serves learnt them."""
    kinds = ("question",) if before.generation.is_trained else ("question", "pair")
    return [own for own in lesson.labels if lesson.part_of[own.anchor] == "train" and own.anchor.kind in kinds]


def _why_votes_tell_nothing(voted: Sequence[Label], lesson: Lesson) -> str | None:
    """Why no weights are fitted to votes; None where they are, and where there are none."""
    asked = {label.anchor.id for label in voted}
    people = {vote.person for vote in lesson.snapshot.judgements if vote.question_id in asked}
    if voted and len(people) < LEAST_PEOPLE:
        return "all votes that train are one person's"
    said = {label.value for label in voted}
    if len(said) == 1:
        return f"all votes that train say {'up' if 1 in said else 'down'}, so that nothing is told apart by them"
    return None


def _lists_of_pairs(
    engine: sa.Engine, before: Side, lesson: Lesson, anchors: Sequence[Anchor]
) -> dict[Anchor, list[Ranked]]:
    if not anchors:
        return {}
    shelf = share_shelf(before, before, read_shelf(engine), partial(read_written, engine))
    asked = [lesson.snapshot.anchors[anchor].asked for anchor in anchors]
    lists = find_listed(before, asked, shelf, partial(score_words, engine))
    return {
        anchor: [Ranked(own.chunk_id, own.document_id, own.copy, False, own.features) for own in found]
        for anchor, found in zip(anchors, lists, strict=True)
    }


def told_of(fitted: Fitted, served: Ranking) -> Facts:
    """Facts for the run's row and its report; `served` is what served before."""
    weights, before = (own.as_json()["weights"] for own in (fitted.ranking, served))
    facts = {"questions": fitted.questions, "weights": weights, "served": before}
    if fitted.why_not:
        return {"ranking": facts | {"why_not": fitted.why_not}}
    return {"ranking": facts | {"before": round(fitted.before, 4), "after": round(fitted.after, 4)}}
