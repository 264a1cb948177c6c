"""Who may see a document, as a person says it on the command line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from db.errors import BadInputError

if TYPE_CHECKING:
    from db.corpus import NamedAudience


def read_audience_option(words: Sequence[str]) -> NamedAudience:
    """The audience that these words name.

    Raises:
        BadInputError: they aren't understood.
    """
    from db.corpus import read_audience

    try:
        return read_audience(list(words))
    except BadInputError as error:
        raise BadInputError(f"That is no audience: {error}.") from None
