"""A conversation in the terminal: ask, and vote with `+2` or `-1`."""

from __future__ import annotations

import asyncio
import re
import time
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING

from bot.answer import Answerer
from bot.llm import connect_language_model
from db.engine import plain_errors
from db.errors import NightshiftError
from db.question import Answer, Asked
from db.questions import question_of_citation
from db.votes import VoteEvent, record_vote

if TYPE_CHECKING:
    import sqlalchemy as sa
    from rich.console import Console

    from db.encoders import Encoders
    from db.settings import Settings

PERSON = "local:console"
WORKSPACE = "local"
"""Whoever sits at the terminal: a named principal who sees public documents only."""

HELP = "Ask a question. Vote on a source of the last answer with +2 or -1, take it back with 0 2. Leave with Ctrl-D."

_VOTE = re.compile(r"(?P<say>[+-]|0\s)\s*(?P<number>\d{1,2})")


def make_answerer(engine: sa.Engine, settings: Settings, encoders: Encoders) -> Answerer:
    """The one way questions are answered, with a language model where a key is set."""
    return Answerer(engine, settings, encoders, connect_language_model(settings))


def console_question(text: str) -> Asked:
    """A question by whoever sits at the terminal."""
    return Asked(text=text, workspace=WORKSPACE, channel="console", channel_kind="console", person=PERSON)


def cast_vote(engine: sa.Engine, citation_id: str, value: int) -> None:
    """Sets the terminal's vote on a source: 1, -1, or 0 to take it back.

    Raises:
        UnknownIdError: no such source.
        VoteRefusedError: it was shown to somebody else.
    """
    record_vote(
        engine,
        VoteEvent(
            dedupe_key=f"console:{uuid.uuid4()}",
            workspace=WORKSPACE,
            person=PERSON,
            question_id=question_of_citation(engine, citation_id),
            citation_id=citation_id,
            action="set",
            value=1 if value > 0 else -1 if value < 0 else 0,
            occurred_ts=Decimal(f"{time.time():.6f}"),
        ),
    )


def converse(
    engine: sa.Engine,
    ask: Callable[[str], Answer],
    show: Callable[[Answer], None],
    console: Console,
    last: Answer | None = None,
) -> None:
    """Asks and votes until the input ends."""
    console.print(HELP, style="dim")
    while True:
        try:
            line = console.input("[bold]> [/bold]").strip()
        except EOFError:
            console.print()
            return
        if not line:
            continue
        try:
            with plain_errors():
                if (said := _VOTE.fullmatch(line)) is not None:
                    console.print(_vote_by_number(engine, last, said["say"].strip(), int(said["number"])))
                else:
                    last = ask(line)
                    show(last)
        except NightshiftError as error:
            console.print(str(error), style="red", markup=False)


def _vote_by_number(engine: sa.Engine, last: Answer | None, say: str, number: int) -> str:
    sources = {source.number: source for source in last.sources} if last else {}
    if number not in sources:
        known = f"It has {len(sources)}." if sources else "Ask something first."
        return f"There is no source {number} in the last answer. {known}"
    value = {"+": 1, "-": -1, "0": 0}[say]
    cast_vote(engine, sources[number].citation_id, value)
    return f"{ {1: '👍 noted', -1: '👎 noted', 0: 'taken back'}[value] } for [{number}]."


def ask_on(answerer: Answerer, loop: asyncio.AbstractEventLoop | None = None) -> Callable[[str], Answer]:
    """A plain function that asks; on `loop`, running in another thread, where one is given."""

    def ask(text: str) -> Answer:
        coroutine = answerer.answer(console_question(text))
        if loop is None:
            return asyncio.run(coroutine)
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result()

    return ask
