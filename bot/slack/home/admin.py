"""What an admin sees below their own App Home: health, gaps in the documents, and decisions that wait."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from slack_sdk.models.blocks import Block, DividerBlock, HeaderBlock, SectionBlock

from bot.pools import ASIDE
from bot.slack.home.view import slack_date
from bot.slack.nights.alarm import warnings_of
from bot.slack.nights.buttons import decision_buttons
from bot.slack.text.fitting import one_line, verbatim
from db.decisions import undecided_generations
from db.errors import EmptyCorpusError, ModelError
from db.gaps import Gap, find_gaps, open_questions
from db.health import DAYS, Health, read_health
from db.overdue import Overdue, find_overdue
from db.pinning import Pins

if TYPE_CHECKING:
    import sqlalchemy as sa

    from bot.slack.admins import Admins
    from db.encoders import Encoders
    from db.settings import Settings

GAPS_SHOWN = 8
_FAILURES_SHOWN = 8


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


def health_blocks(health: Health, overdue: Overdue | None = None) -> list[Block]:
    """The figures, most telling first, and the night that keeps admins waiting, if one does."""
    night = health.last_night
    last = "none yet" if night is None else f"{night.decision or night.status} ({_date(night.finished_at)})"
    up = "" if health.up_share is None else f", {health.up_share:.0%} of them 👍"
    failures = [f"{kind} {count}" for kind, count in list(health.failures.items())[:_FAILURES_SHOWN]]
    lines = [
        f"*Serving*: generation {health.generation_id}, since {slack_date(health.serving_since)}",
        f"*Last night*: {last}",
        *([f"⚠️ *Overdue*: {one_line(overdue.sentence, 400)}"] if overdue else []),
        f"*Documents*: {health.documents:,}, in {health.chunks:,} passages",
        f"*Asked in {DAYS} days*: {health.questions:,} questions, {health.unknown:,} of them without an answer",
        f"*Votes in {DAYS} days*: {health.votes:,}{up}",
        f"*Failures in {DAYS} days*: {one_line(', '.join(failures), 1_000) or 'none'}",
    ]
    return [HeaderBlock(text="Health"), SectionBlock(text=verbatim("\n".join(lines)))]


def gap_blocks(gaps: Sequence[Gap]) -> list[Block]:
    """What people asked and got no good answer to; a text only if somebody asked it in public."""
    lines = [f"• {_gap(gap)} · last {slack_date(gap.last_asked_at)}" for gap in gaps[:GAPS_SHOWN]]
    if len(gaps) > GAPS_SHOWN:
        rest = gaps[GAPS_SHOWN:]
        lines.append(f"… and {sum(gap.count for gap in rest)} more questions about {len(rest)} other things")
    found = "\n".join(lines) or "None: every question got an answer, and none has nothing but 👎."
    return [HeaderBlock(text="Gaps in the documents"), SectionBlock(text=verbatim(found))]


def decision_blocks(health: Health, undecided: Sequence[int]) -> list[Block]:
    """What waits for a person, and the way back."""
    blocks: list[Block] = [HeaderBlock(text="Decisions")]
    for generation_id in undecided:
        what = f"Generation {generation_id} passed the gate and waits for you."
        blocks += [SectionBlock(text=verbatim(what)), decision_buttons(generation_id, ("promote", "reject"))]
    if not undecided:
        blocks.append(SectionBlock(text=verbatim("Nothing waits for you.")))
    if health.can_roll_back:
        blocks.append(decision_buttons(health.generation_id, ("roll_back",)))
    return blocks


def _gap(gap: Gap) -> str:
    times = "once" if gap.count == 1 else f"{gap.count} times"
    text = "_a question that was not asked in public_" if gap.example is None else one_line(gap.example, 200)
    return f"{text} · {times}"


def _date(moment: datetime | None) -> str:
    return "" if moment is None else slack_date(moment)
