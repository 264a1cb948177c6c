"""What a model or a refusal depends on is found from imports: no more, and no less."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from db.models import Encoder, measure_scale
from retrain.court import decide, gather_evidence
from retrain.lesson import cluster_questions, prepare_lesson
from retrain.measures import ndcg_at_k, p_better
from retrain.night import provenance
from retrain.night.provenance import hash_code, read_imports
from retrain.training import fit, give_back_memory
from retrain.training.batches import make_batches
from tests.conftest import ROOT

TRAINING = (fit.__module__,)
JUDGING = (*TRAINING, gather_evidence.__module__, decide.__module__)  # a refusal depends on what was trained, too


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("code")
    for package in ("db", "retrain"):
        shutil.copytree(ROOT / package, root / package, ignore=shutil.ignore_patterns("__pycache__"))
    return root


@pytest.mark.parametrize(
    ("path", "trains", "judges"),
    [
        ("retrain/training/train.py", True, True),
        ("retrain/training/attention.py", True, True),
        ("db/models/encoder.py", True, True),
        ("db/models/files.py", True, True),
        ("retrain/court/gate.py", False, True),
        ("retrain/measures/significance.py", False, True),
        ("db/models/scale.py", True, True),
        ("retrain/report/page.py", False, False),
        ("retrain/report/plot.py", False, False),
        ("retrain/night/schedule.py", False, False),
        ("db/slack/events.py", False, False),
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
    write_modules(tmp_path, {f"retrain/{name}": text for name, text in files.items()})
    own, others = read_imports(("retrain.a",), tmp_path)
    assert own == ["retrain.a", "retrain.b", "retrain.c", "retrain.e"]
    assert others == ["numpy", "other"]


@pytest.mark.parametrize(
    ("taken", "leads_to"),
    [
        ("from db.room import vote", ["db.room.votes"]),
        ("from db.room import Vote as V", ["db.room.inner.cast"]),
        ("from db.room import late", ["db.room.late"]),
        ("from db.room import votes", ["db.room.votes"]),
        ("from db.room import HERE", ["db.room", "db.room.inner.cast", "db.room.late", "db.room.votes"]),
        ("import db.room", ["db.room", "db.room.inner.cast", "db.room.late", "db.room.votes"]),
    ],
)
def test_what_comes_through_a_room_s_door_is_of_the_module_behind_it_alone(
    tmp_path: Path, taken: str, leads_to: list[str]
) -> None:
    door = "from db.room.votes import vote\nfrom .inner import Cast as Vote\nfrom db.room.late import late\nHERE = 1\n"
    write_modules(
        tmp_path,
        {
            "db/room/__init__": door,
            "db/room/votes": "",
            "db/room/late": "def late(): ...\n",
            "db/room/inner/__init__": "from ..inner.cast import Cast\n",
            "db/room/inner/cast": "",
            "retrain/a": taken,
        },
    )
    assert read_imports(("retrain.a",), tmp_path)[0] == [*leads_to, "retrain.a"]


def test_the_night_s_own_trainer_and_judge_are_found_whole() -> None:
    trains, judges = (set(read_imports(modules)[0]) for modules in (TRAINING, JUDGING))
    assert {made.__module__ for made in (fit, make_batches, give_back_memory, Encoder)} <= trains
    weighed = (decide, gather_evidence, p_better, ndcg_at_k, prepare_lesson, cluster_questions, measure_scale)
    assert {made.__module__ for made in weighed} <= judges


def write_modules(root: Path, texts: dict[str, str]) -> None:
    for name, text in texts.items():
        path = (root / name).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
