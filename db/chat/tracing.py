"""Whether prompts are traced is our own setting's to say, whatever LangSmith's variables say."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from db.settings import Settings


@contextmanager
def traced_as_set(settings: Settings) -> Iterator[None]:
    """Inside it, LangChain sends runs to LangSmith if `langsmith_tracing` is set, and else to nobody.

    The environment stays as it is: other chains in the process go on as they were set up.
    """
    from langchain_core.callbacks import BaseCallbackHandler
    from langchain_core.tracers.context import tracing_v2_callback_var
    from langsmith import tracing_context

    if settings.langsmith_tracing:
        with tracing_context(enabled=True):
            yield
        return
    # where LANGCHAIN_TRACING is left over from an older LangChain, this one refuses to run without a tracer
    token = tracing_v2_callback_var.set(_nobody(BaseCallbackHandler))  # type: ignore[arg-type]
    try:
        with tracing_context(enabled=False, parent=False):
            yield
    finally:
        tracing_v2_callback_var.reset(token)


def _nobody(handler: type) -> object:
    """A tracer that is told nothing."""
    ignored = ("llm", "chain", "agent", "retriever", "chat_model", "custom_event", "retry")
    return type("Nobody", (handler,), {f"ignore_{kind}": True for kind in ignored})()
