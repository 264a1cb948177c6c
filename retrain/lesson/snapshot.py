"""What a night learns from: made of what people said, without a look at the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby

from db.feedback import DrawnCandidate, PairedChunk, Said, SyntheticQuestion, fold_votes
from db.nights import TrainedQuestion
from retrain.lesson.labels import Anchor, Judgement
from retrain.measures import AskedText


@dataclass(frozen=True, slots=True)
class AnchorText:
    """What was asked, when (seconds since the epoch), and in which audiences it was looked up; None: in all."""

    text: str
    asked_s: float
    audience_ids: tuple[int, ...] | None = None

    @property
    def asked(self) -> AskedText:
        """What was looked up, and for whom."""
        return AskedText(self.text, self.audience_ids)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Votes and curated pairs, on chunks that still exist.

    `explored` has the questions whose answers had a source that chance brought up: `{question id: {chunk id of the
    passage that leads a source: 1 / the source's probability of being shown in an answer that explores}}`. `marked` are
    the pairs that call a source right which their question's answer had shown. `synthetic` has the chunk of each
    question that a language model wrote, `trained` what earlier nights trained on. `lost` counts live votes on passages
    that are gone, and of whose words too few are left anywhere.
    """

    judgements: tuple[Judgement, ...]
    chunks_of_pair: Mapping[int, tuple[int, ...]]
    anchors: Mapping[Anchor, AnchorText]
    explored: Mapping[int, Mapping[int, float]] = field(default_factory=dict)
    marked: frozenset[int] = frozenset()
    synthetic: Mapping[int, int] = field(default_factory=dict)
    trained: tuple[TrainedQuestion, ...] = ()
    lost: int = 0

    def counts(self) -> dict[str, int]:
        """Figures for the run's row; those of votes on passages that were edited, or went, only where there are any."""
        edited = [judgement.nearness for judgement in self.judgements if judgement.nearness < 1]
        found = {"votes": len(self.judgements), "pairs": len(self.chunks_of_pair)}
        if edited:
            found |= {"votes_on_edited": len(edited), "edited_words_kept": round(100 * sum(edited) / len(edited))}
        return found | ({"votes_lost": self.lost} if self.lost else {})

    def texts(self) -> dict[Anchor, str]:
        """Everything that has to be encoded, by its anchor."""
        return {
            **{anchor: own.text for anchor, own in self.anchors.items()},
            **{Anchor("trained", own.id): own.text for own in self.trained},
        }


def make_snapshot(said: Said) -> Snapshot:
    """The live votes on sources that still have a passage, the pairs, and the texts of what both are about."""
    live = list(_live_votes(said))
    judgements = tuple(judgement for judgement in live if judgement is not None)
    judged = {judgement.question_id for judgement in judgements}
    marked = frozenset(row.pair_id for row in said.pairs if row.was_shown)
    anchors = _anchors_of_pairs(said.pairs, marked) | {
        Anchor("question", asked.id): AnchorText(asked.text, asked.asked_at.timestamp(), asked.audience_ids)
        for asked in said.questions
        if asked.id in judged
    }
    snapshot = Snapshot(
        judgements,
        _chunks_of_pair(said.pairs),
        anchors,
        _explored(said.drawn),
        marked,
        trained=said.trained,
        lost=len(live) - len(judgements),
    )
    return with_synthetic(snapshot, said.synthetic)


def with_synthetic(snapshot: Snapshot, written: Iterable[SyntheticQuestion]) -> Snapshot:
    """The same snapshot with these questions that a language model wrote, and no others of that kind."""
    written = list(written)
    anchors = {anchor: text for anchor, text in snapshot.anchors.items() if anchor.kind != "synthetic"}
    anchors |= {Anchor("synthetic", own.id): AnchorText(own.text, own.made_at.timestamp()) for own in written}
    return replace(snapshot, anchors=anchors, synthetic={own.id: own.chunk_id for own in written})


def _live_votes(said: Said) -> Iterator[Judgement | None]:
    """All that stand; None for each whose source has no passage any more."""
    reasons = {(given.person, given.citation_id): given.reason for given in said.reasons}
    shown = {
        question_id: {source.citation_id: source for source in sources}
        for question_id, sources in groupby(said.shown, key=lambda source: source.question_id)
    }
    for (question_id, person), own in groupby(said.vote_events, key=lambda event: (event.question_id, event.person)):
        sources = shown.get(question_id, {})
        for citation_id, vote in fold_votes(own, list(sources)).items():
            source = sources[citation_id]
            if source.chunk_id is None:
                yield None
            else:
                yield Judgement(
                    person=person,
                    question_id=question_id,
                    chunk_id=source.chunk_id,
                    value=1 if vote.value > 0 else -1,
                    occurred_s=float(vote.occurred_ts),
                    weight=vote.weight,
                    reason=reasons.get((person, citation_id)),
                    origin=vote.origin,
                    rank=source.rank,
                    nearness=source.nearness,
                    beside=source.beside,
                )


def _explored(drawn: Iterable[DrawnCandidate]) -> dict[int, dict[int, float]]:
    explored: dict[int, dict[int, float]] = {}
    for question_id, candidates in groupby(drawn, key=lambda candidate: candidate.question_id):
        own = list(candidates)
        drawn_from = sum(each.propensity < 1 for each in own) - 1  # those that chance had a part in, but the usual last
        explored[question_id] = {
            each.chunk_id: 1.0 if each.propensity == 1 else float(drawn_from)
            for each in own
            if each.shown and each.chunk_id is not None
        }
    return explored


def _chunks_of_pair(pairs: Iterable[PairedChunk]) -> dict[int, tuple[int, ...]]:
    chunks: dict[int, list[int]] = defaultdict(list)
    for row in pairs:
        chunks[row.pair_id].append(row.chunk_id)
    return {pair_id: tuple(own) for pair_id, own in chunks.items()}


def _anchors_of_pairs(pairs: Iterable[PairedChunk], marked: frozenset[int]) -> dict[Anchor, AnchorText]:
    return {
        Anchor("marked" if row.pair_id in marked else "pair", row.pair_id): AnchorText(
            row.prompt, row.added_at.timestamp()
        )
        for row in pairs
    }
