"""Reading in: what a source has that is new or changed is extracted, split, encoded and stored."""

from intake.drafting import draft_chunks
from intake.ingest import ingest_paths
from intake.tally import Progress

__all__ = ["Progress", "draft_chunks", "ingest_paths"]
