"""Who the bot's admins are: persons of a workspace, as everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.slack.transport.bolt_app import Identity
    from db.settings import Settings


class Admins:
    """The people that the settings name: "T…:U…", or "U…" alone for one of the bot's own workspace.

    The same user id may be somebody else's in another workspace.
    """

    def __init__(self, settings: Settings, identity: Identity) -> None:
        self._names = settings.admins
        self._identity = identity

    async def include(self, team: str, user: str) -> bool:
        """Whether a person is an admin.

        Raises:
            ConfigurationError: Slack doesn't say which workspace the bot is of.
        """
        return f"{team}:{user}" in self._names or (user in self._names and team == await self._own_team())

    async def persons(self) -> list[str]:
        """Each admin as "<workspace>:<user>". Raises as `include` does."""
        own_team = await self._own_team() if self._names else ""
        return sorted(name if ":" in name else f"{own_team}:{name}" for name in self._names)

    async def _own_team(self) -> str:
        return str((await self._identity.authorize()).team_id or "")
