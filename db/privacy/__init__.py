"""All that a person said, exported or erased, and how long what people said is kept."""

from db.privacy.erasure import erase_person, erase_question, is_known
from db.privacy.export import export_person
from db.privacy.retention import Pruned, Retention, count_outdated, prune, table_names

__all__ = [
    "Pruned",
    "Retention",
    "count_outdated",
    "erase_person",
    "erase_question",
    "export_person",
    "is_known",
    "prune",
    "table_names",
]
