"""An answer without a language model: the best pieces of the sources, in their own words."""

from bot.quoting.quoting import Quotes, quote_sources
from bot.quoting.vocabulary import Vocabulary

__all__ = [
    "Quotes",
    "Vocabulary",
    "quote_sources",
]
