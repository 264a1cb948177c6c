"""Keys and tokens are masked by their shapes; what merely looks like one to a hasty eye stays."""

from __future__ import annotations

from pathlib import PurePath

import pytest

from intake.extract import extract_document
from intake.extract.secrets import mask_secrets

CHANCE = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0"
# in two parts, so that nobody who looks for secrets in this file finds one
SECRETS = {
    "AWS access key": "AKIA" + "IOSFODNN7EXAMPLE",
    "GitHub token": "ghp_" + CHANCE[:36],
    "GitLab token": "glpat-" + CHANCE[:20],
    "Slack token": "xoxb-" + "123456789012-1234567890123-" + CHANCE[:24],
    "Slack webhook": "https://hooks.slack.com/services/" + "T0123ABCD/B0123ABCD/" + CHANCE[:24],
    "OpenAI key": "sk-proj-" + CHANCE,
    "Anthropic key": "sk-ant-" + "api03-" + CHANCE,
    "Google key": "AIza" + CHANCE[:35],
    "Stripe key": "sk_live_" + CHANCE[:24],
    "SendGrid key": "SG." + CHANCE[:22] + "." + CHANCE,
    "package registry token": "npm_" + CHANCE[:36],
    "Hugging Face token": "hf_" + CHANCE[:34],
    "token": "eyJ" + CHANCE + ".eyJ" + CHANCE + "." + CHANCE,
    "private key": "-----BEGIN RSA " + f"PRIVATE KEY-----\n{CHANCE}\n{CHANCE}\n-----END RSA PRIVATE KEY-----",
}


@pytest.mark.parametrize("kind", SECRETS)
@pytest.mark.parametrize("around", ["{}", "Use {} for it.", '"{}"', "`{}`", "KEY={}\n", "| a | {} |", "- key: '{}',"])
def test_what_has_a_makers_shape_is_masked(kind: str, around: str) -> None:
    before, after = around.split("{}")
    assert mask_secrets(around.format(SECRETS[kind])) == (f"{before}[masked: {kind}]{after}", 1)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("postgresql://bot:hunter2@db.example.com/x", "postgresql://bot:[masked: password]@db.example.com/x"),
        ("redis://:hunter2@cache:6379", "redis://:[masked: password]@cache:6379"),
        (f"api_key = '{CHANCE}'", "api_key = '[masked: secret]'"),
        (f'"client_secret": "{CHANCE}",', '"client_secret": "[masked: secret]",'),
        (f"PASSWORD={CHANCE}\n", "PASSWORD=[masked: secret]\n"),
        (f"Authorization: Bearer {CHANCE}", "Authorization: Bearer [masked: secret]"),
        (f"token: **{CHANCE}**", "token: **[masked: secret]**"),
        (
            "-----BEGIN PRIVATE " + f"KEY-----\n{CHANCE}\n{CHANCE}\nNobody closed it.",
            "[masked: private key]\nNobody closed it.",
        ),
    ],
)
def test_what_stands_beside_its_name_or_in_an_address_is_masked(text: str, masked: str) -> None:
    assert mask_secrets(text) == (masked, 1)


@pytest.mark.parametrize(
    "text",
    [
        "ghp_" + "x" * 36,
        "xoxb-your-bot-token-goes-here",
        "sk-learn-is-a-library-for-machine-learning-in-python",
        "https://user:<password>@example.com and https://user:${PASSWORD}@example.com",
        "http://host.example.com:8080/a@b",
        "git@github.com:org/repo.git",
        "token: your-token-goes-here-please",
        "The primary key: customer_id_of_the_2024_table",
        "key: docs/2024/01/02/03/leave-policy-2024.md",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "commit 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
        "Bearer of good news and many other internationalizations",
        "AKIA is how they begin.",
    ],
)
def test_what_is_none_stays(text: str) -> None:
    assert mask_secrets(text) == (text, 0)


@pytest.mark.parametrize(
    "piece", ["a key: ", "eyJ", "://a:", "-----BEGIN PRIVATE KEY-----", "sk-", "token=", "bearer "]
)
def test_a_text_made_to_take_long_does_not(piece: str) -> None:
    assert mask_secrets(piece * (200_000 // len(piece))).n <= 200_000


def test_no_secret_of_a_document_is_in_its_passages_title_or_address() -> None:
    key = SECRETS["GitHub token"]
    head = f"---\ntitle: Key {key}\ntags: [{key}]\nurl: https://bot:hunter2@example.com/x\n---\n"
    text = f"{head}# Head {key}\n\n```\nexport A={key}\n```\n"
    found = extract_document(text.encode(), PurePath("a.md"))
    assert found.secrets_masked == 2
    assert key not in str([found.title, found.sections, found.front_matter]) and "url" not in found.front_matter
