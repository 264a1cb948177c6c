"""`nightshift simulate`: what would votes buy, on questions whose answers are known?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal, Optional

import typer

from nightshift.cli.workplace import err, out, read_settings


def simulate(
    data: Annotated[
        Optional[Path],  # noqa: UP045 - Typer shows it so
        typer.Option(
            "--data",
            exists=True,
            file_okay=False,
            help="Folder with corpus.jsonl {id, title, text}, queries.jsonl {id, text} and qrels.tsv (a header, then "
            "query_id, doc_id, relevance); and, if you have them, answers.jsonl {query_id, text} with the words that "
            "answer, unanswerable.jsonl {id, text} with questions that no document answers and repeats.jsonl {id, "
            "text, repeats} with questions in other words. Without it: the sample handbook.",
        ),
    ] = None,
    votes: Annotated[
        int, typer.Option(min=1, help="Votes to collect; all there are to be had, if they are fewer.")
    ] = 1500,
    seed: Annotated[int, typer.Option(help="Of the split, of the people and of the night.")] = 0,
    noise: Annotated[float, typer.Option(min=0, max=1, help="Share of votes that are slips.")] = 0.05,
    liars: Annotated[float, typer.Option(min=0, max=1, help="Share of people who vote the wrong way round.")] = 0.0,
    nights: Annotated[
        int,
        typer.Option(
            min=1,
            help="Nights, a month apart; the votes arrive in equal parts before each. Between, rankings are fitted.",
        ),
    ] = 1,
    pairs: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="Questions that become curated pairs, some of them to judge by; a sixth, up to 150, if not given.",
        ),
    ] = None,
    trial: Annotated[
        bool,
        typer.Option(
            "--trial",
            help="Where a night can't show its candidate to be better, let people's next votes decide: it answers "
            "beside what serves, until they have. Best with --pairs 0.",
        ),
    ] = False,
    incumbent: Annotated[
        Literal["shipped", "vectors"],
        typer.Option(help="What serves at first: as it ships, or a weak one that ranks by vectors alone."),
    ] = "shipped",
    runs: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(
            "--runs", file_okay=False, help="Folder for before.run, candidate.run, after.run and qrels (TREC)."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the last line, the JSON, alone.")] = False,
) -> None:
    """Tells what your votes would buy: simulated people ask and vote, and a real night learns from it.

    In a database of its own it reads the documents in, gives the night some questions as curated pairs, and asks
    others as signed Slack events through the real app, against a Slack in this process. People look at the sources from
    the top, vote by the known answers, and err. Questions that were held out judge what came of it: how far up the
    right documents stand, and what people would be told. An answer is right if a right document is among its sources,
    wrongly silent if it refuses though one was found, and wrongly talkative if it answers without.

    Nothing of yours is touched, and no language model is used: run it on a few hundred questions of your own FAQ before
    you ask anybody for a vote. The last line is JSON.
    """
    from nightshift.simulate.outcome import Plan
    from nightshift.simulate.run import run_simulation

    read_settings()
    plan = Plan(votes, seed, noise, liars, nights, pairs, trial, by_vectors=incumbent == "vectors")
    outcome = run_simulation(data, plan, runs, out=None if as_json else out, err=err)
    out.print(json.dumps(outcome.as_json()), markup=False)
