"""An admin's part of App Home, read from the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slack_sdk.models.blocks import Block, DividerBlock, HeaderBlock, SectionBlock

from bot.pools import ASIDE
from bot.slack.showing import decision_blocks, gap_blocks, health_blocks, warnings_of
from bot.slack.text import one_line, verbatim
from db.answers import Gap, find_gaps, open_questions
from db.errors import EmptyCorpusError, ModelError
from db.generations import Pins, undecided_generations
from db.nights import find_overdue
from db.slack import read_health

if TYPE_CHECKING:
    import sqlalchemy as sa

    from bot.slack.transport import Admins
    from db.generations import Encoders
    from db.settings import Settings


class AdminHome:
    """The admins' part; one instance a process. The gaps it found are kept for as long as they are the same."""

    def __init__(self, engine: sa.Engine, settings: Settings, admins: Admins, encoders: Encoders) -> None:
        self._engine = engine
        self._settings = settings
        self._admins = admins
        self._pins = Pins(engine, encoders)
        self._gaps: tuple[object, list[Gap]] = (None, [])

    async def blocks(self, team: str, user: str) -> list[Block]:
        """Nothing for whoever isn't an admin."""
        if not await self._admins.include(team, user):
            return []
        return await ASIDE.run(self._read)

    def _read(self) -> list[Block]:
        try:
            health = read_health(self._engine)
        except EmptyCorpusError as error:
            return [DividerBlock(), HeaderBlock(text="Health"), SectionBlock(text=verbatim(str(error)))]
        gaps = self._find_gaps()
        undecided = undecided_generations(self._engine)
        warned = [SectionBlock(text=verbatim(one_line(text, 2_000))) for text in warnings_of(self._pins.refused)]
        figures = health_blocks(health, find_overdue(self._engine, self._settings))
        return [DividerBlock(), *warned, *decision_blocks(health, undecided), *figures, *gap_blocks(gaps)]

    def _find_gaps(self) -> list[Gap]:
        """None where no model can be used: admins then hear of that."""
        questions = open_questions(self._engine)
        try:
            generation, encoder = self._pins.pin()
        except ModelError:
            return []
        key = (generation.id, questions)
        if self._gaps[0] != key:
            self._gaps = (key, find_gaps(questions, encoder.encode_questions))
        return self._gaps[1]
