"""What admins see: whether a model can be used, health, gaps in the documents, and decisions that wait."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from slack_sdk.models.blocks import Block, HeaderBlock, SectionBlock

from bot.slack.showing.home_view import slack_date
from bot.slack.showing.night_buttons import decision_buttons
from bot.slack.text import one_line, verbatim
from db.slack import HEALTH_DAYS

if TYPE_CHECKING:
    from db.answers import Gap
    from db.nights import Overdue, Run
    from db.slack import Health

GAPS_SHOWN = 8
_FAILURES_SHOWN = 8


def warnings_of(refused: Mapping[int, str]) -> list[str]:
    """What admins are to know of each generation whose model was refused, from `Pins.refused`."""
    return [
        f"⚠️ The model of generation {generation_id} can't be used. While it serves, questions are answered by the "
        f"generation before it, if there is one. {why}"
        for generation_id, why in refused.items()
    ]


def health_blocks(health: Health, overdue: Overdue | None = None) -> list[Block]:
    """The figures, most telling first, and the night that keeps admins waiting, if one does."""
    ranking = [f"*Last ranking run*: {_ended(health.last_ranking)}"] if health.last_ranking else []
    up = "" if health.up_share is None else f", {health.up_share:.0%} of them 👍"
    failures = [f"{kind} {count}" for kind, count in list(health.failures.items())[:_FAILURES_SHOWN]]
    lines = [
        f"*Serving*: generation {health.generation_id}, since {slack_date(health.serving_since)}",
        f"*Last night*: {_ended(health.last_night)}",
        *ranking,
        *([f"*Trial*: {one_line(' '.join(health.trial), 800)}"] if health.trial else []),
        *([f"⚠️ *Overdue*: {one_line(overdue.sentence, 400)}"] if overdue else []),
        f"*Documents*: {health.documents:,}, in {health.chunks:,} passages",
        f"*Asked in {HEALTH_DAYS} days*: {health.questions:,} questions, {health.unknown:,} of them without an answer",
        f"*Votes in {HEALTH_DAYS} days*: {health.votes:,}{up}",
        f"*Failures in {HEALTH_DAYS} days*: {one_line(', '.join(failures), 1_000) or 'none'}",
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
    if health.to_be_tried is not None:
        what = f"Generation {health.to_be_tried} may be better: its trial waits for you to begin it."
        buttons = decision_buttons(health.to_be_tried, ("begin_trial", "promote", "reject"))
        blocks += [SectionBlock(text=verbatim(what)), buttons]
    if not undecided and health.to_be_tried is None:
        blocks.append(SectionBlock(text=verbatim("Nothing waits for you.")))
    if health.can_roll_back:
        blocks.append(decision_buttons(health.generation_id, ("roll_back",)))
    return blocks


def _ended(run: Run | None) -> str:
    if run is None or run.finished_at is None:
        return "none yet"
    return f"{run.decision or run.status} ({slack_date(run.finished_at)})"


def _gap(gap: Gap) -> str:
    times = "once" if gap.count == 1 else f"{gap.count} times"
    text = "_a question that was not asked in public_" if gap.example is None else one_line(gap.example, 200)
    return f"{text} · {times}"
