"""What a person turned down stays back: no night brings it again by itself until people said enough that is new."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from db.generations import Generation, TurnedDown, is_alike, turned_down_generations
from retrain.lesson import Snapshot
from retrain.night.news import News, news_since

if TYPE_CHECKING:
    from db.settings import Settings


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
    news = news_since(engine, latest.generation.run_id or 0, snapshot) if latest else None
    if latest is None or news is None:
        return StaysBack(tuple(same[:1]))
    if news.new < news.needed:
        return StaysBack((_too_little_is_new(latest, news),))
    if same:
        return StaysBack((same[0],))
    return StaysBack(
        remark=f"{_which_and_by_whom(latest)}; {news.new} votes and curated pairs have come or changed since it learnt "
        f"from {news.had}, so another one was compared."
    )


def made_before(engine: sa.Engine, candidate: Generation) -> list[str]:
    """A sentence, if this very model and ranking were turned down, whatever they learnt from; else nothing."""
    return [
        _the_same_again(one)
        for one in turned_down_generations(engine, candidate.base_model)
        if one.generation.id != candidate.id
        and one.generation.artefact_sha256 == candidate.artefact_sha256
        and is_alike(one.generation.ranking, candidate.ranking)
    ][:1]


def _counts(turned_down: TurnedDown, incumbent: Generation) -> bool:
    """Whether nothing was promoted since: what serves did already, or was put back in its place."""
    return incumbent.promoted_at is None or turned_down.at >= incumbent.promoted_at


def _the_same_again(one: TurnedDown) -> str:
    return (
        f"{_which_and_by_whom(one)}, and what this night makes is the very same model. It stays back: only votes and "
        f"curated pairs that make another one, or a person, change that.{_way_back(one)}"
    )


def _too_little_is_new(one: TurnedDown, news: News) -> str:
    return (
        f"{_which_and_by_whom(one)}, and there is too little that is new: {news} before a night may promote again."
        f"{_way_back(one)}"
    )


def _which_and_by_whom(one: TurnedDown) -> str:
    return f"Generation {one.generation.id} was {one.how} by {one.by} on {one.at:%-d %B %Y}"


def _way_back(one: TurnedDown) -> str:
    if one.generation.status == "pruned":
        return ""
    force = " --force" if one.generation.status == "refused" else ""
    return f" `nightshift generations promote {one.generation.id}{force}` has it serve all the same."
