"""`nightshift ask` and `nightshift vote`: the bot without Slack."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated

import typer

from nightshift.cli.workplace import out, workplace


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

    Without a language model's key (`NIGHTSHIFT_LLM_API_KEY`) the answer quotes its sources. You are a named principal
    who sees public documents only. Vote on a source by the id behind it: `nightshift vote ID up`.
    """
    from db.encoders import Encoders
    from nightshift.console import ask_on, make_answerer
    from nightshift.printing import answer_as_json, print_answer

    with workplace() as (settings, engine):
        answerer = make_answerer(engine, settings, Encoders(settings))
        answer = ask_on(answerer)(question)
    if as_json:
        out.print(json.dumps(answer_as_json(answer)), markup=False)
    else:
        print_answer(out, answer)


def vote(
    citation: Annotated[str, typer.Argument(help="The id behind a source of an answer.")],
    say: Annotated[Say, typer.Argument(help="up: it helped. down: it was the wrong source. clear: take it back.")],
) -> None:
    """Votes on a source that `nightshift ask` cited; the next night learns from it."""
    from nightshift.console import cast_vote

    value = {Say.up: 1, Say.down: -1, Say.clear: 0}[say]
    with workplace() as (_, engine):
        cast_vote(engine, citation, value)
    out.print({1: "👍 noted.", -1: "👎 noted.", 0: "Taken back."}[value])
