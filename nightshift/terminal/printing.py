"""Answers, generations and nights as a terminal shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.markdown import Markdown
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from db.feedback import GoldenPair
    from db.generations import Generation, Role
    from db.nights import Run
    from db.question import Answer


def answer_as_json(answer: Answer) -> dict[str, Any]:
    """Everything a script may want of an answer."""
    return asdict(answer)


def print_answer(console: Console, answer: Answer, *, explain: bool = False) -> None:
    """The answer, and below it its sources with the ids to vote by, or where else to look; why it is so on demand."""
    text = Markdown(answer.text, hyperlinks=False) if console.is_terminal else Text(answer.text)
    console.print(Padding(text, (1, 0, 0, 2)), soft_wrap=False)
    if answer.note:
        console.print(Padding(Text(answer.note, style="dim"), (1, 0, 0, 2)), soft_wrap=False)
    if answer.nearest:
        console.print(Padding(Text("The nearest documents, in case one helps:"), (1, 0, 0, 2)))
        for near in answer.nearest:
            console.print(Text(f"  · {near.title}").append(f"  {near.uri}", style="dim"), soft_wrap=True)
    if explain:
        console.print(Padding(Text(explain_answer(answer), style="dim"), (1, 0, 0, 2)), soft_wrap=False)
    if answer.sources:
        console.print()
        width = max(len(_name(source.title, source.lead.section)) for source in answer.sources)
        for source in answer.sources:
            line = Text(f"  [{source.number}] ", style="bold")
            line.append(_name(source.title, source.lead.section).ljust(width), style="default")
            line.append(f"  {source.lead.score:.2f}  {source.citation_id}", style="dim")
            console.print(line)
            if source.stale:
                console.print(Padding(Text(source.stale, style="yellow"), (0, 0, 0, 6)), soft_wrap=False)
            if explain and source.why:
                console.print(Padding(Text(source.why, style="dim"), (0, 0, 0, 6)), soft_wrap=False)
    console.print()


def explain_answer(answer: Answer) -> str:
    """Why it is what it is, in a sentence or two."""
    took = f"It took {answer.timings_ms['total']:,.0f} ms, by generation {answer.generation_id}."
    if answer.refused_because:
        return f"Not answered: {answer.refused_because} {took}"
    n = sum(len(source.passages) for source in answer.sources)
    read = f"{len(answer.sources)} documents, {n} of their passages"
    if answer.kind == "unknown":
        return f"Not answered: the language model found no answer in what it was given, {read}. {took}"
    return f"Answered ({answer.kind}) from {read}. {took}"


def _name(title: str, section: str) -> str:
    heading = section.rsplit(" > ", 1)[-1]
    return title if heading.startswith(title) or not heading else f"{title} › {heading}"


def generation_as_json(generation: Generation, in_service: Mapping[Role, Generation]) -> dict[str, Any]:
    """Everything known of a generation."""
    facts = asdict(generation)
    for name in ("created_at", "promoted_at"):
        facts[name] = facts[name].isoformat() if facts[name] else None
    return {"role": _role(generation, in_service), **facts}


def print_generations(
    console: Console, generations: Sequence[Generation], in_service: Mapping[Role, Generation]
) -> None:
    """One line each."""
    table = Table(box=None, header_style="dim", pad_edge=False)
    for column in ("id", "", "parent", "made by", "dim", "golden Δndcg@10", "promoted", "by"):
        table.add_column(column)
    makers = {item.artefact_id: item.id for item in sorted(generations, key=lambda own: -own.id)}
    for item in generations:
        how = " (ranking)" if makers[item.artefact_id] != item.id else ""
        role = _role(item, in_service)
        golden = item.metrics.get("golden", {})
        table.add_row(
            str(item.id),
            Text(role, style="bold green" if role == "serving" else ""),
            str(item.parent_id or "—"),
            f"run {item.run_id}{how}" if item.run_id else item.base_model,
            str(item.dimension),
            f"{golden['gain']:+.3f} (p {golden['p']:.4f})" if golden else "—",
            f"{item.promoted_at:%Y-%m-%d %H:%M}" if item.promoted_at else "—",
            (item.promoted_by or "—") + (" (forced)" if item.forced else ""),
        )
    console.print(table)


def print_golden_pairs(console: Console, pairs: Sequence[GoldenPair]) -> None:
    """One line each."""
    table = Table(box=None, header_style="dim", pad_edge=False)
    for column in ("id", "question", "document", "added by", "on"):
        table.add_column(column)
    for pair in pairs:
        asked = f"(question {pair.question_id}, not asked in public)" if pair.is_private else pair.prompt
        documents = ", ".join(title for _, title in pair.documents)
        table.add_row(
            str(pair.id),
            Text(asked),
            Text(documents) if documents else Text("lost", style="red"),
            Text(pair.added_by),
            f"{pair.added_at:%Y-%m-%d}",
        )
    console.print(table)


def _role(generation: Generation, in_service: Mapping[Role, Generation]) -> str:
    return next((role for role, item in in_service.items() if item.id == generation.id), generation.status)


def print_night(console: Console, run: Run, report: Path | None = None) -> None:
    """How a night ended, why, what its phases took and counted, and where its report is."""
    from db.nights import PHASES  # here, so that showing an answer needs no database
    from db.search import changes_in_words

    styles = {"promoted": "bold green", "refused": "bold yellow", "pending": "bold cyan", "trial": "bold cyan"}
    style = styles.get(run.decision or "", "bold red")
    name = "Ranking run" if run.kind == "ranking" else "Run"
    console.print(Text(f"{name} {run.id}: {run.decision or run.status}", style=style))
    fitted = run.phases.get("fit", {}).get("ranking", {})
    for line in (*run.reasons, *changes_in_words(fitted.get("served", {}), fitted.get("weights", {}))):
        console.print(Padding(Text(line), (0, 0, 0, 2)), soft_wrap=False)
    for phase in PHASES:
        if (facts := run.phases.get(phase)) is None:
            continue
        shown = {
            name: value for name, value in facts.items() if name != "seconds" and not isinstance(value, list | dict)
        }
        counts = ", ".join(f"{name} {_short(value)}" for name, value in shown.items())
        console.print(Text(f"  {phase:<9} {facts['seconds']:7.1f} s  {counts}", style="dim"))
    if report is not None:
        console.print(Text(f"Report: {report}"))


def _short(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3f}" if value == 0 or abs(value) >= 0.001 else f"{value:.2g}"
    return str(value)
