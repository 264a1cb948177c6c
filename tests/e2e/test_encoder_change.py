"""Another base model, of longer vectors, while people ask: a night promotes it, and one command goes back."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from db.feedback import import_pairs
from db.generations import Encoders, generations_by_role, roll_back, serving
from db.models import find_base_model, save_model
from db.question import Answer
from db.settings import Settings
from intake.ingest import ingest_paths
from nightshift.console import ask_on, make_answerer
from nightshift.corpus.sample import sample_corpus
from retrain.night import build, run_requested_night
from retrain.training import Recipe

DOCUMENTS, WIDTH = 24, 64
PAUSE_S = 0.1
"""Between an answer and the next question."""


def make_small_encoder(folder: Path) -> Path:
    """The first layer of all-MiniLM-L6-v2, and what it says in a sixth of the numbers: it knows little."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Dense

    model = SentenceTransformer(str(find_base_model("all-MiniLM-L6-v2")[0]), device="cpu")
    bert = model[0].auto_model
    bert.encoder.layer = bert.encoder.layer[:1]
    bert.config.num_hidden_layers = 1
    with torch.random.fork_rng():
        torch.manual_seed(0)
        narrowed = Dense(384, WIDTH)
    made = folder / "small-encoder"
    save_model(SentenceTransformer(modules=[model[0], model[1], narrowed], device="cpu"), made)
    return made


@dataclass
class Asker:
    """Somebody who never stops asking, and what came of it."""

    engine: sa.Engine
    settings: Settings
    questions: list[str]
    answers: list[Answer] = field(default_factory=list)
    failures: list[BaseException] = field(default_factory=list)

    def ask(self, text: str) -> Answer:
        return self._ask(text)

    def __post_init__(self) -> None:
        self._ask = ask_on(make_answerer(self.engine, self.settings, Encoders(self.settings, self.engine)))

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Asks one question after the other, all the while."""
        stopping = threading.Event()

        def ask_on_and_on() -> None:
            while not stopping.wait(PAUSE_S):
                try:
                    self.answers.append(self.ask(self.questions[len(self.answers) % len(self.questions)]))
                except BaseException as error:
                    self.failures.append(error)
                    return

        thread = threading.Thread(target=ask_on_and_on)
        thread.start()
        try:
            yield
        finally:
            stopping.set()
            thread.join()


def read_handbook(folder: Path) -> tuple[list[Path], list[str]]:
    """Documents of the sample handbook, and a file of the pairs on them; the questions of these."""
    root = sample_corpus()
    names = sorted(path.relative_to(root).as_posix() for path in root.rglob("*.md"))[:DOCUMENTS]
    lines = (root.parent / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    pairs = [own for own in map(json.loads, lines) if own["document"] in names]
    (folder / "pairs.jsonl").write_text("".join(json.dumps(own) + "\n" for own in pairs))
    return [root / name for name in names], [own["prompt"] for own in pairs]


@pytest.mark.timeout(300)
def test_a_night_changes_the_encoder_and_nobody_notices_but_by_better_answers(
    engine: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # a few short steps: what is to be seen is the change, not how much can be learnt
    monkeypatch.setattr(build, "Recipe", partial(Recipe, max_tokens=32, min_steps=2, epochs=1, enough_steps=2))
    before = Settings(data_dir=tmp_path / "data", base_model=str(make_small_encoder(tmp_path)), encoder_dtype="float32")
    paths, questions = read_handbook(tmp_path)
    assert ingest_paths(engine, before, Encoders(before, engine), paths).added == DOCUMENTS
    imported = import_pairs(engine, tmp_path / "pairs.jsonl", added_by="test")
    assert (imported.added, imported.not_found) == (len(questions), [])
    small = serving(engine)
    assert small.dimension == WIDTH

    after = before.model_copy(update={"base_model": "all-MiniLM-L6-v2"})  # on the nights' machine first
    asker = Asker(engine, before, questions)
    with asker.asking():
        night = run_requested_night(engine, after, Encoders(after, engine), "test")
        assert night.decision == "promoted", night.reasons
        asker.ask(questions[0])
    assert asker.failures == []
    assert {answer.kind for answer in asker.answers} <= {"quoted", "unknown"}
    by = [answer.generation_id for answer in asker.answers]
    changed = serving(engine)
    assert (changed.dimension, changed.base_model) == (384, "all-MiniLM-L6-v2")
    assert by.count(small.id) > 10 and by == sorted(by)  # never back
    assert asker.ask(questions[0]).generation_id == changed.id

    later = Asker(engine, after, questions)  # a bot that was started anew, by the new setting
    with later.asking():
        assert roll_back(engine, "test").id == small.id
        assert later.ask(questions[1]).generation_id == small.id
    assert asker.ask(questions[1]).generation_id == small.id
    assert later.failures == []
    assert {role: own.id for role, own in generations_by_role(engine).items()} == {
        "serving": small.id,
        "previous": changed.id,
    }
