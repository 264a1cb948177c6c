"""`nightshift ask` and `nightshift vote`: the bot without Slack, by the one that runs here or else alone."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from nightshift.cli.workplace import out, read_settings, workplace

if TYPE_CHECKING:
    from db.question import Answer
    from db.settings import Settings


class Say(StrEnum):
    """What can be said of a source."""

    up = "up"
    down = "down"
    clear = "clear"


def ask(
    question: Annotated[str, typer.Argument(help="What you want to know, in your own words.")],
    as_json: Annotated[bool, typer.Option("--json", help="As one line of JSON.")] = False,
) -> None:
    """Answers a question from the documents, and cites its sources.

    Without a language model (`NIGHTSHIFT_LLM_API_KEY`, or `NIGHTSHIFT_LLM_BASE_URL` of a server that wants no key) the
    answer quotes its sources. You are a named principal who sees public documents only. Vote on a source by the id
    behind it: `nightshift vote ID up`.

    Beside a `nightshift run` on the same data folder that one answers, at once, unless a setting of yours differs.
    """
    from nightshift.printing import answer_as_json, print_answer

    settings = read_settings()
    answer = _ask_beside(settings, question) or _ask_alone(settings, question)
    if as_json:
        out.print(json.dumps(answer_as_json(answer)), markup=False)
    else:
        print_answer(out, answer)


def vote(
    citation: Annotated[str, typer.Argument(help="The id behind a source of an answer.")],
    say: Annotated[Say, typer.Argument(help="up: it helped. down: it was the wrong source. clear: take it back.")],
) -> None:
    """Votes on a source that `nightshift ask` cited; the next night learns from it."""
    from nightshift.beside import ask_beside

    settings = read_settings()
    value = {Say.up: 1, Say.down: -1, Say.clear: 0}[say]
    if ask_beside(settings, {"do": "vote", "citation": citation, "value": value}) is None:
        from nightshift.console import cast_vote

        with workplace(settings) as (_, engine):
            cast_vote(engine, citation, value)
    out.print({1: "👍 noted.", -1: "👎 noted.", 0: "Taken back."}[value])


def _ask_beside(settings: Settings, question: str) -> Answer | None:
    from db.question import Answer, Source
    from nightshift.beside import ask_beside

    reply = ask_beside(settings, {"do": "ask", "question": question})
    if reply is None:
        return None
    facts = reply["answer"]
    return Answer(**facts | {"sources": tuple(Source(**source) for source in facts["sources"])})


def _ask_alone(settings: Settings, question: str) -> Answer:
    from db.encoders import Encoders
    from nightshift.console import ask_on, make_answerer

    with workplace(settings) as (_, engine):
        return ask_on(make_answerer(engine, settings, Encoders(settings)))(question)
