"""`nightshift audiences`: for whom documents are, who that is, and why somebody may see one or may not."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from db.errors import BadInputError, UnknownIdError
from nightshift.cli.naming_documents import find_document
from nightshift.cli.whom import read_audience_option
from nightshift.cli.workplace import Json, err, out, tell, workplace
from nightshift.terminal.person import WORKSPACE

if TYPE_CHECKING:
    import sqlalchemy as sa

    from db.corpus import StoredAudience, StoredDocument
    from db.settings import Settings

audiences = typer.Typer(
    help="For whom documents are: who that is, and why somebody may see one. Documents say it in their front matter, "
    "folders in a file `.audiences`, `nightshift ingest --audience` for what it reads, and people by "
    "`nightshift documents audience`.",
    no_args_is_help=True,
)

_SLACK_PERSON = re.compile(r"[TE][A-Z0-9]+:[UW][A-Z0-9]+")
_SAID_BY = {
    "": "nobody says for whom it is",
    "source": "by its folder's or its source's word",
    "document": "by its own word",
    "person": "by a person's word",
}
_OF_SLACK = {"channel": "channel", "group": "user group"}


@audiences.command("list")
def list_all(as_json: Json = False) -> None:
    """Lists audiences: how many documents each has, and what Slack has by its name."""
    from db.corpus import list_audiences

    with workplace() as (_, engine):
        found = list_audiences(engine)
    if as_json:
        out.print(json.dumps([asdict(one) for one in found]), markup=False)
        return
    for one in found:
        out.print(f"{one.name}: {_in_words(one)}", markup=False)


@audiences.command()
def show(
    who: Annotated[list[str], typer.Argument(metavar="WHO…", help="As it is listed: public, '#finance', @leads.")],
    as_json: Json = False,
) -> None:
    """Shows one audience: its documents, and who is known to be in it."""
    from db.corpus import find_audience, list_audiences, list_matching, read_members

    named = read_audience_option(who)
    with workplace() as (_, engine):
        id_ = find_audience(engine, named)
        one = next((own for own in list_audiences(engine) if own.id == id_), None)
        if one is None:
            raise UnknownIdError(f"No document is for {' '.join(who)}; see `nightshift audiences list`.")

        members = read_members(engine, one.id)
        uris = [document.uri for document in list_matching(engine, None) if document.audience_id == one.id]
    if as_json:
        out.print(json.dumps(asdict(one) | {"people": members, "uris": uris}), markup=False)
        return
    out.print(f"{one.name}: {_in_words(one)}", markup=False)
    for line in [*members, *uris]:
        out.print(f"    {line}", markup=False)


@audiences.command()
def settle(
    name: Annotated[str, typer.Argument(help="A name that documents are for: '#finance', @leads.")],
    which: Annotated[str, typer.Argument(help="What it means: WORKSPACE:ID of a channel or user group, T0123:C0456.")],
    as_json: Json = False,
) -> None:
    """Says which channel or user group a name means, where several have it or had it.

    Until it is said, nobody sees what is for a name that changed hands. `nightshift audiences list` tells of such.
    """
    from db.corpus import settle_name

    kind = {"#": "CG", "@": "S"}.get(name[:1])
    if kind is None or not re.fullmatch(rf"T[A-Z0-9]+:[{kind}][A-Z0-9]+", which):
        raise BadInputError("Say a name, '#finance' or @leads, and what it means: T0123:C0456, T0123:S0789.")
    with workplace() as (_, engine):
        if not settle_name(engine, name.lower(), which):
            raise UnknownIdError(f"No document is for {name}; see `nightshift audiences list`.")
    tell(f"{name} is {which}, whatever else is called so.", {"name": name, "means": which}, as_json=as_json)


@audiences.command()
def explain(
    person: Annotated[
        str, typer.Argument(help="WORKSPACE:USER of Slack, like T0123:U0456; or local:ada at a terminal.")
    ],
    which: Annotated[str, typer.Argument(metavar="DOCUMENT", help="Its path, address or title.")],
    as_json: Json = False,
) -> None:
    """Tells whether somebody may see a document by themselves, in a direct message, and why.

    A reply in a channel is for all who read there: it shows what is public and what is for that channel. Where a bot's
    token is set, Slack is asked in which channels and user groups the person is.
    """
    if not (_SLACK_PERSON.fullmatch(person) or _is_local(person)):
        raise BadInputError(f"A person of Slack is WORKSPACE:USER, like T0123:U0456, not {person}.")
    with workplace() as (settings, engine):
        one = find_document(engine, which)
        asked = _ask_slack(settings, engine, person)
        told = _explain(engine, person, one)
    if as_json:
        out.print(json.dumps(told | {"slack_was_asked": asked}), markup=False)
        return
    for line in told["because"]:
        out.print(line, markup=False)
    if not asked and not told["may_see"] and not _is_local(person):
        err.print("Slack wasn't asked where they are: NIGHTSHIFT_SLACK_BOT_TOKEN isn't set here.", markup=False)
    out.print(f"{person} {'may' if told['may_see'] else 'may not'} see it.", markup=False)


def _explain(engine: sa.Engine, person: str, one: StoredDocument) -> dict[str, Any]:
    from db.corpus import list_audiences, personal_audiences, read_parts, reply_audiences

    is_local = _is_local(person)
    theirs = (
        reply_audiences(engine, WORKSPACE, "", "console", person) if is_local else personal_audiences(engine, person)
    )
    may_see = one.audience_id in theirs
    because = [f"{one.uri} is for {_whom(one.audience)}, {_SAID_BY[one.audience_from]}."]
    if may_see and one.audience != "public":
        parts = read_parts(engine, [one.audience_id])[one.audience_id]
        names = {own.id: own.name for own in list_audiences(engine)}
        own = ", ".join(names.get(part, one.audience) for part in parts if part in theirs) or one.audience
        because.append(f"{person} is in {own}.")
    elif not may_see:
        contested = [own.name for own in list_audiences(engine) if own.contested_by and own.name in one.audience]
        because += [f"{name} means several channels or user groups by now." for name in contested]
        why = "at a terminal only what is for all is seen" if is_local else f"{person} isn't known to be in that"
        because.append(f"{why[:1].upper()}{why[1:]}.")
    return {"person": person, "document": one.uri, "audience": one.audience, "may_see": may_see, "because": because}


def _ask_slack(settings: Settings, engine: sa.Engine, person: str) -> bool:
    if settings.slack_bot_token is None or _is_local(person):
        return False
    from bot.slack.transport import Readers, make_client

    asyncio.run(Readers(make_client(settings), engine, settings.slack_guests).refresh(person))
    return True


def _is_local(person: str) -> bool:
    """Whether it is somebody at a terminal, of whom Slack knows nothing."""
    return person.startswith(f"{WORKSPACE}:")


def _whom(name: str) -> str:
    return "all" if name == "public" else name


def _in_words(one: StoredAudience) -> str:
    documents = f"{one.documents} document" if one.documents == 1 else f"{one.documents} documents"
    if not one.name.startswith(("#", "@")) or one.kind not in _OF_SLACK:
        return documents
    what = _OF_SLACK[one.kind]
    if one.contested_by:
        both = f"{one.slack_id} was met by that name, and so was {one.contested_by}"
        return f"{documents} · nobody sees them: {both}; see `nightshift audiences settle`"
    return (
        f"{documents} · {what} {one.slack_id}" if one.slack_id else f"{documents} · no {what} of that name was met yet"
    )
