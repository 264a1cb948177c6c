"""Votes and curated pairs become labels: what people, taken together, say of a question and a chunk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from retrain.lesson.shares import cap_shares

SYNTHETIC_WEIGHT = 0.3
"""What a question that a language model wrote is worth beside one person's plain word."""


BESIDE_SHARE = 0.3
"""What a vote on a source says of a passage that it had beside the leading one, as a share of what it says of that.

Of simulated votes on documents, the leading passage of what was voted up held the answer for 71% (the sample handbook)
and 60% (covidqa by whole articles), another one for 19% and 11%; of what was voted down, for 1% each. By an adapter of
questions that learnt from them, over three and two seeds, the right passage's mean reciprocal rank by vectors was .580
and .406 without such labels, .592 and .428 at .3, .584 and .416 at 1; documents were ranked alike, within .004.
"""

_DAY_S = 86_400.0


class Anchor(NamedTuple):
    """What a label is about: a question that was asked, the prompt of a curated pair, a `marked` or `synthetic` one.

    Of a marked question somebody said which of the sources that it was shown is the right one: worth as much as a pair
    to learn from, but the serving generation had chosen those sources, so it must not judge. A synthetic one a language
    model wrote for a passage; it never judges either. A `trained` one has no labels: it taught an earlier generation,
    and is there so that nothing like it judges.
    """

    kind: Literal["question", "pair", "marked", "synthetic", "trained"]
    id: int

    @property
    def is_given(self) -> bool:
        """Whether somebody gave the right passage, knowing the question, rather than voted on what was shown."""
        return self.kind in ("pair", "marked")


@dataclass(frozen=True, slots=True)
class Judgement:
    """One live vote on a source, which is a document.

    `chunk_id` is the passage of it that led: cited, quoted or the best. Those that were in the answer `beside` it are
    labelled too, at a share. `weight` is less than 1 for a share of a vote on a whole answer. `rank` (1 is the best)
    is where the source was shown, if known. `occurred_s` is in seconds since the epoch. `nearness` is the share of the
    words that were shown which the passage has by now: the vote says that much less of it.
    """

    person: str
    question_id: int
    chunk_id: int
    value: Literal[1, -1]
    occurred_s: float
    weight: float = 1.0
    reason: str | None = None
    origin: Literal["source", "answer"] = "source"
    rank: int | None = None
    nearness: float = 1.0
    beside: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Label:
    """`value` is the sign; `weight` (> 0) says how much it is to be believed, 1 being one person's plain word."""

    anchor: Anchor
    chunk_id: int
    value: Literal[1, -1]
    weight: float


@dataclass(frozen=True, slots=True)
class LabelRules:
    """`min_agreement` is |ups - downs| / (ups + downs), by weight, under which people are said to disagree.

    Who is less likely than `min_reliability` to vote honestly isn't listened to; see `retrain.lesson.reliability`.
    `slip_rate` is the share of votes that are slips of the finger; at 0 an up-vote at a low rank is worth as much as
    any. A vote's weight halves in `half_life_days`, counted in whole days back from the newest vote. `beside_share` is
    what a vote says of the passages that stood beside the leading one: see `labels_beside`.
    """

    person_share: float = 0.10
    chunk_share: float = 0.05
    min_agreement: float = 0.5
    min_reliability: float = 0.5
    slip_rate: float = 0.05
    half_life_days: float = 365.0
    beside_share: float = BESIDE_SHARE
    teaching_reasons: frozenset[str] = frozenset({"wrong_source"})


def labels_from_votes(judgements: Iterable[Judgement], rules: LabelRules = LabelRules()) -> list[Label]:  # noqa: B008
    """Fold votes into at most one label for each question and chunk, ordered by both.

    One person has one say on a pair: the latest, and a vote on the source before a share of one on the answer. A
    down-vote whose reason isn't about being the wrong source says nothing of relevance and is left out. Where
    people disagree nothing is learnt. No person, and no chunk, carries more than its share of the weight, as if all
    votes were of one day; what is older than the newest then counts less. A passage that was edited keeps the votes
    on what it was, each worth the share of the words that stayed: what ages is what people mean by a question. An old
    vote gives way to a newer one that contradicts it, and still counts where none does.
    """
    teaching = [vote for vote in latest_of_each_person(judgements) if _teaches(vote, rules)]
    newest = max((vote.occurred_s for vote in teaching), default=0.0)
    weights = [
        weight * 0.5 ** ((newest - vote.occurred_s) // _DAY_S / rules.half_life_days)
        for vote, weight in zip(teaching, _capped_weights(teaching, rules), strict=True)
    ]
    votes_of: dict[tuple[int, int], list[tuple[int, float]]] = defaultdict(list)
    for vote, weight in zip(teaching, weights, strict=True):
        votes_of[vote.question_id, vote.chunk_id].append((vote.value, weight))
    labels = []
    for (question_id, chunk_id), votes in sorted(votes_of.items()):
        net = sum(value * weight for value, weight in votes)
        total = sum(weight for _, weight in votes)
        if total > 0 and abs(net) / total >= rules.min_agreement:
            labels.append(Label(Anchor("question", question_id), chunk_id, 1 if net > 0 else -1, abs(net)))
    return labels


def labels_from_pairs(
    chunks_of_pair: Mapping[int, Sequence[int]], marked: Collection[int] = frozenset()
) -> list[Label]:
    """Labels from curated pairs: `{pair id: chunks that hold its completion}`, all of them right.

    A pair is one person's word, however many chunks share it. Those in `marked` get anchors of that kind.
    """
    return [
        Label(Anchor("marked" if pair_id in marked else "pair", pair_id), chunk_id, 1, 1.0 / len(chunk_ids))
        for pair_id, chunk_ids in ((key, sorted(set(own))) for key, own in sorted(chunks_of_pair.items()))
        for chunk_id in chunk_ids
    ]


def labels_from_synthetic(chunk_of_question: Mapping[int, int]) -> list[Label]:
    """Labels from questions that a language model wrote: `{question id: the chunk it was written for}`."""
    return [
        Label(Anchor("synthetic", question_id), chunk_id, 1, SYNTHETIC_WEIGHT)
        for question_id, chunk_id in sorted(chunk_of_question.items())
    ]


def on_sources(judgements: Iterable[Judgement]) -> list[tuple[Judgement, int]]:
    """Votes on one source each that speak of relevance, with the rank it was shown at, where that is known."""
    return [
        (vote, vote.rank)
        for vote in judgements
        if vote.rank is not None and vote.origin == "source" and _teaches(vote, LabelRules())
    ]


def labels_beside(labels: Sequence[Label], judgements: Iterable[Judgement], rules: LabelRules) -> list[Label]:
    """What votes on sources say of the passages that stood beside the leading ones, at `rules.beside_share`.

    It follows what people together say of the leading passage, after caps and all else: who votes more or less, and
    which sources agree, is not changed by how many passages an answer took. No passage gets more by this than
    `rules.chunk_share` of the weight that `labels` have, as no leading one does.

    Args:
        labels: of leading passages.
        judgements: all votes.
        rules: of the labels.
    """
    beside = {(vote.question_id, vote.chunk_id): vote.beside for vote in judgements if vote.beside}
    found = [
        replace(label, chunk_id=chunk_id, weight=label.weight * rules.beside_share)
        for label in labels
        if label.anchor.kind == "question" and rules.beside_share > 0
        for chunk_id in beside.get((label.anchor.id, label.chunk_id), ())
    ]
    own, more = [label.weight for label in labels], [label.weight for label in found]
    of_chunk = [label.chunk_id for label in found]
    capped = cap_shares([*range(-len(own), 0), *of_chunk], [*own, *more], rules.chunk_share)[len(own) :]
    return [replace(label, weight=weight) for label, weight in zip(found, capped, strict=True)]


def _teaches(vote: Judgement, rules: LabelRules) -> bool:
    """Whether it speaks of relevance."""
    return vote.value > 0 or vote.reason is None or vote.reason in rules.teaching_reasons


def latest_of_each_person(judgements: Iterable[Judgement]) -> list[Judgement]:
    """One vote of each person on a question and a chunk: the latest, and one on the source before one on the answer."""
    said: dict[tuple[str, int, int], Judgement] = {}
    for vote in judgements:
        key = (vote.person, vote.question_id, vote.chunk_id)
        if key not in said or _standing(vote) > _standing(said[key]):
            said[key] = vote
    return [said[key] for key in sorted(said)]


def _standing(vote: Judgement) -> tuple[bool, float, int]:
    return vote.origin == "source", vote.occurred_s, vote.value


def _capped_weights(votes: Sequence[Judgement], rules: LabelRules) -> list[float]:
    weights = [vote.weight * vote.nearness for vote in votes]
    people = [vote.person for vote in votes]
    chunks = [vote.chunk_id for vote in votes]
    for _ in range(20):  # each cap lowers the total that the other is a share of; it settles fast
        before = weights
        weights = cap_shares(people, weights, rules.person_share)
        weights = cap_shares(chunks, weights, rules.chunk_share)
        if all(abs(a - b) <= 1e-9 for a, b in zip(before, weights, strict=True)):
            break
    return weights
