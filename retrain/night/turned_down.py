"""What a person turned down stays back: no night brings it again by itself until people said enough that is new."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

import sqlalchemy as sa

from db.feedback import Bounds, read_said
from db.generations import Generation, TurnedDown, turned_down_generations
from db.nights import get_run
from retrain.lesson import Snapshot, make_snapshot

if TYPE_CHECKING:
    from db.settings import Settings

NEW_SHARE = 0.1
"""Of the votes and pairs that one which was turned down had: as many have to be new before another may serve."""


@dataclass(frozen=True, slots=True)
class StaysBack:
    """Why a night is refused, as sentences; or else the `remark` that it makes where it promotes, if there is one."""

    reasons: tuple[str, ...] = ()
    remark: str | None = None


def stays_back(
    engine: sa.Engine, snapshot: Snapshot, training: str, incumbent: Generation, settings: Settings
) -> StaysBack:
    """May what this night learns serve, seeing what people have turned down?

    Not the same model again. Nor another one, if there is little that is new since the latest one that was turned
    down, unless another has been promoted since: a vote more or less makes another model, but hardly a better one.

    Args:
        engine: the database.
        snapshot: what there is to learn from now.
        training: what `training_of` the night's lesson is.
        incumbent: what serves.
        settings: which base model is trained.
    """
    turned_down = turned_down_generations(engine, settings.base_model)
    same = [_the_same_again(one) for one in turned_down if one.generation.metrics.get("training") == training]
    latest = next((one for one in turned_down if _counts(one, incumbent)), None)
    bounds = get_run(engine, latest.generation.run_id or 0).snapshot if latest else None
    if latest is None or bounds is None:
        return StaysBack(tuple(same[:1]))
    then, now = said_in(make_snapshot(read_said(engine, Bounds(**bounds)))), said_in(snapshot)
    new = sum(then.get(what) != how for what, how in now.items()) + len(then.keys() - now.keys())
    needed = max(1, ceil(NEW_SHARE * len(then)))
    if new < needed:
        return StaysBack((_too_little_is_new(latest, new, needed, len(then)),))
    if same:
        return StaysBack((same[0],))
    return StaysBack(
        remark=f"{_which_and_by_whom(latest)}; {new} votes and curated pairs have come or changed since it learnt from "
        f"{len(then)}, so another one was compared."
    )


def made_before(engine: sa.Engine, candidate: Generation) -> list[str]:
    """A sentence, if this very model was turned down, whatever it was trained on; else nothing."""
    return [
        _the_same_again(one)
        for one in turned_down_generations(engine, candidate.base_model)
        if one.generation.id != candidate.id and one.generation.artefact_sha256 == candidate.artefact_sha256
    ][:1]


def said_in(snapshot: Snapshot) -> Mapping[Hashable, Hashable]:
    """What people said, by what they said it of: votes with their reasons, and the questions of pairs."""
    votes: dict[Hashable, Hashable] = {
        (vote.person, vote.question_id, vote.chunk_id, vote.origin): (vote.value, vote.reason)
        for vote in snapshot.judgements
    }
    pairs: dict[Hashable, Hashable] = {own.text: True for anchor, own in snapshot.anchors.items() if anchor.is_given}
    return {**votes, **pairs}


def _counts(turned_down: TurnedDown, incumbent: Generation) -> bool:
    """Whether nothing was promoted since: what serves did already, or was put back in its place."""
    return incumbent.promoted_at is None or turned_down.at >= incumbent.promoted_at


def _the_same_again(one: TurnedDown) -> str:
    return (
        f"{_which_and_by_whom(one)}, and what this night makes is the very same model. It stays back: only votes and "
        f"curated pairs that make another one, or a person, change that.{_way_back(one)}"
    )


def _too_little_is_new(one: TurnedDown, new: int, needed: int, had: int) -> str:
    return (
        f"{_which_and_by_whom(one)}, and there is too little that is new: of votes and curated pairs, {new} have come "
        f"or changed since it learnt from {had}, and {needed} are needed before a night may promote again."
        f"{_way_back(one)}"
    )


def _which_and_by_whom(one: TurnedDown) -> str:
    return f"Generation {one.generation.id} was {one.how} by {one.by} on {one.at:%-d %B %Y}"


def _way_back(one: TurnedDown) -> str:
    if one.generation.status == "pruned":
        return ""
    force = " --force" if one.generation.status == "refused" else ""
    return f" `nightshift generations promote {one.generation.id}{force}` has it serve all the same."
