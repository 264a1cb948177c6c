"""A question comes in, an answer with votable sources goes out: the whole way, top to bottom."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

import sqlalchemy as sa

from bot.answering.finding import Finder, Found
from bot.answering.followup import MAX_TURNS, build_rewrite_prompt, check_rewritten
from bot.answering.leading import led_by
from bot.answering.llm import LanguageModel, OnText
from bot.answering.pinned import Beside, Pinned, pin
from bot.answering.selection import Selection, select
from bot.answering.supported import storable
from bot.answering.telling import Teller
from bot.answering.together import select_together
from bot.answering.withheld import count_withheld
from bot.pools import ANSWERS
from db.answers import answer_to_event, store_answer, thread_history
from db.corpus import reply_audiences
from db.errors import BadInputError, LanguageModelError
from db.generations import Encoders, Pins
from db.question import Answer, Asked, Draft
from db.settings import Settings
from db.steps import Step

MAX_QUESTION_CHARS = 2_000
REWRITE_DEADLINE_S = 10.0
"""Seconds a model gets to make a follow-up stand alone: the answer itself is still to come."""

CUT_SHORT = f"_Your question was long: I read its first {MAX_QUESTION_CHARS:,} characters._"

_log = logging.getLogger(__name__)


class Answerer:
    """Answers questions from what the reply's readers may see; used by Slack, console and command line alike.

    `exact` searches without the index, whose build differs a little each time. `on_answered` is called with each new
    answer, in the event loop.
    """

    def __init__(
        self,
        engine: sa.Engine,
        settings: Settings,
        encoders: Encoders,
        llm: LanguageModel | None,
        *,
        exact: bool = False,
        on_answered: Callable[[Answer], None] = lambda answer: None,
    ) -> None:
        self._engine = engine
        self._settings = settings
        self.encoders = encoders
        self.pins = Pins(engine, encoders)
        self._llm = llm
        self._finder = Finder(engine, settings, exact=exact)
        self._on_answered = on_answered
        self._teller = Teller(llm)

    async def warm_up(self) -> None:
        """Loads the encoder that serves, so that the first question doesn't wait for it.

        Raises:
            EmptyCorpusError: nothing was ever ingested.
            ModelError: neither the serving generation's encoder can be used nor the previous one's.
        """
        await pin(self._engine, self.pins)

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
        old_after_days = self._settings.old_after_days
        if asked.event_id is not None:
            answered = await ANSWERS.run(answer_to_event, self._engine, asked.event_id, old_after_days=old_after_days)
            if answered is not None:
                return answered
        with Step("question") as asking:
            return await self._answer(asked, on_text, asking)

    async def count_withheld(self, asked: Asked) -> dict[str, int]:
        """How many documents answer this that who asked may see, and the reply's readers may not; see `withheld`."""
        pinned = await pin(self._engine, self.pins)
        question = replace(asked, text=_clean_question(asked.text)[:MAX_QUESTION_CHARS])
        return await count_withheld(self._engine, self._settings, pinned.generation, pinned.encoder, question)

    async def _answer(self, asked: Asked, on_text: OnText | None, asking: Step) -> Answer:
        with asking.step("audience"):
            place = asked.workspace, asked.channel, asked.channel_kind, asked.person
            audience_ids = await ANSWERS.run(reply_audiences, self._engine, *place, guests_read=asked.guests_read)
        text = await self._stand_alone(asked, audience_ids, asking)
        with asking.step("generation") as pinning:
            # pinned here, once: encoder and vectors are this generation's, whatever is promoted meanwhile
            pinned = await pin(self._engine, self.pins, asked.event_id)
            generation, encoder = pinned.generation, pinned.encoder
            pinning.facts["generation"] = generation.id
        selection = await self._select(text, pinned, audience_ids, asked.event_id or text, asking)
        given = selection.sources
        told = await self._teller.tell(text, selection.telling, encoder, generation.languages, on_text, asking)
        draft = Draft(
            searched_text=text,
            audience_ids=audience_ids,
            generation_id=generation.id,
            kind=told.kind,
            text=told.text if len(asked.text) <= MAX_QUESTION_CHARS else f"{told.text}\n\n{CUT_SHORT}",
            hits=selection.hits,
            shown=[[passage.chunk_id for passage in source.passages] for source in led_by(given, told.passage_of)],
            timings_ms=asking.timings_ms,
            propensities=selection.propensities,
            refused_because=selection.refused_because,
            drawn=selection.drawn,
        )
        old_after_days = self._settings.old_after_days
        answer = await ANSWERS.run(store_answer, self._engine, asked, draft, old_after_days=old_after_days)
        asking.facts |= {"question": answer.question_id, "generation": generation.id, "sources": len(given)}
        _log.info("Question %d is answered: %s, from %d sources.", answer.question_id, told.kind, len(given))
        self._on_answered(answer)
        return answer

    async def _select(
        self, text: str, pinned: Pinned, audience_ids: Sequence[int], key: str, asking: Step
    ) -> Selection:
        """What is shown: of what the pinned generation found, and in a trial of what its candidate did too.

        Where either refuses, the question is answered, or refused, as if there were no trial.
        """
        found, beside = await asyncio.gather(
            self._finder.find(text, pinned.generation, pinned.encoder, audience_ids, asking),
            self._find_beside(text, pinned.beside, audience_ids, asking),
        )
        n = self._settings.sources
        if beside is None or pinned.beside is None or not (found.relevant and beside.relevant):
            return select(found, n, self._settings.exploration, key)
        return select_together(pinned.beside.trial_id, found, beside, n, key)

    async def _find_beside(
        self, text: str, beside: Beside | None, audience_ids: Sequence[int], asking: Step
    ) -> Found | None:
        if beside is None:
            return None
        try:
            with asking.step("trial") as trying:
                return await self._finder.find(text, beside.generation, beside.encoder, audience_ids, trying)
        except Exception:  # it may have ended just now, and its vectors be gone
            _log.warning("Generation %d, on trial, found nothing for a question", beside.generation.id, exc_info=True)
            return None

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
        try:
            with asking.step("rewrite"):
                async with asyncio.timeout(REWRITE_DEADLINE_S):
                    written = await self._llm.write(build_rewrite_prompt(question, history))
        except (LanguageModelError, TimeoutError):
            return question
        return check_rewritten(storable(written), question)


def _clean_question(text: str) -> str:
    cleaned = re.sub("[\u200b-\u200f\u2060\ufeff]", "", storable(text)).strip()
    if not re.search(r"\w", cleaned):
        raise BadInputError("I found no question there. Ask me in a sentence, like: How many days of leave do we get?")
    return cleaned
