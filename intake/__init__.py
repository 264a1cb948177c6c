"""Reading in: what a source has that is new or changed is extracted, split, encoded, stored and indexed."""

from intake.drafting import draft_chunks
from intake.indexing import index_after_load, measure_after_load
from intake.ingest import ingest_paths
from intake.sources import Gone, file_uri
from intake.tally import IngestReport, Progress

__all__ = [
    "Gone",
    "IngestReport",
    "Progress",
    "draft_chunks",
    "file_uri",
    "index_after_load",
    "ingest_paths",
    "measure_after_load",
]
