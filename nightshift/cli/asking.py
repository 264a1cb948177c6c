"""`nightshift ask` and `nightshift vote`: the bot without Slack, by the one that runs here or else alone."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from nightshift.cli.workplace import Json, err, out, read_settings, tell, workplace

if TYPE_CHECKING:
    from bot.answering import OnText
    from db.question import Answer
    from db.settings import Settings


class Say(StrEnum):
    """What can be said of a source."""

    up = "up"
    down = "down"
    clear = "clear"


Name = Annotated[
    str | None,
    typer.Option(
        "--as", metavar="NAME", help="Who you are, where several people share a terminal: votes are each person's own."
    ),
]


def ask(
    question: Annotated[str, typer.Argument(help="What you want to know, in your own words.")],
    as_json: Json = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Also say what the answer, or a refusal, rests on.")
    ] = False,
    name: Name = None,
) -> None:
    """Answers a question from the documents, and cites its sources; without any that answers it, says so.

    Without a language model (`NIGHTSHIFT_LLM_API_KEY`, or `NIGHTSHIFT_LLM_BASE_URL` of a server that wants no key) the
    answer quotes its sources. You are a named principal who sees public documents only. Vote on a source by the id
    behind it: `nightshift vote ID up`.

    Beside a `nightshift run` on the same data folder that one answers, at once, unless a setting of yours differs.
    """
    from nightshift.terminal.person import person_named
    from nightshift.terminal.printing import answer_as_json, print_answer
    from nightshift.terminal.under_way import waiting

    person = person_named(name)
    settings = read_settings()
    with waiting(err) as on_text:
        answer = _ask_beside(settings, question, person) or _ask_alone(settings, question, person, on_text)
    if as_json:
        out.print(json.dumps(answer_as_json(answer)), markup=False)
    else:
        print_answer(out, answer, explain=explain)


def vote(
    citation: Annotated[str, typer.Argument(help="The id behind a source of an answer.")],
    say: Annotated[Say, typer.Argument(help="up: it helped. down: it was the wrong source. clear: take it back.")],
    as_json: Json = False,
    name: Name = None,
) -> None:
    """Votes on a source that `nightshift ask` cited; the next night learns from it."""
    from nightshift.running.beside import ask_beside
    from nightshift.terminal.person import person_named

    settings = read_settings()
    value = {Say.up: 1, Say.down: -1, Say.clear: 0}[say]
    person = person_named(name)
    reply = ask_beside(settings, {"do": "vote", "citation": citation, "value": value, "person": person})
    before = reply["before"] if reply else _vote_alone(settings, citation, value, person)
    nothing = "There was no vote of yours on that source."
    said = {1: "👍 noted.", -1: "👎 noted.", 0: "Taken back." if before else nothing}[value]
    tell(said, {"citation": citation, "vote": value, "before": before}, as_json=as_json)


def _ask_beside(settings: Settings, question: str, person: str) -> Answer | None:
    from db.question import answer_from_facts
    from nightshift.running.beside import ask_beside

    reply = ask_beside(settings, {"do": "ask", "question": question, "person": person})
    if reply is None:
        return None
    return answer_from_facts(reply["answer"])


def _ask_alone(settings: Settings, question: str, person: str, on_text: OnText | None) -> Answer:
    from db.generations import Encoders
    from nightshift.console import ask_on, make_answerer

    with workplace(settings) as (_, engine):
        ask = ask_on(make_answerer(engine, settings, Encoders(settings, engine)), person=person)
        return ask(question, on_text=on_text)


def _vote_alone(settings: Settings, citation: str, value: int, person: str) -> int:
    from nightshift.console import cast_vote

    with workplace(settings) as (_, engine):
        return cast_vote(engine, citation, value, person=person)
