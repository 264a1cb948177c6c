"""The night on real parts: learnt from pairs alone, promoted, rolled back; refused; taken up after a crash."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from db.corpus import remove_documents
from db.errors import DatabaseUnavailableError, EmptyCorpusError, NightBusyError, NightFailedError
from db.feedback import import_pairs
from db.generations import Encoders, list_generations, maintained, roll_back, serving
from db.models import encode_questions
from db.nights.requests import request_run
from db.nights.runs import PHASES, Run, get_run, list_runs
from db.nights.taking import take_next_run, update_run
from db.privacy import erase_person
from db.schema import chunk, curated_pair_chunk, document, retrain_run
from db.search import search
from db.settings import Settings
from retrain.court import RegressionSet, Verdict
from retrain.lesson import Lesson
from retrain.night import run as night
from retrain.night.attempt import run_next_night, run_requested_night
from retrain.night.unchanged import fingerprint_of
from retrain.report import report_path
from retrain.training import Checkpoint, Recipe
from tests.doubles import Aimock
from tests.nicknames import Matter, make_matters, read_in, write_pairs
from tests.night_rows import make_run
from tests.synthetic import imagine_generation, insert_generation

pytestmark = pytest.mark.store(of=read_in)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", encoder_dtype="float32")


@pytest.fixture
def encoders(settings: Settings) -> Encoders:
    return Encoders(settings)


@pytest.fixture
def matters() -> list[Matter]:
    """What is read in."""
    return make_matters(topics=20)


@pytest.fixture
def taught(tmp_path: Path, engine: sa.Engine, matters: list[Matter]) -> list[Matter]:
    """All but the last quarter of each department's matters have a curated pair."""
    pairs = [matter for number, matter in enumerate(matters) if number % 20 < 15]
    write_pairs(tmp_path / "pairs.jsonl", pairs)
    report = import_pairs(engine, tmp_path / "pairs.jsonl", added_by="test")
    assert (report.added, list(report.not_found), list(report.malformed)) == (240, [], [])
    return pairs


def found_first(engine: sa.Engine, encoders: Encoders, matters: list[Matter]) -> list[list[tuple[str, float]]]:
    """For each question what the serving generation finds, by title and similarity."""
    generation = serving(engine)
    questions = encode_questions(encoders.get(generation), [matter.question for matter in matters])
    return [
        [(hit.title, hit.similarity) for hit in search(engine, generation, question, [1], 5, exact=True)]
        for question in questions
    ]


def share_right(found: list[list[tuple[str, float]]], matters: list[Matter]) -> float:
    return sum(hits[0][0] == matter.title for hits, matter in zip(found, matters, strict=True)) / len(matters)


def test_pairs_alone_teach_what_people_call_things(
    engine: sa.Engine, settings: Settings, encoders: Encoders, matters: list[Matter], taught: list[Matter]
) -> None:
    never_asked = [matter for matter in matters if matter not in taught]
    before, unmeasured = found_first(engine, encoders, never_asked), serving(engine).unrelated_nearness
    seen: list[str] = []
    learning: list[tuple[int, int]] = []

    def watch(phase: str, done: int, total: int) -> None:
        seen.append(phase.split()[0])
        if phase == "learn" and total:
            learning.append((done, total))

    run = run_requested_night(
        engine,
        settings,
        encoders,
        "test",
        watch,
        lambda: RegressionSet(("Cats purr.", "Dogs bark."), (0, 1), ("What do dogs do?",), ({1: 1.0},)),
    )

    assert run.decision == "promoted", run.reasons
    phases = [phase for phase in PHASES if phase not in ("write", "fit")]
    assert list(dict.fromkeys(seen)) == phases
    assert learning == [(240, 240)]
    assert set(run.phases) == set(phases)
    assert all(facts["seconds"] >= 0 for facts in run.phases.values())
    after = found_first(engine, encoders, never_asked)
    assert share_right(after, never_asked) > share_right(before, never_asked) + 0.2
    current, previous = maintained(engine)
    assert (current.run_id, current.parent_id, current.promoted_by) == (run.id, previous.id, f"run {run.id}")
    assert unmeasured not in (current.unrelated_nearness, previous.unrelated_nearness)
    assert current.metrics["golden"]["gain"] > 0
    assert current.metrics["regression"]["n"] == 1
    assert not current.forced
    with engine.connect() as connection:
        vectors = connection.scalar(sa.text(f"SELECT count(*) FROM {current.table}"))
        assert vectors == connection.scalar(sa.select(sa.func.count()).select_from(chunk))
    assert run.phases["learn"]["triplets_mined"] > 0
    assert run.evidence is not None
    assert run.evidence["changed"]["better"]
    assert run.phases["train"]["losses"]
    page = report_path(settings, run.id).read_text()
    assert sum(matter.question in page for matter in taught) >= len(run.evidence["changed"]["better"])

    roll_back(engine, "test")

    assert serving(engine).id == previous.id
    assert found_first(engine, encoders, never_asked) == before

    with engine.connect() as connection:
        uris = list(connection.scalars(sa.select(document.c.source_uri)))
    remove_documents(engine, uris)
    assert erase_person(engine, "test").generations == (current.id,)


def test_a_training_goes_on_where_it_was_killed_and_is_not_repeated_once_it_is_refused(
    engine: sa.Engine,
    settings: Settings,
    encoders: Encoders,
    taught: list[Matter],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("retrain.night.build.Checkpoint", partial(Checkpoint, every_s=0.0, max_share=float("inf")))
    monkeypatch.setattr("retrain.night.build.Recipe", partial(Recipe, min_steps=8, enough_steps=8))
    monkeypatch.setattr("retrain.night.run.decide", lambda *_, **__: Verdict(False, ("It wasn't better.",), {}))
    steps: list[int] = []

    def die(phase: str, done: int, _total: int) -> None:
        if (phase, done) == ("train", 5):
            raise DatabaseUnavailableError("as if killed")

    request_run(engine, "cli", "test")
    with pytest.raises(DatabaseUnavailableError):
        run_next_night(engine, settings, encoders, die)
    assert [path.name for path in settings.models_dir.iterdir()] == ["run-1.training"]
    run = run_next_night(engine, settings, encoders, lambda what, n, _: steps.append(n) if what == "train" else None)

    assert run is not None
    assert (run.decision, run.reasons) == ("refused", ["It wasn't better."])
    assert [step for step in steps if step][0] == 6
    assert not list(settings.models_dir.glob("*.training*"))
    again = run_requested_night(engine, settings, encoders, "test")
    assert again.decision == "refused"
    assert again.reasons[0].startswith(f"Nothing has changed since night {run.id}")
    assert again.reasons[1:] == run.reasons
    assert "train" not in again.phases


def test_a_night_without_evidence_is_refused_and_says_what_is_missing(
    engine: sa.Engine, settings: Settings, encoders: Encoders, matters: list[Matter]
) -> None:
    run = run_requested_night(engine, settings, encoders, "test")

    assert run.decision == "refused"
    assert "too little to learn from" in run.reasons[0]
    assert "golden pairs" in run.reasons[1]
    assert len(list_generations(engine)) == 1
    assert run.reasons[0] in report_path(settings, run.id).read_text()


def test_questions_are_written_once_however_often_the_night_dies(
    engine: sa.Engine,
    settings: Settings,
    encoders: Encoders,
    matters: list[Matter],
    taught: list[Matter],
    aimock: Aimock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lessons: list[Lesson] = []

    def note(lesson: Lesson, *rest: Any) -> str:  # noqa: ANN401 - the others don't matter here
        lessons.append(lesson)
        return fingerprint_of(lesson, *rest)

    monkeypatch.setattr(night, "fingerprint_of", note)
    for matter in matters:
        said = {"question": f"{matter.title}: whom do I ask?"}
        aimock.says(json.dumps(said), match={"userMessage": matter.title})
    values = {"llm_base_url": aimock.base_url, "llm_api_key": SecretStr("x")}
    run_id = request_run(engine, "cli", "test")

    def attempt(last: tuple[str, int, int], budget: int = 12) -> tuple[Run, list[int]]:
        """Another attempt, cut off there; the run and the chunks of the written questions that it learns from."""

        def die(*now: object) -> None:
            if now == last:
                raise DatabaseUnavailableError("as if killed")

        with pytest.raises(DatabaseUnavailableError):
            own = settings.model_copy(update=values | {"synthetic_questions": budget})
            run_next_night(engine, own, encoders, die)
        triplets = lessons[-1].triplets if lessons else ()
        written = {(own.anchor.id, own.positive_chunk_id) for own in triplets if own.anchor.kind == "synthetic"}
        return get_run(engine, run_id), [chunk_id for _, chunk_id in sorted(written)]

    _, learnt = attempt(("write", 8, 12))
    assert (len(aimock.requests()), learnt) == (8, [])
    run, learnt = attempt(("train", 0, 0))
    assert len(aimock.requests()) == 12
    facts = run.phases["write"]
    assert (facts["written"], facts["unwritten"], facts["learnt_from"]) == (12, 0, run.phases["learn"]["learnt_from"])
    assert 0 < facts["train_synthetics"] == len(learnt)
    assert facts["train_synthetics"] + facts["synthetic_alike"] + facts["synthetic_not_found"] == 12
    again, learnt_again = attempt(("train", 0, 0), budget=20)  # too late for this night
    assert (learnt_again, again.snapshot) == (learnt, run.snapshot)
    assert len(aimock.requests()) == 12
    with engine.connect() as connection:
        paired = set(connection.scalars(sa.select(curated_pair_chunk.c.chunk_id)))
    assert not paired & set(learnt)


def test_a_night_that_can_not_train_has_nothing_written(
    engine: sa.Engine, settings: Settings, encoders: Encoders, matters: list[Matter], aimock: Aimock
) -> None:
    values = {"llm_base_url": aimock.base_url, "llm_api_key": SecretStr("x"), "synthetic_questions": 12}
    run = run_requested_night(engine, settings.model_copy(update=values), encoders, "test")
    assert (run.decision, "write" in run.phases, aimock.requests()) == ("refused", False, [])


@pytest.mark.store(of=None)
def test_nothing_ingested_is_one_plain_sentence(engine: sa.Engine, settings: Settings, encoders: Encoders) -> None:
    with pytest.raises(EmptyCorpusError, match="nightshift ingest"):
        run_requested_night(engine, settings, encoders, "test")
    assert list_runs(engine) == []


def test_two_nights_at_once_are_one(
    engine: sa.Engine, settings: Settings, encoders: Encoders, matters: list[Matter]
) -> None:
    request_run(engine, "cli", "test")
    with take_next_run(engine) as run:
        assert run is not None
        with pytest.raises(NightBusyError):
            run_next_night(engine, settings, encoders)


def test_a_broken_night_is_recorded_and_the_next_one_runs(
    engine: sa.Engine, settings: Settings, encoders: Encoders, taught: list[Matter], tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir(exist_ok=True)
    (tmp_path / "data" / "models").write_text("in the way")

    with pytest.raises(NightFailedError, match="FileExistsError"):
        run_requested_night(engine, settings, encoders, "test")

    [broken] = list_runs(engine)
    assert (broken.status, broken.decision) == ("failed", None)
    assert len(list_generations(engine)) == 1
    assert serving(engine).promoted_by == "the first ingest"


def test_a_run_that_keeps_dying_is_given_up(engine: sa.Engine, matters: list[Matter]) -> None:
    run_id = request_run(engine, "cli", "test")
    with engine.begin() as connection:
        connection.execute(retrain_run.update().values(status="running", attempt=3))
    with take_next_run(engine) as run:
        assert run is None
    assert get_run(engine, run_id).status == "failed"


def test_a_night_that_died_before_it_could_say_so_only_says_so(
    engine: sa.Engine, settings: Settings, encoders: Encoders, matters: list[Matter]
) -> None:
    run_id = request_run(engine, "cli", "test")
    with engine.begin() as connection:
        insert_generation(
            connection,
            serving(engine),
            parent_id=serving(engine).id,
            run_id=run_id,
            artefact_uri=f"data:run-{run_id}",
            artefact_sha256="0" * 64,
            metrics={"reasons": ["It wasn't better."], "learnt_from": 70},
            status="refused",
        )
        connection.execute(retrain_run.update().values(status="running", attempt=1))

    ended = run_next_night(engine, settings, encoders)

    assert ended is not None
    assert (ended.id, ended.attempt, ended.decision) == (run_id, 2, "refused")
    assert ended.reasons == ["It wasn't better."]
    assert len(list_generations(engine)) == 2


def test_a_run_that_was_taken_over_changes_nothing(engine: sa.Engine, matters: list[Matter]) -> None:
    from db.errors import StaleRunError

    request_run(engine, "cli", "test")
    with take_next_run(engine) as stale:
        assert stale is not None
    with take_next_run(engine) as fresh:
        assert fresh is not None
        assert (fresh.id, fresh.attempt) == (stale.id, stale.attempt + 1)
        with pytest.raises(StaleRunError):
            update_run(engine, stale, phase="promote")


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """A night that finds its candidate trained; what is then done to that, in order."""
    done: list[tuple[Any, ...]] = []
    candidate, nothing = imagine_generation(id=7), SimpleNamespace(reasons=(), remark=None, snapshot=None)
    judged = (
        SimpleNamespace(generation=candidate),
        Verdict(True, ("Better.",), {"p": 0.1}),
    )
    found = {"find_decided": None, "serving": imagine_generation(), "update_run": None, "fingerprint_of": "f"}
    found |= {"stays_back": nothing, "find_trained": candidate, "refused_before": [], "made_before": []}
    found |= {"waits_for_a_trial": []}
    for name, value in found.items():
        monkeypatch.setattr(night, name, lambda *_, value=value, **__: value)
    for name in ("discard_candidate", "refuse_candidate"):
        monkeypatch.setattr(night, name, lambda _, *rest, name=name: done.append((name, *rest)))
    methods = {"_training_of": "t", "_stand_in_the_way": [], "_make": (candidate, []), "_side_of": None}
    for name, value in (methods | {"_learn": (None, nothing, []), "_judge": judged}).items():
        monkeypatch.setattr(night.Night, name, lambda *_, value=value: value)
    monkeypatch.setattr(night.Night, "_finish", lambda _, *ends: done.append(("finish", *ends)))
    monkeypatch.setattr(night.Night, "_promote", lambda *_: done.append(("promote",)))
    return done


def work(settings: Settings) -> None:
    nowhere: Any = None
    night.Night(nowhere, settings, nowhere, make_run(), lambda *_: None, lambda: None).work()


def test_what_an_earlier_attempt_trained_goes_where_it_has_become_needless(
    trained: list[tuple[Any, ...]], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when people took their votes back since."""
    lacking = (None, SimpleNamespace(snapshot=None), ["It takes 40 votes."])
    monkeypatch.setattr(night.Night, "_learn", lambda *_: lacking)
    work(settings)
    (name, _, discarded, lease), finished = trained
    assert (name, discarded.id, lease) == ("discard_candidate", 7, make_run().lease)
    assert finished == ("finish", "refused", ["It takes 40 votes."])


def test_a_candidate_whose_index_finds_too_little_is_not_promoted(
    trained: list[tuple[Any, ...]], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    poor = imagine_generation(id=8), {"index": {"recall@10": 0.5}}, ["The new index finds 50.0%."]
    monkeypatch.setattr(night.Night, "_index", lambda *_: poor)
    work(settings)
    (name, candidate, report, lease), finished = trained
    assert (name, candidate.id, lease) == ("refuse_candidate", 8, make_run().lease)
    assert report == {"p": 0.1, "reasons": ["The new index finds 50.0%."]}
    assert finished == ("finish", "refused", ["The new index finds 50.0%."], {"p": 0.1})
