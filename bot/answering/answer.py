"""A question comes in, an answer with votable sources goes out: the whole way, top to bottom."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bot.answering.exploration import choose_ranks
from bot.answering.followup import MAX_TURNS, build_rewrite_prompt, check_rewritten
from bot.answering.leading import find_drawn_on, led_by
from bot.answering.llm import LanguageModel, OnText
from bot.answering.prompt import build_prompt
from bot.answering.refusing import why_refused
from bot.answering.supported import checked_text, showing_supported, storable, supported_text
from bot.model_text import cited_numbers
from bot.pools import ANSWERS, ENCODING
from bot.quoting import Quotes, Vocabulary, quote_sources
from db.answers import answer_to_event, store_answer, thread_history
from db.corpus import reply_audiences
from db.errors import BadInputError, LanguageModelError
from db.generations import Encoders, Generation, Pins, maintained
from db.models import encode_questions
from db.question import LLM_STEP, Answer, AnswerKind, Asked, Draft
from db.search import (
    FoundDocument,
    Hit,
    gather,
    search,
    unrelated_to,
    worth_showing,
)
from db.settings import Settings
from db.steps import Step
from db.words import read_question_words

if TYPE_CHECKING:
    from db.models import SentenceEncoder

MAX_QUESTION_CHARS = 2_000
REWRITE_DEADLINE_S = 10.0
"""Seconds a model gets to make a follow-up stand alone: the answer itself is still to come."""

NOTHING_FOUND = "I don't know: I found nothing about that in the documents that may be shown here."
NOT_IN_SOURCES = "I don't know: the passages I found don't answer that. The nearest ones are listed below."
CUT_SHORT = f"_Your question was long: I read its first {MAX_QUESTION_CHARS:,} characters._"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Told:
    """What is answered, and by the number of each source that it draws on the chunk id of the passage that it means."""

    kind: AnswerKind
    text: str
    passage_of: Mapping[int, int] = field(default_factory=dict)


class Answerer:
    """Answers questions from what the reply's readers may see; used by Slack, console and command line alike.

    `exact` searches without the index, whose build differs a little each time.
    """

    def __init__(
        self,
        engine: sa.Engine,
        settings: Settings,
        encoders: Encoders,
        llm: LanguageModel | None,
        *,
        exact: bool = False,
    ) -> None:
        self._engine = engine
        self._settings = settings
        self.encoders = encoders
        self.pins = Pins(engine, encoders)
        self._llm = llm
        self._exact = exact
        self._vocabulary: Vocabulary | None = None

    async def warm_up(self) -> None:
        """Loads the encoder that serves, so that the first question doesn't wait for it.

        Raises:
            EmptyCorpusError: nothing was ever ingested.
            ModelError: neither the serving generation's encoder can be used nor the previous one's.
        """
        await self._pin()

    async def answer(self, asked: Asked, on_text: OnText | None = None) -> Answer:
        """Answers and stores the question, once per event: asked again, the stored answer comes back.

        With a language model the answer is written, without one (or when it fails) quoted. The event loop is never
        blocked. `on_text` gets the written text so far, already checked, as often as the model sends some; what it
        raises is logged and ends its calls, not the answer.

        Raises:
            BadInputError: there is no question in the text.
            AudienceUnknownError: who would see the reply can't be determined.
            EmptyCorpusError: nothing was ever ingested.
            ModelError: neither the serving generation's encoder can be used nor the previous one's.
            DatabaseUnavailableError: nothing is stored.
        """
        asked = replace(asked, text=_clean_question(asked.text))
        if asked.event_id is not None:
            answered = await ANSWERS.run(answer_to_event, self._engine, asked.event_id)
            if answered is not None:
                return answered
        with Step("question") as asking:
            return await self._answer(asked, on_text, asking)

    async def _answer(self, asked: Asked, on_text: OnText | None, asking: Step) -> Answer:
        with asking.step("audience"):
            audience_ids = await ANSWERS.run(
                reply_audiences, self._engine, asked.workspace, asked.channel, asked.channel_kind, asked.person
            )
        text = await self._stand_alone(asked, audience_ids, asking)
        with asking.step("generation"):
            # pinned here, once: encoder and vectors are this generation's, whatever is promoted meanwhile
            generation, encoder = await self._pin()
        with asking.step("encode"):
            [question] = await ENCODING.run(encode_questions, encoder, [text])
        with asking.step("search"):
            k = max(self._settings.candidates, self._settings.sources)
            hits = await ANSWERS.run(search, self._engine, generation, question, audience_ids, k, exact=self._exact)
            documents = gather(hits)
            [words] = await ANSWERS.run(read_question_words, self._engine, [text], generation.languages, audience_ids)
            sources = documents[: self._settings.sources]
            refused_because = await ENCODING.run(why_refused, question, words, sources, generation, encoder)
        relevant = [] if refused_because else worth_showing(documents, unrelated_to(generation))
        choice = choose_ranks(relevant, self._settings.sources, self._settings.exploration, asked.event_id or text)
        given = [documents[rank - 1] for rank in choice.shown]
        # what was drawn by chance is shown, to be voted on, and says nothing in the answer
        telling = given[:-1] if choice.explores else given
        quote = partial(self._quote, text, telling, encoder, generation.languages)
        told = await self._write_or_quote(text, telling, quote, on_text, asking)
        rank_of = {hit.chunk_id: rank for rank, hit in enumerate(hits, start=1)}
        draft = Draft(
            searched_text=text,
            audience_ids=audience_ids,
            generation_id=generation.id,
            kind=told.kind,
            text=told.text if len(asked.text) <= MAX_QUESTION_CHARS else f"{told.text}\n\n{CUT_SHORT}",
            hits=hits,
            shown=[[passage.chunk_id for passage in source.passages] for source in led_by(given, told.passage_of)],
            timings_ms=asking.timings_ms,
            propensities={
                rank_of[documents[rank - 1].lead.chunk_id]: chance for rank, chance in choice.propensities.items()
            },
            refused_because=refused_because,
        )
        answer = await ANSWERS.run(store_answer, self._engine, asked, draft)
        _log.info("Question %d is answered: %s, from %d sources.", answer.question_id, told.kind, len(given))
        return answer

    async def _pin(self) -> tuple[Generation, SentenceEncoder]:
        generations = await ANSWERS.run(maintained, self._engine)
        return await ENCODING.run(self.pins.choose, generations)

    async def _stand_alone(self, asked: Asked, audience_ids: Sequence[int], asking: Step) -> str:
        """The question as it is searched for: one that follows others in a thread is rewritten, where there is a model.

        What the thread was told is looked back on as far as the reply's readers may see it now.
        """
        question = asked.text[:MAX_QUESTION_CHARS]
        if self._llm is None or asked.thread_ts is None:
            return question
        thread = (asked.workspace, asked.channel, asked.thread_ts)
        history = await ANSWERS.run(thread_history, self._engine, *thread, audience_ids, MAX_TURNS)
        if not history:
            return question
        with asking.step("rewrite"):
            try:
                async with asyncio.timeout(REWRITE_DEADLINE_S):
                    written = await self._llm.write(build_rewrite_prompt(question, history))
            except (LanguageModelError, TimeoutError):
                return question
        return check_rewritten(storable(written), question)

    async def _write_or_quote(
        self,
        question: str,
        sources: Sequence[FoundDocument[Hit]],
        quote: Callable[[], Quotes],
        on_text: OnText | None,
        asking: Step,
    ) -> _Told:
        """The answer by its kind: written where there is a model that can, else in the sources' own words."""
        if not sources:
            return _Told("unknown", NOTHING_FOUND)
        if self._llm is not None:
            told = await self._write(self._llm, question, sources, on_text, asking)
            if told is not None:
                return told
        with asking.step("quote"):
            quotes = await ENCODING.run(quote)
            return _Told("quoted", checked_text(quotes.text, sources), quotes.passage_of)

    async def _write(
        self,
        llm: LanguageModel,
        question: str,
        sources: Sequence[FoundDocument[Hit]],
        on_text: OnText | None,
        asking: Step,
    ) -> _Told | None:
        """What the language model makes of the sources, checked; None leaves it to the sources' own words."""
        with asking.step(LLM_STEP):
            try:
                watching = None if on_text is None else showing_supported(on_text, sources)
                written = await llm.write(build_prompt(question, sources), watching)
            except LanguageModelError:
                return None
        text = supported_text(written, sources)
        if cited_numbers(text):
            return _Told("generated", text, find_drawn_on(text, sources))
        if re.match(r"\W*i (don['’]?t|do not) know\b", text, re.IGNORECASE):
            return _Told("unknown", NOT_IN_SOURCES)
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


def _clean_question(text: str) -> str:
    cleaned = re.sub("[\u200b-\u200f\u2060\ufeff]", "", storable(text)).strip()
    if not re.search(r"\w", cleaned):
        raise BadInputError("I found no question there. Ask me in a sentence, like: How many days of leave do we get?")
    return cleaned
