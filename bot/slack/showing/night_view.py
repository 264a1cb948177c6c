"""The report of a run as a message: what was decided and why, the figures by slice, and what became of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from slack_sdk.models.blocks import Block, ContextBlock, HeaderBlock, SectionBlock

from bot.slack.showing.night_buttons import decision_buttons, face_of
from bot.slack.showing.render import Rendered
from bot.slack.text import escape, one_line, verbatim
from db.search import changes_in_words
from db.slack import changed_in

if TYPE_CHECKING:
    from db.generations import DecisionRequest, Wanted
    from db.nights import Run
    from db.slack import NightFacts

CHANGED_SHOWN = 3
"""Questions named each way."""

_HEADLINES = {
    "promoted": "🌅 {} {}: promoted",
    "refused": "🌙 {} {}: refused",
    "pending": "🌗 {} {}: waits for your decision",
    "trial": "🌓 {} {}: on trial",
    None: "⚠️ {} {}: failed",
}
_NAMES = {"night": "Night", "ranking": "Ranking run"}
_MEASURES = {
    "golden": "golden questions",
    "voted": "… documents with votes",
    "never voted": "… without votes",
    "right": "right answers",
    "wrongly_silent": "wrongly silent",
    "wrongly_talkative": "wrongly talkative",
    "trial": "explored answers",
    "votes": "held-out votes",
    "regression": "regression set",
}
"""The gate's names, in the order in which they are shown."""
_COUNTS = {"votes": "votes", "pairs": "curated pairs", "learnt_from": "questions learnt from", "rows": "training rows"}
_REASONS_SHOWN = 6
_NOTIFICATION_LIMIT = 1_000
_TEXT_LIMIT = 150


def render_night(facts: NightFacts) -> Rendered:
    """The message as things are now; questions are named only where `facts.texts` has a text to show."""
    run = facts.run
    headline = _HEADLINES[run.decision].format(_NAMES[run.kind], run.id)
    blocks: list[Block] = [HeaderBlock(text=headline)]
    if reasons := [f"• {one_line(reason, 400)}" for reason in run.reasons[:_REASONS_SHOWN]]:
        blocks.append(SectionBlock(text=verbatim("\n".join(reasons))))
    if facts.trial:
        blocks.append(SectionBlock(text=verbatim("\n".join(["*Trial*", *(one_line(own, 400) for own in facts.trial)]))))
    if weights := _changed_weights(run):
        blocks.append(SectionBlock(text=verbatim("\n".join(["*What a passage is ranked by*", *weights]))))
    if rows := list(_measured(run.evidence or {})):
        blocks.append(SectionBlock(text=verbatim(_table(rows))))
    if changed := list(_changed(facts)):
        blocks.append(SectionBlock(text=verbatim("\n".join(changed))))
    blocks.append(ContextBlock(elements=[verbatim(_counts(run))]))
    for request in facts.requests[-5:]:
        blocks.append(ContextBlock(elements=[verbatim(_request(request))]))
    if wanted := _open_to_decide(facts):
        assert facts.generation_id is not None  # noqa: S101 - there is nothing to decide on without one
        blocks.append(decision_buttons(facts.generation_id, wanted))
    return Rendered(one_line(f"{headline}. {' '.join(run.reasons)}", _NOTIFICATION_LIMIT), blocks)


def digest_of(rendered: Rendered) -> bytes:
    """The same for messages that show the same."""
    content = [rendered.text, [block.to_dict() for block in rendered.blocks]]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).digest()


def _open_to_decide(facts: NightFacts) -> tuple[Wanted, ...]:
    if any(request.done_at is None for request in facts.requests):
        return ()
    if facts.trial_waits:
        return ("begin_trial", "promote", "reject")
    if facts.run.decision in ("pending", "trial"):
        return ("promote", "reject")
    return ("roll_back",) if facts.serves and facts.can_roll_back else ()


def _measured(evidence: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    parts = evidence.get("slices", {}) | evidence.get("answers", {})
    found = {**parts, **{name: evidence.get(name) for name in ("golden", "trial", "votes")}}
    found["regression"] = evidence.get("regression")
    for name, title in _MEASURES.items():
        if (figures := found.get(name)) and "before" in figures:
            p = figures.get("p", figures.get("p_worse"))
            chance = "" if p is None else f"{'p' if 'p' in figures else 'p worse'} {p:.4f}"
            yield (
                title,
                _n(figures),
                f"{figures['before']:.3f}",
                f"{figures['after']:.3f}",
                f"{figures['gain']:+.3f}",
                chance,
            )


def _changed_weights(run: Run) -> list[str]:
    """A line for each weight that a ranking run made another."""
    fitted = run.phases.get("fit", {}).get("ranking", {})
    return [f"• {own}" for own in changes_in_words(fitted.get("served", {}), fitted.get("weights", {}))]


def _n(figures: Mapping[str, Any]) -> str:
    """How many questions; near-duplicates are one cluster, and count once."""
    n, questions = figures["n"], figures.get("questions", figures["n"])
    return str(n) if questions == n else f"{questions} in {n} clusters"


def _table(rows: list[tuple[str, ...]]) -> str:
    """Names to the left, figures to the right."""
    rows = [("", "n", "before", "after", "gain", ""), *rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for name, *figures in rows:
        cells = [figure.rjust(width) for figure, width in zip(figures, widths[1:], strict=True)]
        lines.append("  ".join([name.ljust(widths[0]), *cells]).rstrip())
    return "```\n" + "\n".join(lines) + "\n```"


def _changed(facts: NightFacts) -> Iterator[str]:
    for side, head in (("better", "Got better"), ("worse", "Got worse")):
        changes = changed_in(facts.run).get(side, [])
        texts = [facts.texts.get((change["kind"], change["id"])) for change in changes]
        named = [f"“{one_line(text, _TEXT_LIMIT)}”" for text in texts if text][:CHANGED_SHOWN]
        if more := len(changes) - len(named):
            named.append(f"{more} {'more ' if named else ''}question{'s' if more > 1 else ''}")
        if named:
            yield f"*{head}*: {', '.join(named)}"


def _counts(run: Run) -> str:
    counted = {**run.phases.get("snapshot", {}), **run.phases.get("learn", {})}
    parts = [f"{counted[name]} {what}" for name, what in _COUNTS.items() if name in counted]
    seconds = sum(facts.get("seconds", 0) for facts in run.phases.values())
    return " · ".join([*parts, f"{seconds:.0f} s", f"the whole report: `nightshift report {run.id}`"])


def _request(request: DecisionRequest) -> str:
    user = request.requested_by.rpartition(":")[2]
    by = f"<@{user}>" if user.isalnum() and user.isascii() else escape(request.requested_by)
    outcome = request.outcome or "the night process is about to see to it."
    return f"{face_of(request.wanted)}, asked for by {by}: {one_line(outcome, 500)}"
