"""What a question and its answer are: as asked, as drafted, and as stored and shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from db.corpus import ChannelKind
    from db.search import Hit

AnswerKind = Literal["generated", "quoted", "unknown"]

LLM_STEP = "llm"
"""Name of the timed step in which a language model was asked; a quoted answer that has it is a fallback."""


Team = Literal["incumbent", "candidate"]
"""In a trial: what serves, and what is to show that it is better."""

EXPLORATION_DEPTH = 20
"""The lowest rank from which an explored source may come, and down to which exploration can tell of a ranking."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it came in: who asks what, and where the reply will be seen.

    `person` is "<workspace>:<user>"; `event_id` names the Slack event, of which there is one question at most.
    `authors` are those whose words the question brings in, where they aren't, or aren't only, of who asks.
    """

    text: str
    workspace: str
    channel: str
    channel_kind: ChannelKind
    person: str
    thread_ts: str | None = None
    event_id: str | None = None
    guests_read: bool = False
    authors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage that was in an answer, with the headings above it: "Benefits > Leave", or "".

    `similarity` is its cosine with the question, `score` what it was ranked by.
    """

    section: str
    text: str
    similarity: float
    score: float


@dataclass(frozen=True, slots=True)
class Source:
    """A document that was shown, under its number in the answer; people vote on it by `citation_id`.

    `passages`, at least one, are those of it that the answer was made from. The first leads: the one that was cited or
    quoted, else the best. `why` says what that one was ranked by, and `stale` that the document may be outdated,
    with the reasons, as half a sentence that quotes nothing; "" where nothing says so.
    """

    citation_id: str
    number: int
    title: str
    uri: str
    passages: tuple[Passage, ...]
    why: str = ""
    stale: str = ""

    @property
    def lead(self) -> Passage:
        """The passage that its link leads to."""
        return self.passages[0]


@dataclass(frozen=True, slots=True)
class NearDocument:
    """A document that a refused question came nearest to; nobody votes on it."""

    title: str
    uri: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered: Markdown with [n] naming `sources`; `note` says what the reader should know beside it.

    A question that was refused has no sources: `refused_because` says why, and `nearest` where to look.
    """

    question_id: int
    kind: AnswerKind
    text: str
    sources: tuple[Source, ...]
    generation_id: int
    timings_ms: dict[str, float]
    note: str | None
    refused_because: str | None = None
    nearest: tuple[NearDocument, ...] = ()


def answer_from_facts(facts: Mapping[str, Any]) -> Answer:
    """The answer of which these are the facts, as `dataclasses.asdict` and JSON leave them."""
    sources = tuple(
        Source(**own | {"passages": tuple(Passage(**passage) for passage in own["passages"])})
        for own in facts["sources"]
    )
    nearest = tuple(NearDocument(**own) for own in facts["nearest"])
    return Answer(**{**facts, "sources": sources, "nearest": nearest})


@dataclass(frozen=True, slots=True)
class Drawn:
    """What two generations answered together, in trial `trial_id`.

    Args:
        trial_id: whose votes these will be.
        slots: sources that were shown.
        contested: of them those that one team picked.
        teams: by the chunk id of each passage of a contested source, whose pick that was.
        incumbent_ranks, candidate_ranks: by chunk id, ranks in what each of the two found.
    """

    trial_id: int
    slots: int
    contested: int
    teams: Mapping[int, Team]
    incumbent_ranks: Mapping[int, int]
    candidate_ranks: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer that isn't stored yet.

    `searched_text` is what was encoded, and `hits` all that the search found, best first. `shown` has, for sources 1,
    2, … of the answer, the chunk ids of their passages, that which leads first. `propensities` tells how likely each
    document was to be shown, by the rank of its best passage; documents that could not be are left out.
    `refused_because` is set where nothing that was found answers the question. In a trial, `hits` are what the serving
    generation found, and then what it didn't find of the sources that were shown.
    """

    searched_text: str
    audience_ids: Sequence[int]
    generation_id: int
    kind: AnswerKind
    text: str
    hits: Sequence[Hit]
    shown: Sequence[Sequence[int]]
    timings_ms: Mapping[str, float]
    propensities: Mapping[int, float] = field(default_factory=dict)
    refused_because: str | None = None
    drawn: Drawn | None = None
