"""Votes from Slack: presses, which show the person their own vote back, and reactions, which show for themselves.

Who may vote is checked where votes are stored: people of the reply's workspace, and of a direct reply only who asked.
A private channel's members are not looked up: Slack shows its messages, and so their buttons, to nobody else.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

from cachetools import LRUCache

from bot.pools import PROMPT, RENDERING
from bot.slack.incoming import read_press, read_reaction
from bot.slack.showing import VOTE_ACTIONS, VoteButton, Votes, ballot, show_chosen, vote_button, vote_line, with_text
from bot.slack.transport import (
    ACK_WITHIN_S,
    Acknowledge,
    nobody_waits,
    note_failure,
    replace_pressed,
    tell,
    whisper,
)
from bot.slack.votes.ballots import Ballots
from bot.slack.votes.reasons import ask_reason
from db.answers import load_answer, question_of_citation, question_of_message
from db.errors import UnknownIdError, VoteRefusedError
from db.feedback import VoteEvent, pressed_buttons, record_vote
from db.slack import claim_event, finish_event

if TYPE_CHECKING:
    import sqlalchemy as sa
    from slack_bolt.async_app import AsyncAck, AsyncRespond
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.incoming import Press, Reaction
    from bot.slack.transport import SlackApp
    from db.question import Answer

SLOW = "Storing your vote takes longer than usual. I'll tell you here what came of it."
FAILED = "Your vote wasn't stored: something went wrong on my side. Please vote again in a minute."
SHARED = "People of another organisation read this channel, so reactions don't count here; the buttons do."
GONE = "I no longer have that answer, so your vote can't count."

_REMEMBERED = 1_000  # events


def listen(app: SlackApp, engine: sa.Engine) -> None:
    """Takes votes in; without the reaction scopes those by reaction just don't come."""
    voting = Voting(app.identity.client, engine)

    async def on_reaction(ack: AsyncAck, body: dict[str, Any]) -> None:
        reaction = read_reaction(body)
        if reaction is not None:
            await app.work.start_acknowledged(ack, partial(voting.react, reaction))

    async def on_press(ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        press = read_press(body)
        if press is None:
            await ack()
        else:
            await app.work.start_acknowledged(ack, partial(voting.press, press, respond))

    app.event("reaction_added")(on_reaction)
    app.event("reaction_removed")(on_reaction)
    app.action(VOTE_ACTIONS)(on_press)


class Voting:
    """Records votes; one instance a process. Storing a vote twice changes nothing, so no delivery is turned away.

    A vote is acknowledged when it is stored, or can't count. Slack sends a reaction again until it is; of a press it
    shows the person that something is wrong.
    """

    def __init__(self, client: AsyncWebClient, engine: sa.Engine) -> None:
        self._client = client
        self._engine = engine
        self._failed: LRUCache[str, bool] = LRUCache(_REMEMBERED)
        self._ballots = Ballots(engine)

    async def press(self, press: Press, respond: AsyncRespond, acknowledge: Acknowledge = nobody_waits) -> None:
        """Records a press, asks for the reason of a 👎 on a source, and shows the person how their votes now stand."""
        try:
            votes, answer = await self._record_or_say_slow(press, respond)
        except VoteRefusedError as error:
            await acknowledge()
            await whisper(respond, press, str(error))
        except UnknownIdError:
            await acknowledge()
            await whisper(respond, press, GONE)
        except Exception as error:
            await note_failure(self._engine, f"A press of {press.person} wasn't stored", error)
            await whisper(respond, press, FAILED)
        else:
            await acknowledge()
            if _is_down_vote(press, votes):
                await ask_reason(self._client, press, _number(press, answer))
            await self._show_votes(respond, press, votes, answer)

    async def react(self, reaction: Reaction, acknowledge: Acknowledge = nobody_waits) -> None:
        """Records a reaction to an answer; a reaction to any other message is nothing to the bot."""
        try:
            await PROMPT.run(self._record_reaction, reaction)
        except UnknownIdError:
            await acknowledge()
        except VoteRefusedError as error:
            await acknowledge()
            await self._tell_once(reaction, str(error))
        except Exception as error:
            await note_failure(self._engine, f"Reaction {reaction.event_id} wasn't stored", error)
            if reaction.event_id not in self._failed:
                self._failed[reaction.event_id] = True
                await tell(self._client, reaction.channel, reaction.user, FAILED)
        else:
            await acknowledge()

    async def _record_or_say_slow(self, press: Press, respond: AsyncRespond) -> tuple[Votes, Answer]:
        recording = asyncio.ensure_future(PROMPT.run(self._record_press, press))
        done, _ = await asyncio.wait((recording,), timeout=ACK_WITHIN_S)
        if not done:
            await whisper(respond, press, SLOW)
        return await recording

    def _record_press(self, press: Press) -> tuple[Votes, Answer]:
        question_id = question_of_citation(self._engine, press.value)
        button = _button(press)
        target = "answer" if button.whole else press.value
        event = VoteEvent(
            # Slack gives presses no id: this is the same however often it sends one.
            dedupe_key=f"press:{press.person}:{question_id}:{target}:{press.occurred_ts}",
            workspace=press.team,
            person=press.person,
            question_id=question_id,
            citation_id=None if button.whole else press.value,
            action="press",
            value=button.value,
            occurred_ts=press.occurred_ts,
        )
        record_vote(self._engine, event)
        votes = pressed_buttons(self._engine, question_id, press.person)
        return votes, load_answer(self._engine, question_id)

    def _record_reaction(self, reaction: Reaction) -> None:
        question_id = question_of_message(self._engine, reaction.team, reaction.channel, reaction.message_ts)
        if question_id is None:
            raise UnknownIdError
        if reaction.shared:
            raise VoteRefusedError(SHARED)
        record_vote(
            self._engine,
            VoteEvent(
                dedupe_key=reaction.event_id,
                workspace=reaction.team,
                person=f"{reaction.team}:{reaction.user}",
                question_id=question_id,
                citation_id=None,
                action="react" if reaction.added else "unreact",
                value=reaction.value,
                occurred_ts=reaction.occurred_ts,
            ),
        )

    async def _show_votes(self, respond: AsyncRespond, press: Press, votes: Votes, answer: Answer) -> None:
        button = _button(press)
        target = None if button.whole else press.value
        name = "the answer" if button.whole else f"[{_number(press, answer)}]"
        line = vote_line(name, votes.get(target, 0))
        if press.channel.startswith("D") and press.blocks:
            # A direct message, by its id: nobody else sees it, so its own buttons show the vote.
            shown = await RENDERING.run(with_text, press.blocks, answer)
            await replace_pressed(respond, press, press.text or line, show_chosen(shown, votes))
            return
        blocks = ballot(line, answer.sources, votes, (target, button.value))
        show = self._ballots.change_pressed if button.in_ballot else self._ballots.show
        await show(press, respond, answer.question_id, line, blocks)

    async def _tell_once(self, reaction: Reaction, sentence: str) -> None:
        """Tells the person, however often Slack delivers the reaction, once."""
        told = f"told:{reaction.event_id}"
        if await PROMPT.run(claim_event, self._engine, told):
            await tell(self._client, reaction.channel, reaction.user, sentence)
            await PROMPT.run(finish_event, self._engine, told)


def _is_down_vote(press: Press, votes: Votes) -> bool:
    """Whether a source has the person's 👎 by this press: one that took it back is asked no reason."""
    button = _button(press)
    return not button.whole and button.value == votes.get(press.value) == -1


def _button(press: Press) -> VoteButton:
    button = vote_button(press.action_id)
    assert button is not None  # noqa: S101 - no other one is listened to
    return button


def _number(press: Press, answer: Answer) -> int:
    return next(source.number for source in answer.sources if source.citation_id == press.value)
