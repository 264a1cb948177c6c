"""What one generation finds for a question: passages, the documents they are of, and whether those answer it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.pools import ANSWERS, ENCODING
from db.models import encode_questions
from db.search import FoundDocument, Hit, gather, search, unrelated_to, why_refused, worth_showing, written_found
from db.words import read_question_words

if TYPE_CHECKING:
    import sqlalchemy as sa

    from db.generations import Generation
    from db.models import SentenceEncoder
    from db.settings import Settings
    from db.steps import Step


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, best first.

    Args:
        hits: passages.
        documents: that they are of.
        relevant: ranks (1 is the best) of the documents that may be sources; none where the question is refused.
        refused_because: why nothing that was found answers it.
    """

    hits: list[Hit]
    documents: list[FoundDocument[Hit]]
    relevant: list[int]
    refused_because: str | None

    @property
    def sources(self) -> list[FoundDocument[Hit]]:
        """The documents that may be sources."""
        return [self.documents[rank - 1] for rank in self.relevant]


class Finder:
    """Searches by the generation it is given, with that one's own encoder. `exact` searches without the index."""

    def __init__(self, engine: sa.Engine, settings: Settings, *, exact: bool) -> None:
        self._engine = engine
        self._settings = settings
        self._exact = exact

    async def find(
        self, text: str, generation: Generation, encoder: SentenceEncoder, audience_ids: Sequence[int], asking: Step
    ) -> Found:
        """What these audiences may see, in the two steps that it takes."""
        with asking.step("encode"):
            [question] = await ENCODING.run(encode_questions, encoder, [text])
        with asking.step("search") as searching:
            searching.text = text
            k = max(self._settings.candidates, self._settings.sources)
            hits = await ANSWERS.run(search, self._engine, generation, question, audience_ids, k, exact=self._exact)
            documents = gather(hits)
            searching.facts |= {"generation": generation.id, "passages": len(hits), "documents": len(documents)}
            [words] = await ANSWERS.run(read_question_words, self._engine, [text], generation.languages, audience_ids)
            sources = documents[: self._settings.sources]
            refused_because = await ENCODING.run(
                why_refused, question, words, sources, written_found(sources), generation, encoder
            )
        relevant = [] if refused_because else worth_showing(documents, unrelated_to(generation))
        return Found(hits, documents, relevant, refused_because)
