"""What of a model's words may be shown beside the sources that it was given, whole or while they are being written."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from bot.answering.llm import OnText
from bot.model_text import check_text, finished_part, without_invented
from db.search import FoundDocument, Hit

_log = logging.getLogger(__name__)


def supported_text(text: str, sources: Sequence[FoundDocument[Hit]]) -> str:
    """The text without sentences whose only source was made up, its citations and links checked."""
    kept = without_invented(storable(text), len(sources))
    return check_text(kept, len(sources), _links_to(sources), is_unfenced=True).text


def checked_text(text: str, sources: Sequence[FoundDocument[Hit]]) -> str:
    """The text with no citation but of these sources, and no link but to them."""
    return check_text(storable(text), len(sources), _links_to(sources)).text


def _links_to(sources: Sequence[FoundDocument[Hit]]) -> set[str]:
    return {source.lead.uri for source in sources}


def storable(text: str) -> str:
    """The text without NUL and lone surrogates, which the database refuses."""
    return text.replace("\0", " ").encode("utf-8", "replace").decode()


def showing_supported(on_text: OnText, sources: Sequence[FoundDocument[Hit]]) -> OnText:
    """Lets `on_text` see only what the finished answer may hold; what it raises is logged, and ends its calls."""
    failed = False

    async def show(text: str) -> None:
        nonlocal failed
        if failed:
            return
        shown = supported_text(finished_part(text), sources)
        try:
            if shown:
                await on_text(shown)
        except Exception as error:
            failed = True
            _log.warning("An answer under way can't be shown (%s); it goes on.", type(error).__name__)

    return show
