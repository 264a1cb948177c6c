"""`nightshift golden`: the questions with known answers, which alone can show that a night made it better."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nightshift.cli.workplace import Json, err, out, tell, who, workplace

if TYPE_CHECKING:
    from db.feedback import GoldenPair

golden = typer.Typer(
    help="Golden questions: each with a document that somebody says is the right one. Up to half judge the nights; "
    "the others teach. `nightshift pairs import` takes many at once.",
    no_args_is_help=True,
)


@golden.command("list")
def list_all(as_json: Json = False) -> None:
    """Lists all golden questions, with the documents that hold their passages now.

    The text of a question that was not asked in public is not shown. `nightshift golden check` tells how many judge.
    """
    from db.feedback import list_golden_pairs
    from nightshift.terminal.printing import print_golden_pairs

    with workplace() as (_, engine):
        pairs = list_golden_pairs(engine)
    if as_json:
        out.print(json.dumps([_as_json(pair) for pair in pairs]), markup=False)
    else:
        print_golden_pairs(out, pairs)


@golden.command()
def add(
    prompt: Annotated[str | None, typer.Argument(metavar='"QUESTION"', help="A question in people's words.")] = None,
    document: Annotated[
        str | None, typer.Argument(metavar="DOCUMENT", help="The right document for it: its path, address or title.")
    ] = None,
    text: Annotated[
        str | None, typer.Option("--text", help="Words of the right passage; by default the nearest one is taken.")
    ] = None,
    question: Annotated[
        int | None, typer.Option("--question", min=1, max=2**63 - 1, help="Instead: a question that was asked.")
    ] = None,
    citation: Annotated[str | None, typer.Option("--citation", help="And the right one of its sources, by id.")] = None,
    as_json: Json = False,
) -> None:
    """Adds one golden question; adding it again changes nothing.

    Either `nightshift golden add "how much leave do I get?" "Paid leave"`, or `--question 12 --citation abc…` for a
    question that was asked and whose answer has the right source.
    """
    from db.feedback import add_cited_source, add_golden_pair
    from db.generations import Encoders

    given = [prompt, document, question, citation]
    chosen = [value is not None for value in given]
    if chosen not in ([True, True, False, False], [False, False, True, True]) or (text is not None and prompt is None):
        raise typer.BadParameter('give either "QUESTION" DOCUMENT [--text], or --question and --citation')
    with workplace(bounded=False) as (settings, engine):
        if prompt is not None and document is not None:
            added = add_golden_pair(engine, Encoders(settings, engine), prompt, _address(document), who(), text)
        else:
            added = add_cited_source(engine, question or 0, citation or "", who())
    said = f"{'Added' if added.is_new else 'Known already'}: golden question {added.pair_id}"
    facts = {"id": added.pair_id, "is_new": added.is_new, "document": added.title}
    tell(f"{said}, answered by “{added.title}”.", facts, as_json=as_json)


@golden.command()
def check(as_json: Json = False) -> None:
    """Tells which golden questions are broken, alike or at odds, how many judge, and what these can show.

    Those that ask the same count once, and what trained in an earlier night never judges. Looks for every passage
    again, as a night does. The exit code is 1 if any is broken or at odds with another.
    """
    from db.feedback import list_golden_pairs, relink_pairs
    from db.generations import Encoders, serving
    from retrain.court import find_alike, power_in_words
    from retrain.night import lesson_of_now

    with workplace(bounded=False) as (settings, engine):
        encoders = Encoders(settings, engine)
        relink_pairs(engine)
        pairs = list_golden_pairs(engine)
        vectors = encoders.get(serving(engine)).encode_questions([pair.prompt for pair in pairs])
        *_, lesson = lesson_of_now(engine, encoders, settings)
    broken = [pair for pair in pairs if not pair.documents]
    for pair in broken:
        err.print(f"{pair.id}: its passage is in no document any more: changed or removed", style="red", markup=False)
    documents = [frozenset(document_id for document_id, _ in pair.documents) for pair in pairs]
    alike = find_alike([pair.prompt for pair in pairs], vectors, documents)
    for group in alike:
        ids = ", ".join(str(pairs[member].id) for member in group.members)
        if group.contradict:
            err.print(f"{ids}: they ask the same and name different documents", style="yellow", markup=False)
        else:
            err.print(f"{ids}: they ask the same, and are kept on one side", style="dim", markup=False)
    at_odds = [group for group in alike if group.contradict]
    judging = lesson.judging("pair")
    power = power_in_words(len(set(lesson.clusters_of(judging))), len(judging))
    counts = f"{len(broken)} broken, {len(alike)} groups alike, {len(at_odds)} at odds"
    facts = {
        "golden": len(pairs),
        "broken": [pair.id for pair in broken],
        "alike": [[pairs[member].id for member in group.members] for group in alike],
        "at_odds": [[pairs[member].id for member in group.members] for group in at_odds],
        "judging": len(judging),
        "power": power,
    }
    tell(f"{len(pairs)} golden questions: {counts}.\n{power}", facts, as_json=as_json)
    if broken or at_odds:
        raise typer.Exit(1)


def _address(document: str) -> str:
    """A file's address if there is such a file here, else what was typed."""
    from intake.sources import file_uri

    path = Path(document)
    return file_uri(str(path.resolve())) if path.is_file() else document


def _as_json(pair: GoldenPair) -> dict[str, Any]:
    return {
        "id": pair.id,
        "prompt": None if pair.is_private else pair.prompt,
        "question": pair.question_id,
        "documents": [title for _, title in pair.documents],
        "added_by": pair.added_by,
        "added_at": pair.added_at.isoformat(),
    }
