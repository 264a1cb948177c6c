"""Traces by OpenTelemetry, where that is set up: a span for each step of a question and of a night.

Names and attributes are those of OpenTelemetry's conventions for generative AI. A span holds figures and ids; of texts,
where that is set, the question alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from db.errors import ConfigurationError
from db.steps import watched_by

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Tracer

    from db.settings import Settings
    from db.steps import Step

DELIVERY_TIMEOUT_S = 5
"""For which a process that ends may wait for whoever collects the spans."""

Described = tuple[str, str, dict[str, Any]]
"""A span's name, its kind, and what is known of it before it begins."""


@contextmanager
def tracing(settings: Settings, process: str, exporter: SpanExporter | None = None) -> Iterator[None]:
    """Sends spans to `otel_endpoint` while the block runs, from a thread of its own; with none set does nothing.

    Args:
        settings: which say where to, and whether questions' texts go along.
        process: "bot" or "nights".
        exporter: instead of one to `otel_endpoint`.

    Raises:
        ConfigurationError: what it takes isn't installed.
    """
    if settings.otel_endpoint is None and exporter is None:
        yield
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise ConfigurationError(
            "NIGHTSHIFT_OTEL_ENDPOINT is set, and OpenTelemetry isn't installed: pip install 'nightshift[otel]'"
        ) from None
    address = f"{(settings.otel_endpoint or '').rstrip('/')}/v1/traces"
    exporter = exporter or OTLPSpanExporter(endpoint=address, timeout=DELIVERY_TIMEOUT_S)
    about = {"service.name": "nightshift", "service.version": version("nightshift"), "nightshift.process": process}
    provider = TracerProvider(resource=Resource.create(about), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    try:
        with watched_by(_Spans(settings, provider.get_tracer("nightshift")).around):
            yield
    finally:
        provider.shutdown()


class _Spans:
    def __init__(self, settings: Settings, tracer: Tracer) -> None:
        self._tracer = tracer
        self._texts = settings.otel_texts
        self._named = _conventions(settings)

    @contextmanager
    def around(self, step: Step) -> Iterator[None]:
        """A span about a step; of an error only its kind is told, as its message may hold texts."""
        from opentelemetry.trace import SpanKind, Status, StatusCode

        name, kind, known = self._named.get(step.name, (step.name, "INTERNAL", {}))
        # the tracer would record an error's message
        with self._tracer.start_as_current_span(
            name, kind=SpanKind[kind], attributes=known, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield
            except BaseException as error:
                span.set_attribute("error.type", type(error).__qualname__)
                span.set_status(Status(StatusCode.ERROR))
                raise
            finally:
                for fact, value in step.facts.items():
                    if isinstance(value, bool | int | float):
                        span.set_attribute(f"nightshift.{fact}", value)
                if self._texts and step.text is not None:
                    span.set_attribute("gen_ai.retrieval.query.text", step.text)


def _conventions(settings: Settings) -> dict[str, Described]:
    """By the names of our steps; what isn't here goes by that name."""
    server = urlsplit(settings.llm_base_url or "https://api.openai.com/v1")
    host, port = server.hostname or "", server.port or (80 if server.scheme == "http" else 443)
    provider = "azure.ai.openai" if host.endswith(".azure.com") else "openai"
    chat = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": provider,
        "gen_ai.request.model": settings.llm_model,
        "gen_ai.request.max_tokens": settings.llm_max_tokens,
        "server.address": host,
        "server.port": port,
    }
    embeddings = {"gen_ai.operation.name": "embeddings", "gen_ai.request.model": settings.base_model}
    agent = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "nightshift"}
    night = {"gen_ai.operation.name": "invoke_workflow", "gen_ai.workflow.name": "night"}
    searching = {"gen_ai.operation.name": "retrieval", "gen_ai.data_source.id": "documents"}
    return {
        "question": ("invoke_agent nightshift", "INTERNAL", agent),
        "encode": (f"embeddings {settings.base_model}", "INTERNAL", embeddings),
        "search": ("retrieval documents", "CLIENT", searching),
        "rewrite": (f"chat {settings.llm_model}", "CLIENT", chat | {"nightshift.step": "rewrite"}),
        "llm": (f"chat {settings.llm_model}", "CLIENT", chat | {"nightshift.step": "answer"}),
        "night": ("invoke_workflow night", "INTERNAL", night),
    }
