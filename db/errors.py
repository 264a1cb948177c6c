"""Every error that Nightshift raises on purpose: one tree, whose docstrings are the default messages."""

from __future__ import annotations


class NightshiftError(Exception):
    """Something went wrong."""

    exit_code = 1

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())


class ConfigurationError(NightshiftError):
    """A setting is missing or wrong."""

    exit_code = 2


class DatabaseUnavailableError(NightshiftError):
    """The database can't be reached."""


class DatabaseFullError(DatabaseUnavailableError):
    """The database server's disk is full: give it more."""


class DiskFullError(NightshiftError):
    """A disk here has no room for what is to be written: make some."""


class DatabaseContendedError(DatabaseUnavailableError):
    """Two changes waited for each other, and the database ended this one: try again."""


class DatabaseRefusedError(NightshiftError):
    """The database can't be used as it is."""


class DatabaseTooOldError(NightshiftError):
    """The database server or its pgvector extension is too old for Nightshift."""


class SchemaMismatchError(NightshiftError):
    """The database's tables don't match this version of Nightshift; run `nightshift db upgrade`."""


class EmbeddedServerError(NightshiftError):
    """The embedded PostgreSQL server can't be started."""


class BackupError(NightshiftError):
    """The backup can't be made or put back."""


class ModelError(NightshiftError):
    """The model can't be used."""


class ModelTamperedError(ModelError):
    """A model file's hash is not the recorded one; it was refused."""


class UnknownIdError(NightshiftError):
    """There is nothing by that id."""


class EmptyCorpusError(NightshiftError):
    """There are no documents yet; run `nightshift ingest PATH` first."""


class BadInputError(NightshiftError):
    """The input can't be read."""


class NoTextError(BadInputError):
    """The document holds no text."""


class SourceError(NightshiftError):
    """A source can't be listed, or not to its end: what it has listed goes in, and nothing is removed.

    `wait_s` is for how long it asks to be left alone.
    """

    def __init__(self, message: str | None = None, wait_s: float = 0.0) -> None:
        super().__init__(message or "The source can't be listed.")
        self.wait_s = wait_s


class SourceBusyError(NightshiftError):
    """Another process is syncing this source; try again when it is done."""

    exit_code = 3


class VoteRefusedError(NightshiftError):
    """That source was not shown to you, so your vote can't count."""


class AudienceUnknownError(NightshiftError):
    """Who would see this reply can't be determined, so nothing is shown."""


class SlackError(NightshiftError):
    """Slack can't be reached, or refuses what it was sent."""

    def __init__(self, code: str) -> None:
        super().__init__()
        self.code = code
        """Slack's own (`channel_not_found`), else the kind of error; never a text."""


class LanguageModelError(NightshiftError):
    """The language model didn't answer in time."""


class NightBusyError(NightshiftError):
    """Another night is running."""


class StaleRunError(NightshiftError):
    """This run is no longer the one in charge; it stops without promoting anything."""


class NightFailedError(NightshiftError):
    """The night could not be carried through; the serving generation goes on."""


class NightOverdueError(NightshiftError):
    """Another night should have ended long ago, and this one can't begin before."""

    exit_code = 3


class NotPromotableError(NightshiftError):
    """That generation can't be promoted."""


class NotCaughtUpError(NotPromotableError):
    """Chunks arrived that the generation lacks; it can be promoted once they are encoded."""
