"""Reading in: what a source has that is new or changed is extracted, split, encoded, stored and indexed."""

from intake.drafting import draft_chunks
from intake.indexing import index_after_load, measure_after_load
from intake.ingest import ingest_paths
from intake.opening import check_source, resolve_branch
from intake.sources import Gone, SourceSettings, file_uri
from intake.syncing import in_words, preview_source, remove_source, sync_due, sync_source
from intake.tally import IngestReport, Progress

__all__ = [
    "Gone",
    "IngestReport",
    "Progress",
    "SourceSettings",
    "check_source",
    "draft_chunks",
    "file_uri",
    "in_words",
    "index_after_load",
    "ingest_paths",
    "measure_after_load",
    "preview_source",
    "remove_source",
    "resolve_branch",
    "sync_due",
    "sync_source",
]
