"""Everything that people said and nights learnt, in one file, and back from it: the database, models and reports."""

from nightshift.backup.about import About
from nightshift.backup.packing import back_up
from nightshift.backup.restoring import restore

__all__ = ["About", "back_up", "restore"]
