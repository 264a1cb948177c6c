"""What Slack can do where somebody asks, as far as it has told by refusing."""

from __future__ import annotations

from bot.slack.transport import NotAvailableError, NotHereError


class Support:
    """What Slack can do, in the workspace and in each channel; once it said no, nobody asks there again."""

    def __init__(self) -> None:
        self._lacking: set[tuple[str, str | None]] = set()

    def has(self, feature: str, channel: str) -> bool:
        """Whether it is there as far as is known."""
        return self._lacking.isdisjoint({(feature, None), (feature, channel)})

    def learn(self, feature: str, channel: str, error: BaseException) -> None:
        """Remembers a refusal that will be the same the next time."""
        if isinstance(error, NotAvailableError):
            self._lacking.add((feature, None))
        elif isinstance(error, NotHereError):
            self._lacking.add((feature, channel))
