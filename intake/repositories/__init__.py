"""Git repositories as sources: the files of one branch, as they are now."""

from intake.repositories.repository import Repository, find_default_branch, forget_repository
from intake.repositories.told import GitSettings

__all__ = [
    "GitSettings",
    "Repository",
    "find_default_branch",
    "forget_repository",
]
