"""Has the language model write questions for passages nobody asked about, and keeps them as they come."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from db.chat import open_chat_model, open_http_client, traced_as_set
from db.feedback import choose_unasked, count_questions_since, store_questions
from retrain.lesson.synthetic import Written, build_messages, clean_question

if TYPE_CHECKING:
    from langchain_core.runnables import Runnable

    from db.settings import Settings

TOGETHER = 8
"""Passages that are asked about at once; where not one of them gets a question, the model is left alone."""

_log = logging.getLogger(__name__)


def may_write(settings: Settings) -> bool:
    """Whether questions are to be written at all: somebody asked for them, and there is a language model."""
    return settings.synthetic_questions > 0 and settings.has_language_model


def write_questions(
    engine: sa.Engine,
    settings: Settings,
    *,
    since: datetime,
    seed: str,
    on_progress: Callable[[int, int], None],
) -> dict[str, int]:
    """Writes and stores what is left of the night's budget; a failure costs a passage its question, no more.

    Args:
        engine: the database.
        settings: who writes, how many questions, how long a call may take.
        since: when the night began: what it wrote before it was killed counts.
        seed: of which passages are chosen.
        on_progress: called with passages done and in all.

    Returns:
        questions `written` this night, and passages left `unwritten`.
    """
    written = count_questions_since(engine, since)
    passages = choose_unasked(engine, max(0, settings.synthetic_questions - written), seed=seed)
    left, done, unwritten = iter(passages.items()), 0, 0
    while batch := dict(islice(left, TOGETHER)):
        questions = asyncio.run(_ask_about(batch, settings))
        written += store_questions(engine, questions, settings.llm_model)
        unwritten += len(batch) - len(questions)
        if not questions:
            _log.warning("The language model wrote no question for any of %d passages; no more are sent.", len(batch))
            break
        done += len(batch)
        on_progress(done, len(passages))
    return {"written": written, "unwritten": unwritten}


async def _ask_about(passages: Mapping[int, str], settings: Settings) -> dict[int, str]:
    """Questions by chunk id, of those that got one."""
    with traced_as_set(settings):
        return await _ask_all(passages, settings)


async def _ask_all(passages: Mapping[int, str], settings: Settings) -> dict[int, str]:
    async with open_http_client(settings) as client:
        model = open_chat_model(settings, client, streaming=False).with_structured_output(Written)
        answers = await asyncio.gather(
            *(_ask(model, passage, settings.llm_deadline_s) for passage in passages.values())
        )
    return {chunk_id: answer for chunk_id, answer in zip(passages, answers, strict=True) if answer is not None}


async def _ask(model: Runnable[Any, Any], passage: str, deadline_s: float) -> str | None:
    try:
        async with asyncio.timeout(deadline_s):
            written = await model.ainvoke(build_messages(passage))
            return clean_question(written.question) if isinstance(written, Written) else None
    except Exception as error:  # whatever a server on the other side can send; its message may hold the text
        status = getattr(error, "status_code", None)
        _log.warning("A passage got no question: %s%s", type(error).__name__, f", status {status}" if status else "")
        return None
