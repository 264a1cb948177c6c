"""`python -m benchmarks.speed`: how long our work takes beside the bare libraries' and the database's own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from benchmarks.console import JsonPath, err, keep, out
from benchmarks.speed.ask import compare_asking
from benchmarks.speed.encode import compare_encoding
from benchmarks.speed.first import compare_first_answers
from benchmarks.speed.handbook import handbook_passages, handbook_questions
from benchmarks.speed.load import compare_loading
from benchmarks.speed.measure import Comparison, Show
from benchmarks.speed.publish import as_json, show_table
from benchmarks.speed.question import compare_answering
from benchmarks.speed.store import compare_storing
from benchmarks.speed.train import compare_training
from benchmarks.speed.trial import compare_trying
from db.errors import NightshiftError
from db.settings import Settings
from nightshift.terminal.progress import night_progress

if TYPE_CHECKING:
    from db.models import TrainableEncoder

PARTS = ("store", "load", "question", "trial", "encode", "train", "ask")


def main(
    only: Annotated[str, typer.Option(help=f"Separated by commas, of: {', '.join(PARTS)}.")] = ",".join(PARTS),
    size: Annotated[int, typer.Option(min=1000, help="Passages of made text that are searched and mined.")] = 20_000,
    searches: Annotated[int, typer.Option(min=1, help="How often everyone searches, and is asked.")] = 400,
    rounds: Annotated[int, typer.Option(min=1, help="How often everyone does what takes longer.")] = 7,
    texts: Annotated[int, typer.Option(min=1, help="Passages that are encoded.")] = 300,
    rows: Annotated[int, typer.Option(min=1, max=64, help="Rows that are trained on.")] = 32,
    against: Annotated[
        Optional[Path],  # noqa: UP045 - Typer shows it so
        typer.Option(exists=True, file_okay=False, help="Another checkout, whose first answer is timed beside ours."),
    ] = None,
    json_path: JsonPath = None,
) -> None:
    """Times ours and the least that the same work takes, by turns, and prints the ratios with their spread.

    The store's rows are on made text of any size; those that encode are on the sample handbook. In float32, and in
    bfloat16 too where the machine is faster so. Let nothing else run meanwhile.
    """
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    chosen = [name.strip() for name in only.split(",") if name.strip()]
    if unknown := [name for name in chosen if name not in PARTS]:
        raise typer.BadParameter(f"there is nothing called {unknown[0]!r} to measure")
    passages, questions = handbook_passages(), handbook_questions()
    try:
        encoder, dtypes = _load_base()
        measure: dict[str, Callable[[Show], Iterator[Comparison]]] = {
            "store": partial(compare_storing, size, searches, rounds),
            "load": partial(compare_loading, size, rounds),
            "question": partial(compare_answering, encoder, questions, searches // 4 + 1),
            "trial": partial(compare_trying, questions, searches // 4 + 1),
            "encode": partial(compare_encoding, encoder, dtypes, passages, texts, rounds),
            "train": partial(compare_training, encoder, dtypes, passages, questions[:rows], rounds),
            "ask": partial(compare_asking, rounds),
        }
        if against is not None:
            measure["first"] = partial(compare_first_answers, against, rounds)
            chosen.append("first")
        with night_progress(err) as on_progress:
            comparisons = [done for name in chosen for done in measure[name](partial(on_progress, name))]
    except NightshiftError as error:
        err.print(f"benchmarks.speed: {error}", style="red")
        raise typer.Exit(error.exit_code) from None
    show_table(out, comparisons)
    keep(as_json(comparisons, encoder.model.device.type), json_path)


def _load_base() -> tuple[TrainableEncoder, list[str]]:
    """The base model's encoder, and the arithmetic to measure: what nights use here, after float32."""
    from db.models import choose_dtype, find_base_model, load_encoder

    directory, sha256 = find_base_model(Settings().base_model)
    return load_encoder(directory, sha256=sha256), list(dict.fromkeys(["float32", choose_dtype(directory)]))


if __name__ == "__main__":
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(main)
    app()
