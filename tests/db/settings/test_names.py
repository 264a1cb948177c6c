"""A setting's name with a slip in it is told of, with the one that was meant."""

from __future__ import annotations

import pytest

from db.settings.names import explain_unknown_names
from db.settings.settings import Settings

KNOWN = [f"NIGHTSHIFT_{name.upper()}" for name in Settings.model_fields]
LINKS = [
    "NIGHTSHIFT_SERVICE_HOST",
    "NIGHTSHIFT_SERVICE_PORT",
    "NIGHTSHIFT_SERVICE_PORT_HTTP",
    "NIGHTSHIFT_PORT",
    "NIGHTSHIFT_PORT_3000_TCP",
    "NIGHTSHIFT_PORT_3000_TCP_ADDR",
    "NIGHTSHIFT_PORT_3000_TCP_PROTO",
]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("NIGHTSHIFT_SLACK_ADMIN", "NIGHTSHIFT_SLACK_ADMINS"),
        ("NIGHTSHIFT_SLACK_TOKEN", "NIGHTSHIFT_SLACK_BOT_TOKEN"),
        ("NIGHTSHIFT_OPENAI_API_KEY", "NIGHTSHIFT_LLM_API_KEY"),
        ("nightshift_databse_url", "NIGHTSHIFT_DATABASE_URL"),
        ("NIGHTSHIFT_PORT", "NIGHTSHIFT_HTTP_PORT"),
    ],
)
def test_the_nearest_name_is_offered(name: str, meant: str) -> None:
    [sentence] = explain_unknown_names([name, "PATH", *KNOWN], KNOWN)
    assert name.upper() in sentence
    assert f"did you mean {meant}?" in sentence


def test_where_nothing_is_near_the_list_is_named() -> None:
    [sentence] = explain_unknown_names(["NIGHTSHIFT_ZZZ"], KNOWN)
    assert "NIGHTSHIFT_ZZZ" in sentence and "docs/settings.md" in sentence


def test_known_names_are_silent_in_either_case() -> None:
    assert explain_unknown_names([*KNOWN, *(name.lower() for name in KNOWN), "OTHER_NIGHTSHIFT_X"], KNOWN) == []


def test_what_kubernetes_sets_beside_a_service_of_that_name_is_no_slip() -> None:
    assert explain_unknown_names(LINKS, KNOWN) == []
    assert len(explain_unknown_names(["NIGHTSHIFT_PORT"], KNOWN)) == 1
