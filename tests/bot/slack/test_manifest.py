"""The manifest asks for what the code uses: each listener is subscribed, and each scope is there for a reason."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
import yaml
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.answering import Answerer
from bot.slack.app import build_app
from db.settings import Settings
from db.store import create_engine
from tests.conftest import ROOT
from tests.corpus import encoders
from tests.doubles_slack import BOT_TOKEN

# What Slack wants for an event that is listened to: the subscriptions it comes by, each with its scope.
EVENTS = {
    "app_home_opened": {"app_home_opened": None},
    "app_mention": {"app_mention": "app_mentions:read"},
    "message": {
        "message.channels": "channels:history",
        "message.groups": "groups:history",
        "message.im": "im:history",
        "message.mpim": "mpim:history",
    },
    "reaction_added": {"reaction_added": "reactions:read"},
    "reaction_removed": {"reaction_removed": "reactions:read"},
}
# What Slack wants for a method of its Web API that is called.
METHODS: dict[str, set[str]] = {
    "apps_connections_open": set(),  # by the app-level token
    "assistant_threads_setStatus": {"assistant:write"},
    "assistant_threads_setSuggestedPrompts": {"assistant:write"},
    "auth_test": set(),
    "chat_appendStream": {"chat:write"},
    "chat_delete": {"chat:write"},
    "chat_postEphemeral": {"chat:write"},
    "chat_postMessage": {"chat:write"},
    "chat_startStream": {"chat:write"},
    "chat_stopStream": {"chat:write"},
    "chat_stream": {"chat:write"},
    "chat_update": {"chat:write"},
    "conversations_info": {"channels:read", "groups:read", "im:read", "mpim:read"},
    "conversations_members": {"channels:read", "groups:read", "mpim:read"},
    "users_list": {"users:read"},
    "conversations_open": {"im:write"},
    "files_upload_v2": {"files:write"},
    "usergroups_list": {"usergroups:read"},
    "users_conversations": {"channels:read", "groups:read"},
    "users_info": {"users:read", "users:read.email"},
    "views_open": set(),
    "views_publish": set(),
    "views_update": set(),
}
LISTENERS = ("event", "command", "message_shortcut", "global_shortcut", "shortcut")
REACTIONS = {"reactions:read", "reactions:write"}


@pytest.fixture
def manifest() -> dict[str, Any]:
    return dict(yaml.safe_load((ROOT / "deploy" / "slack-manifest.yaml").read_text()))


@pytest.fixture
def listened(monkeypatch: pytest.MonkeyPatch) -> dict[str, set[str]]:
    """What the app registers listeners for, by the kind of listener."""
    found: dict[str, set[str]] = defaultdict(set)

    def record(kind: str) -> None:
        register = getattr(AsyncApp, kind)

        def recording(app: AsyncApp, name: str, *args: Any, **kwargs: Any) -> Any:
            found[kind].add(name)
            return register(app, name, *args, **kwargs)

        monkeypatch.setattr(AsyncApp, kind, recording)

    for kind in LISTENERS:
        record(kind)
    settings = Settings(data_dir=Path("unused"), slack_bot_token=BOT_TOKEN)
    engine = create_engine("postgresql+psycopg://nobody@127.0.0.1:1/nowhere")
    build_app(settings, engine, Answerer(engine, settings, encoders(), None))
    return found


def called_methods() -> set[str]:
    """Every method of the Web API's client that anything in bot/ calls, or hands on."""
    methods = {name for name in dir(AsyncWebClient) if "_" in name.strip("_") and not name.startswith("_")}
    trees = [ast.parse(path.read_bytes()) for path in (ROOT / "bot").rglob("*.py")]
    return {node.attr for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Attribute)} & methods


def test_events_are_subscribed_to_exactly_where_there_is_a_listener(
    manifest: dict[str, Any], listened: dict[str, set[str]]
) -> None:
    wanted = {subscription for event in listened["event"] for subscription in EVENTS[event]}
    assert set(manifest["settings"]["event_subscriptions"]["bot_events"]) == wanted


def test_commands_and_shortcuts_are_those_with_a_listener(
    manifest: dict[str, Any], listened: dict[str, set[str]]
) -> None:
    features = manifest["features"]
    assert {command["command"] for command in features["slash_commands"]} == listened["command"]
    assert {shortcut["callback_id"] for shortcut in features["shortcuts"]} == listened["message_shortcut"]
    assert {shortcut["type"] for shortcut in features["shortcuts"]} == {"message"}
    assert not listened["global_shortcut"] and not listened["shortcut"]


def test_scopes_are_exactly_those_that_are_used(manifest: dict[str, Any], listened: dict[str, set[str]]) -> None:
    of_events = {scope for event in listened["event"] for scope in EVENTS[event].values() if scope}
    of_methods = {scope for method in called_methods() for scope in METHODS[method]}
    of_commands = {"commands"} if listened["command"] or listened["message_shortcut"] else set()
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == of_events | of_methods | of_commands


def test_without_the_scopes_for_reactions_everything_else_works() -> None:
    needs_them = [event for event, subscriptions in EVENTS.items() if REACTIONS & set(subscriptions.values())]
    assert needs_them == ["reaction_added", "reaction_removed"]
    assert not any(REACTIONS & METHODS[method] for method in called_methods())


def test_views_and_buttons_are_switched_on(manifest: dict[str, Any]) -> None:
    assert manifest["settings"]["interactivity"]["is_enabled"] is True
    assert "agent_view" in manifest["features"] and "assistant_view" not in manifest["features"]
    home = manifest["features"]["app_home"]
    assert home["home_tab_enabled"] and home["messages_tab_enabled"] and not home["messages_tab_read_only_enabled"]
