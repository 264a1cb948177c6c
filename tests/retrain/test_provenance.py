"""What a model or a refusal depends on is found from imports: no more, and no less."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from retrain import provenance
from retrain.provenance import hash_code, read_imports

ROOT = Path(__file__).parents[2]
TRAINING = ("retrain.train",)
JUDGING = ("retrain.judge", "retrain.gate")


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("code")
    for package in ("db", "retrain"):
        shutil.copytree(ROOT / package, root / package, ignore=shutil.ignore_patterns("__pycache__"))
    return root


@pytest.mark.parametrize(
    ("path", "trains", "judges"),
    [
        ("retrain/train.py", True, True),
        ("retrain/attention.py", True, True),
        ("db/encoder.py", True, True),
        ("db/model_files.py", True, True),
        ("retrain/gate.py", False, True),
        ("retrain/significance.py", False, True),
        ("db/scale.py", True, True),
        ("retrain/report_style.py", False, False),
        ("retrain/report_plot.py", False, False),
        ("retrain/schedule.py", False, False),
        ("db/slack_events.py", False, False),
    ],
)
def test_what_training_and_judging_depend_on_changes_them_and_nothing_else_does(
    copy: Path, path: str, trains: bool, judges: bool
) -> None:
    def both() -> list[str]:
        hash_code.cache_clear()
        return [hash_code(*modules, root=copy) for modules in (TRAINING, JUDGING)]

    before = both()
    text = (copy / path).read_text("utf-8")
    (copy / path).write_text(text + "\nTOUCHED = True\n", "utf-8")
    after = both()
    (copy / path).write_text(text, "utf-8")
    assert [a != b for a, b in zip(before, after, strict=True)] == [trains, judges]
    assert both() == before == [hash_code(*TRAINING), hash_code(*JUDGING)]


@pytest.mark.parametrize("package", ["torch", "sentence_transformers", "transformers", "numpy"])
def test_another_version_of_what_trains_is_other_code(monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    hash_code.cache_clear()
    before = hash_code(*TRAINING)
    version = provenance.version
    monkeypatch.setattr(provenance, "version", lambda name: "0" if name == package else version(name))
    hash_code.cache_clear()
    assert hash_code(*TRAINING) != before
    hash_code.cache_clear()


def test_imports_are_followed_wherever_they_stand(tmp_path: Path) -> None:
    files = {
        "__init__": "",
        "a": "from retrain import b\nfrom retrain.e import NAME\nimport json\n",
        "b": "def load():\n    import numpy.linalg\n    import retrain.c\n",
        "c": "from retrain.a import x\n",  # a circle
        "d": "",
        "e": "from other.part import f\n",
    }
    (tmp_path / "retrain").mkdir()
    for name, text in files.items():
        (tmp_path / "retrain" / f"{name}.py").write_text(text)
    own, others = read_imports(("retrain.a",), tmp_path)
    assert own == ["retrain", "retrain.a", "retrain.b", "retrain.c", "retrain.e"]
    assert others == ["numpy", "other"]
