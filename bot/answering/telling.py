"""What an answer tells of its sources: written by the language model and checked, or else in the sources' own words."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from bot.answering.leading import find_drawn_on
from bot.answering.llm import LanguageModel, OnText
from bot.answering.prompt import build_prompt
from bot.answering.supported import checked_text, showing_supported, supported_text
from bot.model_text import cited_numbers
from bot.pools import ENCODING
from bot.quoting import Quotes, Vocabulary, quote_sources
from db.errors import LanguageModelError
from db.question import LLM_STEP, AnswerKind
from db.search import FoundDocument, Hit
from db.steps import Step

if TYPE_CHECKING:
    from db.models import SentenceEncoder

NOTHING_FOUND = "I don't know: I found nothing about that in the documents that may be shown here."
NOT_IN_SOURCES = "I don't know: the passages I found don't answer that. The nearest ones are listed below."

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Told:
    """What is answered, and by the number of each source that it draws on the chunk id of the passage that it means."""

    kind: AnswerKind
    text: str
    passage_of: Mapping[int, int] = field(default_factory=dict)


class Teller:
    """Tells what sources say; with no language model in their own words alone."""

    def __init__(self, llm: LanguageModel | None) -> None:
        self._llm = llm
        self._vocabulary: Vocabulary | None = None

    async def tell(
        self,
        question: str,
        sources: Sequence[FoundDocument[Hit]],
        encoder: SentenceEncoder,
        languages: tuple[str, ...],
        on_text: OnText | None,
        asking: Step,
    ) -> Told:
        """Written where there is a model that can, else quoted; without sources, that there is nothing.

        Args:
            question: as it was searched for.
            sources: that may be drawn on, best first.
            encoder: of the generation that found them, by which quotes are chosen.
            languages: the generation's.
            on_text: gets what the model has written so far, checked.
            asking: the step that this is part of.
        """
        if not sources:
            return Told("unknown", NOTHING_FOUND)
        if self._llm is not None:
            told = await self._write(self._llm, question, sources, on_text, asking)
            if told is not None:
                return told
        with asking.step("quote"):
            quotes = await ENCODING.run(partial(self._quote, question, sources, encoder, languages))
            return Told("quoted", checked_text(quotes.text, sources), quotes.passage_of)

    async def _write(
        self,
        llm: LanguageModel,
        question: str,
        sources: Sequence[FoundDocument[Hit]],
        on_text: OnText | None,
        asking: Step,
    ) -> Told | None:
        """What the language model makes of the sources, checked; None leaves it to the sources' own words."""
        try:
            with asking.step(LLM_STEP):
                watching = None if on_text is None else showing_supported(on_text, sources)
                written = await llm.write(build_prompt(question, sources), watching)
        except LanguageModelError:
            return None
        text = supported_text(written, sources)
        if cited_numbers(text):
            return Told("generated", text, find_drawn_on(text, sources))
        if re.match(r"\W*i (don['’]?t|do not) know\b", text, re.IGNORECASE):
            return Told("unknown", NOT_IN_SOURCES)
        # what names no source can't be checked by anyone
        _log.info("What the language model wrote names no source that it was given; the sources are quoted.")
        return None

    def _quote(
        self,
        question: str,
        sources: Sequence[FoundDocument[Hit]],
        encoder: SentenceEncoder,
        languages: tuple[str, ...],
    ) -> Quotes:
        known = self._vocabulary
        if known is None or known.encoder is not encoder or known.languages != languages:
            known = self._vocabulary = Vocabulary(encoder, languages)
        return quote_sources(question, sources, known)
