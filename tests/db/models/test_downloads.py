"""A model from Hugging Face is of one commit, wherever and whenever it is downloaded again."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from db.errors import ModelError
from db.generations import artefact_directory, ensure_base_generation, with_base_model_of_store
from db.models.downloads import download_model, name_at_commit
from db.models.files import hash_model
from db.settings import Settings
from tests.db.models.test_files import make_model
from tests.doubles_hub import FIRST_COMMIT, Hub, find_elsewhere, hub
from tests.synthetic import insert_generation

__all__ = ["hub"]

SECOND_COMMIT = "abcdef0123" * 4


@pytest.fixture
def two_commits(hub: Hub, tmp_path: Path) -> tuple[str, str]:
    """The hashes of the model's two commits; main is at the second."""
    first = make_model(tmp_path / "first")
    second = make_model(tmp_path / "second", max_seq_length=32)
    hub.has(first, commit=FIRST_COMMIT)
    hub.has(second, commit=SECOND_COMMIT)
    return hash_model(first), hash_model(second)


def test_a_download_is_of_one_commit_which_its_name_tells(
    hub: Hub, two_commits: tuple[str, str], tmp_path: Path
) -> None:
    directory, sha256, name = find_elsewhere("team/model", tmp_path / "kept")
    assert (sha256, name) == (two_commits[1], f"team/model@{SECOND_COMMIT}")
    files = [path for path in hub.asked if "/resolve/" in path]
    assert files and all(f"/resolve/{SECOND_COMMIT}/" in path for path in files)
    hub.main = FIRST_COMMIT
    assert find_elsewhere("team/model", tmp_path / "kept") == (directory, sha256, name)


def test_a_commit_that_is_named_is_the_one_that_comes(hub: Hub, two_commits: tuple[str, str], tmp_path: Path) -> None:
    name = f"team/model@{FIRST_COMMIT}"
    assert find_elsewhere(name, tmp_path / "kept")[1:] == (two_commits[0], name)
    assert not [path for path in hub.asked if SECOND_COMMIT in path or "main" in path]


def test_another_machine_finds_the_same_by_the_name_with_the_commit(
    hub: Hub, two_commits: tuple[str, str], tmp_path: Path
) -> None:
    hub.main = FIRST_COMMIT
    _, sha256, name = find_elsewhere("team/model", tmp_path / "here")
    hub.main = SECOND_COMMIT
    assert find_elsewhere(name, tmp_path / "there")[1:] == (sha256, name)
    assert sha256 == two_commits[0]


@pytest.mark.parametrize("note", [True, False])
def test_a_folder_that_is_kept_is_found_by_its_commit(
    hub: Hub, two_commits: tuple[str, str], tmp_path: Path, note: bool
) -> None:
    directory, _, name = find_elsewhere("team/model", tmp_path / "kept")
    if not note:  # as folders were before they had one: huggingface_hub's own notes tell
        (directory / ".commit").unlink()
    hub.asked.clear()
    assert find_elsewhere(name, tmp_path / "kept")[0] == directory
    assert hub.asked == []


def test_a_folder_of_one_s_own_goes_by_its_path(tmp_path: Path) -> None:
    folder = make_model(tmp_path / "model@home")
    assert name_at_commit(str(folder), folder) == str(folder)
    shutil.rmtree(folder)
    assert name_at_commit("team/model", folder) == "team/model"


def test_the_first_generation_tells_the_commit_of_its_model(
    engine: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HOME", str(tmp_path))
    folder = make_model(tmp_path / "nightshift" / "team--model")
    (folder / ".commit").write_text(FIRST_COMMIT)
    settings = Settings(base_model="team/model", data_dir=tmp_path / "data", encoder_dtype="float32")
    made = ensure_base_generation(engine, settings)
    assert (made.base_model, made.artefact_uri) == (f"team/model@{FIRST_COMMIT}", f"base:team/model@{FIRST_COMMIT}")
    assert artefact_directory(made, settings) == folder


@pytest.mark.parametrize(
    ("setting", "used"),
    [
        ("team/model", f"team/model@{FIRST_COMMIT}"),
        (f"team/model@{SECOND_COMMIT}", f"team/model@{SECOND_COMMIT}"),
        ("team/model_other", "team/model_other"),
        ("team/mode", "team/mode"),
        ("all-MiniLM-L6-v2", "all-MiniLM-L6-v2"),
    ],
)
def test_nights_start_from_the_commit_that_the_store_s_generations_are_of(
    engine: sa.Engine, setting: str, used: str
) -> None:
    names = [
        f"team/model@{SECOND_COMMIT}",
        f"team/model@{FIRST_COMMIT}",
        "team/model",
        f"team/modelxother@{SECOND_COMMIT}",
    ]
    with engine.begin() as connection:
        for name in names:
            insert_generation(connection, base_model=name)
    assert with_base_model_of_store(engine, Settings(base_model=setting)).base_model == used


@pytest.mark.parametrize("told", [None, "main", ""])
def test_without_a_commit_there_is_no_download(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: str | None
) -> None:
    monkeypatch.setattr("huggingface_hub.HfApi.model_info", lambda *_, **__: SimpleNamespace(sha=told))
    with pytest.raises(ModelError, match="can't be downloaded from Hugging Face"):
        download_model("team/model", tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
