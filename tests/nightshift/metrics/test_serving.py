"""Figures as Prometheus reads them, over HTTP; health beside them, also while the database is away."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
import sqlalchemy as sa
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families

from db.errors import ConfigurationError
from db.generations import note_look
from db.nights.requests import request_run
from db.question import Answer
from db.settings import Settings
from db.slack import Figures
from db.sources import add_source, list_sources, note_outcome, postpone
from db.store import create_engine
from nightshift.metrics import serving, standing
from nightshift.metrics.serving import telling_figures
from tests.conftest import ROOT
from tests.corpus import add_answer, add_base_generation, encoders
from tests.doubles_slack import free_port
from tests.night_rows import make_run, store_run
from tests.synthetic import make_sharing
from tests.trial_rows import LOOK, begin

Samples = dict[tuple[str, tuple[str, ...]], float]


@dataclass
class Told:
    """What is told at an address."""

    port: int
    up: bool = True
    answered: Any = field(default=None)

    def get(self, path: str, accept: str = "") -> tuple[int, str]:
        try:
            with urlopen(
                Request(f"http://127.0.0.1:{self.port}{path}", headers={"Accept": accept}), timeout=30
            ) as reply:
                return reply.status, reply.read().decode()
        except HTTPError as error:
            return error.code, error.read().decode()

    def samples(self) -> Samples:
        families = text_string_to_metric_families(self.get("/metrics")[1])
        return {
            (sample.name, tuple(sample.labels.values())): sample.value for own in families for sample in own.samples
        }


@contextmanager
def telling(engine: sa.Engine) -> Iterator[Told]:
    told = Told(free_port())
    settings = Settings(data_dir=Path("unused"))
    with telling_figures(settings, told.port, engine, lambda: told.up) as told.answered:
        yield told


def test_where_the_store_stands_is_told(engine: sa.Engine) -> None:
    base = add_base_generation(engine)
    add_answer(engine, 2)
    store_run(engine, make_run(decision="refused"))
    store_run(engine, make_run(status="failed", decision=None))
    request_run(engine, "cli", "test")
    with telling(engine) as told:
        samples = told.samples()
        kind = "application/openmetrics-text; version=1.0.0"
        assert {own.name for own in parse_openmetrics(told.get("/metrics", kind)[1])} >= {"nightshift_votes"}
    expected: Samples = {
        ("nightshift_database_up", ()): 1,
        ("nightshift_night_overdue", ()): 0,
        ("nightshift_documents", ()): 2,
        ("nightshift_passages", ()): 2,
        ("nightshift_generation", ()): base.id,
        ("nightshift_votes", ("up",)): 0,
        ("nightshift_waiting", ("nights",)): 1,
        ("nightshift_runs", ("night", "refused")): 1,
        ("nightshift_runs", ("night", "failed")): 1,
        ("nightshift_answers_total", ("unknown",)): 0,
    }
    assert {name: samples[name] for name in expected} == expected


def test_a_trial_is_told_of_while_it_goes_on(engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standing, "KEPT_S", 0.0)
    base = add_base_generation(engine)
    store_run(engine, make_run(decision="trial"))
    with telling(engine) as told:
        assert ("nightshift_trial_questions", ("won",)) not in told.samples()
        known = begin(engine, make_sharing(engine, base), encoders().get(base))
        note_look(engine, known, LOOK, 0.002)
        samples = told.samples()
    own = {labels[0]: value for (name, labels), value in samples.items() if name == "nightshift_trial_questions"}
    assert own == {"answered": 0, "voted": 0, "won": 20, "lost": 5}
    assert samples["nightshift_runs", ("night", "trial")] == 1


def test_answers_are_counted_and_timed_by_phase(engine: sa.Engine) -> None:
    add_base_generation(engine)
    answer: Answer = add_answer(engine, 1)
    with telling(engine) as told:
        told.answered.note(answer)
        told.answered.note(answer)
        samples = told.samples()
    assert samples["nightshift_answers_total", (answer.kind,)] == 2
    assert samples["nightshift_answer_seconds_count", ("total",)] == 2
    assert samples["nightshift_answer_seconds_sum", ("total",)] == pytest.approx(0.002)


def test_what_answers_cost_at_the_language_model_is_told(engine: sa.Engine) -> None:
    add_base_generation(engine)
    with telling(engine) as told:
        assert told.samples()["nightshift_llm_tokens_total", ("output",)] == 0
        told.answered.note_tokens(900, 40)
        told.answered.note_tokens(100, 2)
        samples = told.samples()
    spent = [samples["nightshift_llm_tokens_total", (direction,)] for direction in ("input", "output")]
    assert spent == [1000, 42]


def test_how_sources_stand_and_how_old_the_oldest_sync_is(engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standing, "KEPT_S", 0.0)
    oldest = ("nightshift_oldest_sync_timestamp_seconds", ())
    with telling(engine) as told:
        assert oldest not in told.samples()
        added = {name: add_source(engine, name, "directory", {"path": f"/{name}"}, 600) for name in ("a", "b", "c")}
        by_hand = add_source(engine, "d", "directory", {"path": "/d"}, None)
        for own, outcome in ((by_hand, {}), (added["a"], {"added": 3}), (added["b"], {"error": "It is down."})):
            note_outcome(engine, own.id, outcome)
        postpone(engine, added["c"].id, -7200.0)
        samples = told.samples()
    states = {state: samples["nightshift_sources", (state,)] for state in ("ok", "failed", "overdue")}
    assert states == {"ok": 2, "failed": 1, "overdue": 1}
    [first] = [own.synced_at for own in list_sources(engine) if own.name == "a"]
    assert first is not None and samples[oldest] == pytest.approx(first.timestamp())


def test_a_database_that_is_away_is_told_and_the_process_lives(tmp_path: Path) -> None:
    away = create_engine(f"postgresql+psycopg://nobody@127.0.0.1:{free_port()}/x", connect_timeout_s=2)
    with telling(away) as told:
        samples = told.samples()
        assert told.get("/healthz") == (200, '{"ok": true}')
        assert told.get("/readyz") == (503, '{"ok": false}')
    assert samples["nightshift_database_up", ()] == 0
    assert ("nightshift_documents", ()) not in samples
    assert samples["nightshift_answers_total", ("unknown",)] == 0


def test_tables_that_another_version_changed_keep_nothing_else_untold(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE vote RENAME COLUMN value TO worth"))
    with telling(engine) as told:
        samples = told.samples()
    assert samples["nightshift_database_up", ()] == 0
    assert samples["nightshift_answers_total", ("unknown",)] == 0


def test_who_is_not_up_yet_is_not_ready(engine: sa.Engine) -> None:
    with telling(engine) as told:
        assert told.get("/readyz?verbose")[0] == 200
        told.up = False
        assert (told.get("/readyz")[0], told.get("/healthz")[0], told.get("/secrets")[0]) == (503, 200, 404)


def test_a_port_that_is_taken_is_refused_by_the_setting(engine: sa.Engine) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with (
            pytest.raises(ConfigurationError, match="NIGHTSHIFT_METRICS_PORT"),
            telling_figures(Settings(), taken.getsockname()[1], engine),
        ):
            pass


def test_a_child_whose_port_is_taken_says_so_and_goes_on(engine: sa.Engine, caplog: pytest.LogCaptureFixture) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with telling_figures(Settings(), taken.getsockname()[1], engine, or_go_on=True) as answered:
            assert answered is not None
    [said] = caplog.messages
    assert "NIGHTSHIFT_NIGHTS_METRICS_PORT" in said


def test_tables_are_counted_once_for_many_who_ask_and_not_by_those_who_answer(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_base_generation(engine)
    counted: list[sa.Engine] = []

    def read_figures(own: sa.Engine) -> Figures:
        counted.append(own)
        return real(own)

    real = standing.read_figures
    monkeypatch.setattr(standing, "read_figures", read_figures)
    with telling(engine) as told, ThreadPoolExecutor(4) as askers:
        assert len({tuple(sorted(one)) for one in askers.map(lambda _: told.samples(), range(8))}) == 1
        [watching] = counted
        assert watching is not engine
        with watching.connect() as connection:
            assert connection.scalar(sa.text("SHOW statement_timeout")) == f"{serving.STATEMENT_TIMEOUT_S}s"
        monkeypatch.setattr(standing, "KEPT_S", 0.0)
        told.samples()
    assert len(counted) == 2


def test_a_count_that_takes_too_long_is_given_up(engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "STATEMENT_TIMEOUT_S", 1)
    add_base_generation(engine)
    with engine.connect() as holding:
        holding.execute(sa.text("LOCK TABLE document IN ACCESS EXCLUSIVE MODE"))
        with telling(engine) as told:
            assert told.samples()["nightshift_database_up", ()] == 0


def test_without_a_port_nothing_is_listened_on(engine: sa.Engine) -> None:
    with telling_figures(Settings(), None, engine) as answered:
        assert answered is not None


def test_the_page_names_what_is_told(engine: sa.Engine) -> None:
    add_base_generation(engine)
    with telling(engine) as told:
        samples = [name for name, _ in told.samples() if not name.endswith("_created")]
    names = {re.sub("_(bucket|count|sum)$", "", name) for name in samples}
    page = (ROOT / "docs" / "metrics.md").read_text()
    without_samples = {"nightshift_runs", "nightshift_run_ended_timestamp_seconds", "nightshift_recent_failures"}
    without_samples |= {"nightshift_trial_questions", "nightshift_oldest_sync_timestamp_seconds"}
    named = set(re.findall(r"`(nightshift_\w+)`", page))
    assert named == names | without_samples | {"nightshift_answer_seconds"}
