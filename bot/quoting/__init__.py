"""An answer without a language model: the best sentences of the sources."""

from bot.quoting.quoting import Quotes, quote_sources
from bot.quoting.remembering import RememberingEncoder

__all__ = [
    "Quotes",
    "RememberingEncoder",
    "quote_sources",
]
