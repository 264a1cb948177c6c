"""`python -m benchmarks.typed`: is right what people are told who type three words, a typo, an id, "prod", a year?"""

from __future__ import annotations

import os

import typer
from rich.progress import track

from benchmarks.console import JsonPath, err, keep, out
from benchmarks.typed.ask import ask_all
from benchmarks.typed.judging import read_typed
from benchmarks.typed.publish import as_json, show_answers, show_table
from db.errors import NightshiftError
from nightshift.corpus.sample import sample_corpus
from nightshift.simulate.run import scratch_folder


def main(json_path: JsonPath = None) -> None:
    """Asks the hand-judged questions of the sample handbook, without a language model, and judges the answers' text.

    The set is no pupil's: nothing is trained on it, calibrated with it or chosen by it.
    """
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    questions = read_typed(sample_corpus().parent / "typed.jsonl")
    try:
        with scratch_folder() as home:
            judged = list(track(ask_all(home, questions), "asking", len(questions), console=err))
    except NightshiftError as error:
        err.print(f"benchmarks.typed: {error}", style="red")
        raise typer.Exit(error.exit_code) from None
    out.print(show_answers(judged))
    out.print(show_table(judged))
    keep(as_json(judged), json_path)


if __name__ == "__main__":
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(main)
    app()
