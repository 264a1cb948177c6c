"""People ask the bot in its channel and vote on what it cites, until there are votes enough."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from bot.slack.showing import VOTE_DOWN, VOTE_UP
from db.answers import load_answer, question_of_message
from db.feedback import count_votes
from nightshift.simulate.slack import CHANNEL, TEAM, Visitor
from nightshift.simulate.voters import Voter, asker_of, cast_votes, make_voters

if TYPE_CHECKING:
    import sqlalchemy as sa

    from nightshift.simulate.dataset import DataSet

PEOPLE = 30


class People:
    """A company's people with questions to ask, in a fixed order.

    Args:
        engine: the store that the bot answers from.
        dataset: what is asked, and what answers it.
        asked: the ids of the questions, in the order in which they are asked.
        id_of_uri: the data set's id of a document, by its address in the store.
        id_of_question: gets the data set's id of each stored question.
        seed, noise, liars: see `nightshift.simulate.voters`.
    """

    def __init__(
        self,
        engine: sa.Engine,
        dataset: DataSet,
        asked: Sequence[str],
        id_of_uri: Mapping[str, str],
        id_of_question: dict[int, str],
        *,
        seed: int,
        noise: float,
        liars: float,
    ) -> None:
        self._engine = engine
        self._dataset = dataset
        self._left: Iterator[str] = iter(asked)
        self._id_of_uri = id_of_uri
        self._id_of_question = id_of_question
        self._seed = seed
        self._voters = make_voters(PEOPLE, seed=seed, noise=noise, liars=liars)

    async def vote_until(self, wanted: int, visitor: Visitor, on_progress: Callable[[int, int], None]) -> int:
        """Asks on until there are `wanted` live votes or no more questions; returns how many votes there are."""
        live = count_votes(self._engine)
        while live < wanted and await self.ask_next(visitor, wanted - live):
            live = count_votes(self._engine)
            on_progress(live, wanted)
        return live

    async def ask_next(self, visitor: Visitor, most: int | None = None) -> bool:
        """Asks the next question and votes on its sources, `most` of them at most; whether there was one left."""
        question_id = next(self._left, None)
        if question_id is None:
            return False
        await self._ask_and_vote(question_id, most, visitor)
        return True

    async def _ask_and_vote(self, question_id: str, most: int | None, visitor: Visitor) -> None:
        voter = asker_of(question_id, self._voters, seed=self._seed)
        message_ts = await visitor.ask(_user_of(voter), self._dataset.questions[question_id])
        stored = question_of_message(self._engine, TEAM, CHANNEL, message_ts)
        if stored is None:  # the bot had nothing to say to it
            return
        self._id_of_question[stored] = question_id
        sources = load_answer(self._engine, stored).sources
        shown = [self._id_of_uri[source.uri] for source in sources]
        relevant = self._dataset.relevant[question_id].keys()
        for cast in cast_votes(voter, question_id, shown, relevant, seed=self._seed)[:most]:
            if len(sources) == 1:
                await visitor.react(_user_of(voter), message_ts, "+1" if cast.value > 0 else "-1")
            else:
                button = VOTE_UP if cast.value > 0 else VOTE_DOWN
                await visitor.press(_user_of(voter), sources[cast.rank - 1].citation_id, button)


def _user_of(voter: Voter) -> str:
    return "U" + "".join(char for char in voter.name.upper() if char.isalnum())
