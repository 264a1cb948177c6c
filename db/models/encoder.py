"""The encoder: texts become unit vectors, the same way in answers, ingest, training and re-embedding."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, overload

import numpy as np
from numpy.typing import NDArray

from db.errors import ModelError
from db.models.files import (
    check_model_files,
    check_model_hash,
    hash_model,
    without_progress_bars,
)
from db.models.holes import give_back_holes
from db.models.scale import measure_encoder
from db.models.word_table import WordTable, read_word_table, token_rows

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

    from db.models.bert import Bert

DTYPES = ("float32", "bfloat16")
MOST_DIMENSIONS = 4000
"""What an HNSW index over `halfvec` takes."""
WINDOW = 256  # texts tokenised at once: bounds memory, whatever the number of texts
CPU_BATCH_TOKENS = 8192  # smaller ones pad less, but lose more to thread switches on a busy machine
GPU_BATCH_TOKENS = 65536


class Encoder(Protocol):
    """Turns texts into unit vectors."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""

    def encode_questions(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Encodes questions; (n, dimension) float32, L2-normalised."""

    def encode_passages(
        self, texts: Sequence[str], on_batch: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Encodes what `passage_text` made; (n, dimension) float32, L2-normalised.

        `on_batch` is called with the number of texts of each batch that is done.
        """

    def look_up_words(self, words: Sequence[str]) -> NDArray[np.float32]:
        """What is known of words by themselves; (n, width) float32, of unit length, or zeros."""


def passage_text(title: str, section: str, text: str) -> str:
    """What of a chunk is encoded: title, headings (without the first if it repeats the title), text.

    Args:
        title: the document's title.
        section: the headings above the chunk, outermost first, joined by " > "; may be empty.
        text: the chunk's own text.
    """
    headings = [heading.strip() for heading in section.split(" > ") if heading.strip()]
    if headings and headings[0].casefold() == title.strip().casefold():
        headings = headings[1:]
    return ". ".join(part for part in (title.strip(), " > ".join(headings), text) if part)


class SentenceEncoder:
    """An `Encoder` around a model; safe to use from several threads.

    The same text gives the same vector, whatever else is in the call, up to rounding. Any string is accepted:
    blank ones are encoded as a full stop, and one without a token that the model knows becomes the vector of
    equal numbers, since a vector of zeros has no cosine.

    Args:
        model: a sentence-transformers model, which is encoded with as it is now (training code may go on changing
            it), or a `Bert`, which gives the same vectors and needs less of everything.
        dtype: "float32", or "bfloat16" for autocast.

    Raises:
        ModelError: the model doesn't tell its dimension, or it is beyond `MOST_DIMENSIONS`, or there is no such dtype.
    """

    def __init__(self, model: SentenceTransformer | Bert, dtype: str = "float32") -> None:
        if dtype not in DTYPES:
            raise ModelError(f"There is no dtype {dtype}; choose {' or '.join(DTYPES)}.")
        dimension = model.get_embedding_dimension()
        if not dimension:
            raise ModelError("The model doesn't tell the dimension of its vectors; choose another model.")
        if dimension > MOST_DIMENSIONS:
            raise ModelError(
                f"The model's vectors have {dimension:,} numbers, and pgvector can index {MOST_DIMENSIONS:,} at most: "
                "choose another NIGHTSHIFT_BASE_MODEL."
            )
        self.model = model
        self.dtype = dtype
        self._dimension = dimension
        # The tokenizer changes its own padding on each call; the model itself is only read.
        self._tokenizer_lock = threading.Lock()

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._dimension

    @property
    def max_seq_length(self) -> int | None:
        """Tokens of a text that count; the rest is cut off. None: no limit."""
        return self.model.max_seq_length

    def encode_questions(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Encodes questions; (n, dimension) float32, L2-normalised.

        Raises:
            ModelError: the model gives something else than numbers.
        """
        return self._encode(texts, "query", prompt_of(self.model, "query"), None)

    def encode_passages(
        self, texts: Sequence[str], on_batch: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Encodes what `passage_text` made; (n, dimension) float32, L2-normalised.

        Memory beyond the result doesn't depend on the number of texts.

        Args:
            texts: the passages.
            on_batch: called with the number of texts of each batch that is done.

        Raises:
            ModelError: the model gives something else than numbers.
        """
        vectors = self._encode(texts, "document", prompt_of(self.model, "document"), on_batch)
        if len(texts) >= WINDOW:
            give_back_holes()
        return vectors

    def look_up_words(self, words: Sequence[str]) -> NDArray[np.float32]:
        """What the model knows of words by themselves, before any text is encoded: a lookup, in microseconds.

        Words of like meaning are alike, as far as a table can tell, which knows no context.

        Returns:
            (n, width) float32, of unit length; zeros for a word, or a model, of which nothing is known.
        """
        if self._word_table is None:
            return np.zeros((len(words), 1), dtype=np.float32)
        with self._tokenizer_lock:
            tokens = token_rows(self.model, [encodable(word) for word in words]) if words else []
        return self._word_table.look_up(tokens)

    @cached_property
    def _word_table(self) -> WordTable | None:
        with self._tokenizer_lock:
            return read_word_table(self.model)

    def _encode(
        self, texts: Sequence[str], task: str, prompt: str, on_batch: Callable[[int], None] | None
    ) -> NDArray[np.float32]:
        if self.model.training:
            self.model.eval()
        vectors = np.empty((len(texts), self._dimension), dtype=np.float32)
        by_length = sorted(range(len(texts)), key=lambda index: len(texts[index]), reverse=True)
        for start in range(0, len(texts), WINDOW):
            window = np.array(by_length[start : start + WINDOW])
            with self._tokenizer_lock:
                features = self.model.preprocess(
                    [encodable(texts[index]) for index in window], prompt=prompt, task=task
                )
            for rows, batch in _token_batches(features, len(window), self._batch_tokens):
                vectors[window[rows]] = self._forward(batch, task)
                if on_batch is not None:
                    on_batch(len(rows))
        return vectors

    @property
    def _batch_tokens(self) -> int:
        return CPU_BATCH_TOKENS if self.model.device.type == "cpu" else GPU_BATCH_TOKENS

    def _forward(self, features: dict[str, Any], task: str) -> NDArray[np.float32]:
        import torch

        device = self.model.device
        features = {name: value.to(device) if torch.is_tensor(value) else value for name, value in features.items()}
        with (
            torch.inference_mode(),
            torch.autocast(device.type, dtype=torch.bfloat16, enabled=self.dtype == "bfloat16"),
        ):
            output = self.model(features, task=task)["sentence_embedding"]
        vectors: NDArray[np.float32] = output[:, : self._dimension].float().cpu().numpy()
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not np.isfinite(norms).all():
            raise ModelError("The model's vectors hold values that aren't numbers; it can't be used.")
        vectors = np.divide(vectors, norms, where=norms > 0, out=np.full_like(vectors, self._dimension**-0.5))
        return vectors


class TrainableEncoder(SentenceEncoder):
    """A `SentenceEncoder` whose model can be trained and saved."""

    model: SentenceTransformer


def prompt_of(model: SentenceTransformer | Bert, role: Literal["query", "document"]) -> str:
    """What the model wants before each text in that role; most want nothing."""
    return prompt_in(model.prompts, role)


def prompt_in(prompts: Mapping[str, str | None], role: Literal["query", "document"]) -> str:
    """The prompt for that role among a model's prompts by their names; or ""."""
    # The first that says something: sentence-transformers adds an empty "document" to models that were
    # saved with a "passage" only, and then its own encode_document uses the empty one.
    names = ("query",) if role == "query" else ("document", "passage", "corpus")
    return next((prompt for name in names if (prompt := prompts.get(name))), "")


def encodable(text: str) -> str:
    """A text as it may be tokenised: tokenizers refuse lone surrogates; some turn a blank text into no token at all."""
    text = text.replace("\0", " ").encode("utf-8", "replace").decode()
    return text if text.strip() else "."


def _token_batches(
    features: dict[str, Any], n_texts: int, budget: int
) -> Iterator[tuple[NDArray[np.intp], dict[str, Any]]]:
    """Cuts tokenised texts into batches of similar length that hold at most `budget` tokens, padding included.

    Features without a padded row per text (static embeddings, flattened inputs) stay one batch.
    """
    mask = features.get("attention_mask")
    per_text = {name: value for name, value in features.items() if getattr(value, "ndim", 0)}
    if mask is None or any(value.shape[:2] != mask.shape for value in per_text.values()):
        yield np.arange(n_texts), features
        return
    lengths = mask.sum(dim=1).numpy()
    order = np.argsort(-lengths, kind="stable")
    start = 0
    while start < n_texts:
        rows = order[start : start + max(1, budget // max(1, int(lengths[order[start]])))]
        used = mask[rows].any(dim=0).nonzero()
        columns = slice(int(used[0]), int(used[-1]) + 1)  # padding may be on either side
        yield rows, features | {name: value[rows][:, columns] for name, value in per_text.items()}
        start += len(rows)


@overload
def load_encoder(
    directory: Path, *, sha256: str, dtype: str = ..., frozen: Literal[False] = ...
) -> TrainableEncoder: ...


@overload
def load_encoder(directory: Path, *, sha256: str, dtype: str = ..., frozen: Literal[True]) -> SentenceEncoder: ...


def load_encoder(
    directory: Path, *, sha256: str, dtype: str = "float32", frozen: bool = False
) -> TrainableEncoder | SentenceEncoder:
    """Loads a model from safetensors, after its files were found to be the recorded ones; runs none of its code.

    Args:
        directory: a folder as `save_model` writes or `find_base_model` finds.
        sha256: its recorded `hash_model`.
        dtype: "float32", "bfloat16" (autocast), or "auto" for what `choose_dtype` says.
        frozen: it is only encoded with: the same vectors, without sentence-transformers where that isn't needed.

    Raises:
        ModelTamperedError: the files have another hash.
        ModelError: the folder isn't a usable model; the message says why.
    """
    check_model_hash(directory, sha256)
    check_model_files(directory)
    dtype = choose_dtype(directory) if dtype == "auto" else dtype
    return SentenceEncoder(_load_frozen(directory), dtype) if frozen else TrainableEncoder(_load(directory), dtype)


def _load_frozen(directory: Path) -> SentenceTransformer | Bert:
    from db.models.bert import load_bert

    try:
        bert = load_bert(directory)
    except Exception:  # whatever is wrong with it, below it is put into words
        bert = None
    return bert or _load(directory)


def _load(directory: Path) -> SentenceTransformer:
    from sentence_transformers import SentenceTransformer

    try:
        with without_progress_bars():
            model = SentenceTransformer(
                str(directory),
                local_files_only=True,
                trust_remote_code=False,
                model_kwargs={"use_safetensors": True, "dtype": "float32"},
            ).eval()
        for weights in (*model.parameters(), *model.buffers()):
            # They are mapped from the file: without a copy, a change to it changes the model that is serving.
            weights.data = weights.data.clone()
        return model
    except Exception as error:
        raise ModelError(
            f"The model in {directory} can't be loaded ({type(error).__name__}); fetch or train it again."
        ) from error


@cache
def choose_dtype(directory: Path) -> str:
    """The faster arithmetic on this machine for this model, measured once per process in a second or two.

    Returns:
        "bfloat16" if autocast is at least 1.3 times as fast as float32 and the vectors are like float32's by at
        least .999 of the encoder's `Scale` for each text; else "float32".

    Raises:
        ModelError: the model can't be used.
    """
    encoder = load_encoder(directory, sha256=hash_model(directory), frozen=True)
    texts = [f"{index}. " + "The allowance for travel is paid with the next salary. " * 12 for index in range(8)]
    seconds: dict[str, float] = {}
    vectors: dict[str, NDArray[np.float32]] = {}
    for dtype in (*DTYPES, *reversed(DTYPES), *DTYPES):
        encoder.dtype = dtype
        started = time.perf_counter()
        vectors[dtype] = encoder.encode_passages(texts)
        seconds[dtype] = min(seconds.get(dtype, np.inf), time.perf_counter() - started)
    agreement = float((vectors["float32"] * vectors["bfloat16"]).sum(axis=1).min())
    encoder.dtype = "float32"
    faster = seconds["float32"] >= 1.3 * seconds["bfloat16"] and agreement >= measure_encoder(encoder).at(0.999)
    return "bfloat16" if faster else "float32"
