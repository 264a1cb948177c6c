"""App Home: what a person asked, voted and may change, and what admins see."""

from bot.slack.home.admin import AdminHome
from bot.slack.home.home import Home, listen_to_home

__all__ = [
    "AdminHome",
    "Home",
    "listen_to_home",
]
