"""The language model: any OpenAI-compatible server, streamed, with one deadline for everything."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING

from bot.answering.prompt import Prompt
from bot.model_text import Spoken, spoken_part
from bot.pools import ANSWERS
from db.chat import may_think_aloud, open_chat_model, open_http_client, traced_as_set
from db.errors import LanguageModelError, NightshiftError
from db.settings import Settings

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessageChunk

_CHARS_PER_TOKEN = 8
"""More than any tokenizer makes of a text: what is longer than this was not meant to end."""

_log = logging.getLogger(__name__)

OnText = Callable[[str], Awaitable[None]]


OnTokens = Callable[[int, int], None]
"""Gets how many tokens the model read, and how many it wrote."""


def _count_none(_read: int, _written: int) -> None: ...


def connect_language_model(settings: Settings, on_tokens: OnTokens = _count_none) -> LanguageModel | None:
    """The language model that the settings name by a key or an address; None with neither: answers are quotes then."""
    return LanguageModel(settings, on_tokens) if settings.has_language_model else None


class LanguageModel:
    """Writes texts with `ChatOpenAI`; safe to use from any event loop, many times at once."""

    def __init__(self, settings: Settings, on_tokens: OnTokens = _count_none) -> None:
        """Imports what is needed, which takes a second; nothing is sent.

        `on_tokens` is called after each text whose server told what it took.
        """
        import langchain_openai  # noqa: F401 - here, so that the first question doesn't wait for it

        self._settings = settings
        self._on_tokens = on_tokens
        self._is_wary = may_think_aloud(settings.llm_model)

    async def write(self, prompt: Prompt, on_text: OnText | None = None) -> str:
        """Sends the prompt and returns what the model says, whole; `on_text` gets all of it so far, again and again.

        What isn't said to people, thoughts above all, is in neither.

        Raises:
            LanguageModelError: it failed after its retries, broke off, said nothing, or took longer than
                `llm_deadline_s` in all. The message names no part of prompt or text.
        """
        deadline_s = self._settings.llm_deadline_s
        try:
            with traced_as_set(self._settings):
                async with asyncio.timeout(deadline_s):
                    return await self._collect(prompt, on_text)
        except TimeoutError:
            reason = f"no whole answer within {deadline_s:g} s"
        except NightshiftError as error:
            reason = str(error).rstrip(".")
        except Exception as error:  # whatever a server on the other side can send
            status = getattr(error, "status_code", None)
            reason = type(error).__name__ + (f", status {status}" if status else "")
        _log.warning("The language model gave no answer: %s", reason)
        raise LanguageModelError(f"The language model gave no answer: {reason}.")

    async def _collect(self, prompt: Prompt, on_text: OnText | None) -> str:
        text, shown, ended, usage = "", "", None, None
        limit = self._settings.llm_max_tokens * _CHARS_PER_TOKEN
        async with aclosing(self._stream(prompt)) as chunks:
            async for chunk in chunks:
                text += str(chunk.text)
                usage = getattr(chunk, "usage_metadata", None) or usage  # some tell it with each piece, of all so far
                ended = chunk.response_metadata.get("finish_reason") or ended
                if len(text) > limit:
                    ended = "length"
                    break
                if not chunk.text:
                    continue
                spoken = spoken_part(text, whole=False, wary=self._is_wary)
                if spoken.ended:
                    ended = "stop"
                    break
                if on_text is not None and spoken.text not in ("", shown):
                    shown = spoken.text
                    await on_text(shown)
        if usage is not None:
            self._on_tokens(usage["input_tokens"], usage["output_tokens"])
        spoken = spoken_part(text[:limit])
        self._is_wary = self._is_wary or spoken.unopened
        if on_text is not None and ended == "stop" and spoken.text not in ("", shown):
            await on_text(spoken.text)
        return _whole_answer(spoken, ended)

    async def _stream(self, prompt: Prompt) -> AsyncGenerator[BaseMessageChunk]:
        async with await ANSWERS.run(open_http_client, self._settings) as client:
            model = await ANSWERS.run(open_chat_model, self._settings, client, streaming=True)
            async with aclosing(model.astream([("system", prompt.system), ("human", prompt.user)])) as chunks:  # type: ignore[type-var]
                async for chunk in chunks:
                    yield chunk


def _whole_answer(spoken: Spoken, ended: str | None) -> str:
    if ended not in ("stop", "length"):
        raise LanguageModelError(f"it broke off ({ended or 'no end'})")
    if not spoken.text and ended == "length":
        raise LanguageModelError("it reached NIGHTSHIFT_LLM_MAX_TOKENS before it answered")
    if not spoken.text:
        raise LanguageModelError("it said nothing")
    return spoken.text if ended == "stop" or spoken.ended else f"{spoken.text} …"
