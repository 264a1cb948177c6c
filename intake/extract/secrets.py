"""Masks what opens doors: keys and tokens by the shapes that their makers gave them, and passwords beside their names.

A short list that is right where it says something; a password in a sentence is found by no pattern. Pure.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

_END = r"(?![A-Za-z0-9_-])"
_KINDS: dict[str, str] = {
    "private key": (
        r"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----"
        r"(?:(?:(?!-----)[\s\S]){0,16000}-----END [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----"
        r"|(?:\s{1,9}[A-Za-z0-9+/=]{40,80}(?=\s|\Z)){0,400})"
    ),
    "AWS access key": r"(?<![A-Za-z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}(?![A-Za-z0-9])",
    "GitHub token": rf"(?<![A-Za-z0-9_])(?:gh[pousr]_[A-Za-z0-9]{{36,255}}|github_pat_[A-Za-z0-9_]{{22,255}}){_END}",
    "GitLab token": rf"(?<![A-Za-z0-9_])gl(?:pat|dt|rt|ptt|cbt|soat)-[A-Za-z0-9_.-]{{20,100}}{_END}",
    "Slack token": rf"(?<![A-Za-z0-9])(?:xox[abeoprs]|xapp)-[A-Za-z0-9-]{{10,250}}{_END}",
    "Slack webhook": r"https://hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9+/_-]{20,200}",
    "Discord webhook": r"https://(?:ptb\.|canary\.)?discord(?:app)?\.com/api/webhooks/\d{15,22}/[A-Za-z0-9_-]{30,120}",
    "Anthropic key": rf"(?<![A-Za-z0-9_-])sk-ant-[A-Za-z0-9_-]{{24,250}}{_END}",
    "OpenAI key": rf"(?<![A-Za-z0-9_-])sk-(?:proj-|svcacct-|admin-)?[A-Za-z0-9_-]{{32,250}}{_END}",
    "Google key": (
        rf"(?<![A-Za-z0-9_-])(?:AIza[A-Za-z0-9_-]{{35}}|GOCSPX-[A-Za-z0-9_-]{{24,40}}|ya29\.[A-Za-z0-9_-]{{30,250}})"
        rf"{_END}"
    ),
    "Stripe key": rf"(?<![A-Za-z0-9])(?:[rs]k_(?:live|test)|whsec)_[A-Za-z0-9]{{16,250}}{_END}",
    "SendGrid key": rf"(?<![A-Za-z0-9])SG\.[A-Za-z0-9_-]{{16,32}}\.[A-Za-z0-9_-]{{16,64}}{_END}",
    "package registry token": rf"(?<![A-Za-z0-9])(?:npm_[A-Za-z0-9]{{36}}|pypi-AgE[A-Za-z0-9_-]{{40,250}}){_END}",
    "Hugging Face token": rf"(?<![A-Za-z0-9_])hf_[A-Za-z0-9]{{30,80}}{_END}",
    "DigitalOcean token": rf"(?<![A-Za-z0-9])do[oprt]_v1_[a-f0-9]{{64}}{_END}",
    "Azure key": r"(?<=AccountKey=)[A-Za-z0-9+/]{86}==",
    "token": (
        rf"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{{10,2000}}\.eyJ[A-Za-z0-9_-]{{10,4000}}\.[A-Za-z0-9_-]{{10,2000}}{_END}"
    ),
}
_IN_ADDRESS = r"(?<=://)(?P<user>[^\s/:@\"'<>`]{0,80}):(?P<inside>[^\s/@\"'<>`]{3,120})@(?=[^\s/])"
_SENT = r"(?P<bearer>\b(?:bearer|basic)[ \t]{1,4})(?P<sent>[A-Za-z0-9+/_.=-]{20,4000})"
_NAMED = (
    r"(?P<name>(?:key|token|secret|passw(?:or)?d|pwd)"
    r"[\"'`*]{0,3}[ \t]{0,4}(?:=>|:=|[:=])[ \t]{0,4}[\"'`*]{0,3})(?P<value>[A-Za-z0-9+/_.~!%^-]{20,500}={0,2})"
)
_FOUND = re.compile("|".join([*(f"(?P<k{n}>{shape})" for n, shape in enumerate(_KINDS.values())), _IN_ADDRESS]))
_BESIDE_NAMES = re.compile(f"{_NAMED}|{_SENT}", re.IGNORECASE)
_KIND_OF = {f"k{n}": kind for n, kind in enumerate(_KINDS)}
_CERTAIN = frozenset({"private key", "AWS access key"})

_FEWEST_DIFFERENT = 8
"""Characters that differ in a real one; `xxxxxxxx`, `your-token-here` and `0000` have fewer, or no digit."""


class Masked(NamedTuple):
    """A text without its secrets, and how many there were."""

    text: str
    n: int


def mask_secrets(text: str) -> Masked:
    """The text with each secret replaced by what it was, `[masked: AWS access key]`."""
    count = 0

    def by_shape(found: re.Match[str]) -> str:
        nonlocal count
        if found["inside"] is not None:
            if not _may_be_real_password(found["inside"]):
                return found[0]
            count += 1
            return f"{found['user']}:[masked: password]@"
        kind = _KIND_OF[found.lastgroup or ""]
        has_chance = len(set(found[0])) >= _FEWEST_DIFFERENT and any(char.isdigit() for char in found[0])
        if kind not in _CERTAIN and not has_chance:
            return found[0]
        count += 1
        return f"[masked: {kind}]"

    def by_name(found: re.Match[str]) -> str:
        nonlocal count
        before, value = (found["name"], found["value"]) if found["value"] else (found["bearer"], found["sent"])
        if not _may_be_random(value):
            return found[0]
        count += 1
        return f"{before}[masked: secret]"

    masked = _BESIDE_NAMES.sub(by_name, _FOUND.sub(by_shape, text))
    return Masked(masked, count)


def mask_values(value: Any) -> Any:  # noqa: ANN401 - JSON
    """A front matter's value, or all of them, without secrets."""
    if isinstance(value, dict):
        return {name: mask_values(own) for name, own in value.items()}
    if isinstance(value, list):
        return [mask_values(own) for own in value]
    return mask_secrets(value).text if isinstance(value, str) else value


def _may_be_random(value: str) -> bool:
    """Whether it has letters and digits as chance has them: paths, names and words have not."""
    changes = sum(a.isdigit() != b.isdigit() for a, b in zip(value, value[1:], strict=False))
    is_mixed = any(char.isdigit() for char in value) and any(char.isalpha() for char in value)
    return is_mixed and changes >= 4 and len(set(value)) >= 10 and value.count("/") < 3


def _may_be_real_password(value: str) -> bool:
    plain = value.strip("[]{}<>$()*%").lower()
    return value[0] not in "<{$[(%*" and plain not in {"password", "pass", "pwd", "secret", "xxx", "token", "..."}
