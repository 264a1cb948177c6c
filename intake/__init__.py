"""Reading in: what a source has that is new or changed is extracted, split, encoded, stored and indexed."""

from intake.drafting import draft_chunks
from intake.indexing import index_after_load, measure_after_load
from intake.ingest import ingest_paths
from intake.tally import Progress

__all__ = ["Progress", "draft_chunks", "index_after_load", "measure_after_load", "ingest_paths"]
