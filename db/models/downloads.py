"""Models from Hugging Face: downloaded once, at one commit, which goes into their name."""

from __future__ import annotations

import logging
import re
import shutil
from pathlib import Path

from db.errors import ModelError

_COMMIT = re.compile(r"[0-9a-f]{40}")
_COMMIT_FILE = ".commit"
"""In a downloaded folder; no part of the model, as its name starts with a dot."""

_log = logging.getLogger(__name__)


def split_revision(name: str) -> tuple[str, str | None]:
    """A name on Hugging Face and the revision behind its "@", a commit, tag or branch; None where there is none."""
    repository, _, revision = name.partition("@")
    return repository, revision or None


def name_at_commit(name: str, directory: Path) -> str:
    """The name that leads to the very same files wherever it is downloaded: with the commit that `directory` is of.

    A name that isn't of a downloaded model stays as it is.
    """
    commit = _commit_of(directory)
    return f"{split_revision(name)[0]}@{commit}" if commit else name


def download_model(name: str, root: Path | None) -> Path:
    """The folder of a model under `root`, by default one beside the Hugging Face cache; downloaded if it isn't there.

    Safetensors, JSON and text files only, of one commit: the one that the name's revision is now, and is kept from
    then on.

    Raises:
        ModelError: there is no such model or revision, or Hugging Face can't be reached.
    """
    import httpx
    from huggingface_hub import constants, snapshot_download
    from huggingface_hub.errors import HFValidationError

    repository, revision = split_revision(name)
    root = root or Path(constants.HF_HOME) / "nightshift"
    directory = root / name.replace("/", "--")
    kept = _kept(root, repository, revision, directory)
    if kept is not None:
        return kept
    partial = root / f".{directory.name}.partial"
    shutil.rmtree(partial, ignore_errors=True)  # offline, half a download would be taken for the whole
    try:
        commit = _resolve(repository, revision)
        snapshot_download(
            repository,
            revision=commit,
            local_dir=partial,
            allow_patterns=["*.safetensors", "*.json", "*.txt"],
            ignore_patterns=["onnx/*", "openvino/*"],
        )
        (partial / _COMMIT_FILE).write_text(commit)
        partial.rename(directory)
    except HFValidationError:
        raise ModelError(f"There is no folder {name}, and it can't be a Hugging Face name either.") from None
    except (OSError, ValueError, httpx.HTTPError) as error:
        raise ModelError(
            f"{name} isn't a folder here and can't be downloaded from Hugging Face ({type(error).__name__}). "
            "Check the name and the connection, or put the model's folder here and give its path."
        ) from error
    if revision != commit:
        _log.warning("%s is taken as it is at commit %s; every night starts from that.", name, commit)
    return directory


def _kept(root: Path, repository: str, revision: str | None, directory: Path) -> Path | None:
    """The folder of an earlier download; a commit may be found in one that was made by another name."""
    if directory.is_dir():  # kept as it is, so that all nights start from the same weights
        return directory
    if revision is None or not _COMMIT.fullmatch(revision):
        return None
    flat = repository.replace("/", "--")
    others = [root / flat, *sorted(root.glob(f"{flat}@*"))]
    return next((other for other in others if _commit_of(other) == revision), None)


def _resolve(repository: str, revision: str | None) -> str:
    """The commit that a revision is now."""
    if revision is not None and _COMMIT.fullmatch(revision):
        return revision
    from huggingface_hub import HfApi

    commit = HfApi().model_info(repository, revision=revision).sha
    if commit is None or not _COMMIT.fullmatch(commit):
        raise ValueError("no commit was told")
    return commit


def _commit_of(directory: Path) -> str | None:
    """The commit that a folder was downloaded at; huggingface_hub keeps it too, in folders older than our own note."""
    notes = [directory / _COMMIT_FILE, *sorted((directory / ".cache" / "huggingface").rglob("*.metadata"))]
    commits = {note.read_text().partition("\n")[0].strip() for note in notes if note.is_file()}
    commit = commits.pop() if len(commits) == 1 else ""
    return commit if _COMMIT.fullmatch(commit) else None
