"""Vectors kept by content: what one cell has encoded no other encodes again, nor the same cell a second time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from db.generations import Encoders
from db.models import KeptEncoder

if TYPE_CHECKING:
    from db.generations import Generation
    from db.models import SentenceEncoder
    from db.settings import Settings


class KeptEncoders(Encoders):
    """Encoders that keep what they encode in a file, which several processes may share.

    Args:
        settings: where models are.
        path: of the file; made if it isn't there.
    """

    def __init__(self, settings: Settings, path: Path) -> None:
        super().__init__(settings)
        self._path = path

    def get(self, generation: Generation) -> SentenceEncoder:  # type: ignore[override]
        """The generation's encoder, which encodes no text twice."""
        model = f"{generation.artefact_sha256} {generation.dtype}"
        return cast("SentenceEncoder", KeptEncoder(super().get(generation), model, self._path))
