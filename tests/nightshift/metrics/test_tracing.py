"""A span for each step, by the conventions' names, and no text unless it is asked for; nothing without the setting."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.semconv._incubating.attributes import gen_ai_attributes
from opentelemetry.trace import SpanKind

from bot.answering import Answerer
from db.errors import ConfigurationError, LanguageModelError
from db.settings import Settings
from db.steps import Step
from nightshift.console import console_question
from nightshift.metrics.tracing import tracing
from nightshift.running.log_lines import make_formatter
from tests.corpus import add_base_generation, add_document, embed, encoders

ASKED = "Who hands out parking permits?"


@pytest.fixture
def answerer(engine: sa.Engine, tmp_path: Path) -> Answerer:
    add_base_generation(engine)
    embed(engine, add_document(engine, "Parking", [("", "Permits are handed out by Alma at the front desk.")]))
    return Answerer(engine, Settings(data_dir=tmp_path), encoders(), FailingModel())  # type: ignore[arg-type]


class FailingModel:
    async def write(self, *_: Any) -> str:
        raise LanguageModelError("it was asked about " + ASKED)


async def spans_of(answerer: Answerer, settings: Settings) -> dict[str, ReadableSpan]:
    kept = InMemorySpanExporter()
    with tracing(settings, "bot", kept):
        await answerer.answer(console_question(ASKED))
    return {span.name: span for span in kept.get_finished_spans()}


async def test_a_question_s_steps_are_spans_by_the_conventions_names(answerer: Answerer) -> None:
    spans = await spans_of(answerer, Settings(llm_model="small", llm_base_url="http://llm.local:8080/v1"))
    assert {"audience", "generation", "quote"} < set(spans)
    whole, chat = spans["invoke_agent nightshift"], spans["chat small"]
    assert whole.parent is None and whole.context is not None
    assert {span.parent.span_id for span in spans.values() if span.parent} == {whole.context.span_id}
    assert whole.resource.attributes["service.name"] == "nightshift"
    assert dict(whole.attributes or {}) == {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": "nightshift",
        "nightshift.question": 1,
        "nightshift.generation": 1,
        "nightshift.sources": 1,
    }
    told = dict(chat.attributes or {})
    assert chat.kind is SpanKind.CLIENT and (told["server.address"], told["server.port"]) == ("llm.local", 8080)
    assert told["error.type"] == "LanguageModelError"
    assert dict(spans["retrieval documents"].attributes or {})["nightshift.passages"] == 1
    ours = {name for span in spans.values() for name in span.attributes or {} if name.startswith("gen_ai.")}
    known = {value for value in vars(gen_ai_attributes).values() if isinstance(value, str)}
    assert ours and ours <= known


@pytest.mark.parametrize("texts", [False, True])
async def test_the_question_s_text_goes_along_only_where_it_is_asked_for(answerer: Answerer, texts: bool) -> None:
    spans = await spans_of(answerer, Settings(otel_texts=texts))
    told = [span.to_json() for span in spans.values()]
    assert sum(ASKED in one for one in told) == int(texts)
    assert not any("Alma" in one for one in told)


def test_a_failing_step_is_marked_and_fails_as_it_would() -> None:
    kept = InMemorySpanExporter()
    with tracing(Settings(), "nights", kept), pytest.raises(KeyError), Step("night") as night, night.step("train"):
        raise KeyError("a text")
    train, night_span = kept.get_finished_spans()
    assert (train.name, night_span.name) == ("train", "invoke_workflow night")
    assert not train.status.is_ok and "a text" not in train.to_json()


def test_a_line_of_the_log_is_found_with_its_trace() -> None:
    with tracing(Settings(), "bot", InMemorySpanExporter()), Step("question"):
        line = make_formatter("json").format(logging.LogRecord("x", 20, "x.py", 1, "x", (), None))
    assert '"trace_id": "' in line


@pytest.fixture
def collector() -> Iterator[tuple[str, list[ExportTraceServiceRequest]]]:
    """Where a company's collector would stand."""
    got: list[ExportTraceServiceRequest] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/v1/traces"
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                import gzip

                body = gzip.decompress(body)
            got.append(ExportTraceServiceRequest.FromString(body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", got
        server.shutdown()
        thread.join()


def test_spans_are_with_the_collector_when_the_process_ends(
    collector: tuple[str, list[ExportTraceServiceRequest]],
) -> None:
    address, got = collector
    with tracing(Settings(otel_endpoint=address), "bot"), Step("question"):
        pass
    [request] = got
    [span] = request.resource_spans[0].scope_spans[0].spans
    assert span.name == "invoke_agent nightshift"


def test_without_the_setting_nothing_of_it_is_imported() -> None:
    code = (
        "import sys; from db.settings import Settings; import nightshift.cli, nightshift.running.run\n"
        "from nightshift.metrics.tracing import tracing\nwith tracing(Settings(), 'bot'): pass\n"
        "assert not [name for name in sys.modules if name.startswith('opentelemetry')]"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_where_it_is_not_installed_the_setting_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with (
        pytest.raises(ConfigurationError, match="nightshift\\[otel\\]"),
        tracing(Settings(otel_endpoint="http://x"), "bot"),
    ):
        pass
