"""`python -m benchmarks.speed`: how long our encoding, training and searching take beside the bare libraries'."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from benchmarks.console import JsonPath, err, keep, out
from benchmarks.speed.ask import compare_asking
from benchmarks.speed.encode import compare_encoding
from benchmarks.speed.handbook import handbook_passages, handbook_questions
from benchmarks.speed.measure import Comparison, Show
from benchmarks.speed.publish import as_json, show_table
from benchmarks.speed.search import compare_searching
from benchmarks.speed.train import compare_training
from db.errors import NightshiftError
from db.settings import Settings
from nightshift.terminal.progress import night_progress

if TYPE_CHECKING:
    from db.models import TrainableEncoder

PARTS = ("encode", "train", "search", "ask")


def main(
    only: Annotated[str, typer.Option(help=f"Separated by commas, of: {', '.join(PARTS)}.")] = ",".join(PARTS),
    rounds: Annotated[int, typer.Option(min=1, help="How often everyone encodes, trains and asks.")] = 7,
    texts: Annotated[int, typer.Option(min=1, help="Passages that are encoded.")] = 1000,
    rows: Annotated[int, typer.Option(min=1, max=64, help="Rows that are trained on.")] = 64,
    chunks: Annotated[int, typer.Option(min=100, help="Chunks that are searched.")] = 3000,
    searches: Annotated[int, typer.Option(min=1, help="How often everyone searches.")] = 400,
    json_path: JsonPath = None,
) -> None:
    """Times ours and the bare libraries on the same work, by turns, and prints the ratios with their spread.

    In float32, and in bfloat16 too where the machine is faster so. Let nothing else run meanwhile.
    """
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    chosen = [name.strip() for name in only.split(",") if name.strip()]
    if unknown := [name for name in chosen if name not in PARTS]:
        raise typer.BadParameter(f"there is nothing called {unknown[0]!r} to measure")
    passages, questions = handbook_passages(), handbook_questions()
    try:
        encoder, dtypes = _load_base()
        measure: dict[str, Callable[[Show], Iterator[Comparison]]] = {
            "encode": partial(compare_encoding, encoder, dtypes, passages, texts, rounds),
            "train": partial(compare_training, encoder, dtypes, passages, questions[:rows], rounds),
            "search": partial(compare_searching, encoder, passages, questions, chunks, searches),
            "ask": partial(compare_asking, rounds),
        }
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
