"""All that a person said, exported or erased."""

from db.privacy.erasure import erase_person, erase_question, is_known
from db.privacy.export import export_person

__all__ = [
    "erase_person",
    "erase_question",
    "export_person",
    "is_known",
]
