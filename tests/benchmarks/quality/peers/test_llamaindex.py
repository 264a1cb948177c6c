from __future__ import annotations

import json
import subprocess
import venv
from pathlib import Path

import pytest

from benchmarks.quality.peers import llamaindex
from benchmarks.quality.task import Vote
from db.errors import BadInputError
from tests.benchmarks.quality.small_task import make_task


def test_the_dataset_has_the_positives_in_llamaindex_s_form_and_no_answers_of_the_judges(tmp_path: Path) -> None:
    votes = (Vote("ann", 0, 4, 1), Vote("ann", 0, 5, 1), Vote("bob", 0, 5, 1), Vote("ann", 1, 6, -1))
    llamaindex.write_input(make_task(votes=votes, golden=((60, (9,)), (61, (3,)))), tmp_path, {61: [3]})
    assert json.loads((tmp_path / "dataset.json").read_text()) == {
        "queries": {"0": "Question 0?", "60": "Question 60?"},
        "corpus": {"5": "Passage 5", "4": "Passage 4", "9": "Passage 9"},
        "relevant_docs": {"0": ["5", "4"], "60": ["9"]},
    }
    texts = json.loads((tmp_path / "texts.json").read_text())
    assert texts["questions"] == [f"Question {row}?" for row in (*range(80, 120), 61)]
    assert texts["passages"] == [f"Passage {row}" for row in range(60)]
    assert {file.name for file in tmp_path.iterdir()} == {"dataset.json", "texts.json"}


def test_nothing_to_learn_from_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="nothing was voted up"):
        llamaindex.write_input(make_task(votes=(), golden=()), tmp_path, {})


def test_an_environment_is_made_again_unless_it_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[bool] = []

    def create(folder: Path, *, clear: bool, with_pip: bool) -> None:
        made.append(clear and with_pip)
        python = folder / "bin" / "python"
        python.parent.mkdir(parents=True, exist_ok=True)
        python.write_text(f"#!/bin/sh\nexit {0 if len(made) > 1 else 1}\n")  # the first time, pip fails
        python.chmod(0o755)

    monkeypatch.setattr(venv, "create", create)
    with pytest.raises(subprocess.CalledProcessError):
        llamaindex.make_environment(tmp_path)
    assert llamaindex.make_environment(tmp_path) == tmp_path / "llamaindex" / "bin" / "python"
    llamaindex.make_environment(tmp_path)
    assert made == [True, True]
    monkeypatch.setattr(llamaindex, "REQUIREMENTS", ("llama-index-finetuning==0.5",))
    llamaindex.make_environment(tmp_path)
    assert made == [True, True, True]


def test_a_fifth_of_the_golden_pairs_is_kept_back_to_choose_what_words_count() -> None:
    task = make_task()
    kept = llamaindex.keep_back(task)
    assert len(kept) == 4
    assert kept.items() <= {question: list(chunks) for question, chunks in task.golden}.items()
    assert llamaindex.keep_back(make_task(golden=())) == {}
