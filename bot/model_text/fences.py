"""An answer that stands all in one fence of code, which a model put around its Markdown: taken out of it; pure."""

from __future__ import annotations

import re

_OPENING = re.compile(r"\s*(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^\n`]*)(?:\n|\Z)")
_CODE = frozenset(
    "awk bash bat c c# c++ clojure cmake cmd conf cpp cs csharp css csv diff docker dockerfile elixir env erlang fish "
    "go golang graphql groovy haskell hcl html http ini java javascript js json json5 jsonc jsonl jsx julia kotlin "
    "latex less lua make makefile mermaid nginx nix objc perl php plantuml powershell properties proto ps1 py python r "
    "rb regex ruby rust scala scss sh shell sql svg swift terraform tf toml ts tsx typescript vb vim xml yaml yml zig "
    "zsh console".split()
)
_MARKDOWN = frozenset({"markdown", "md", "mdx", "gfm"})
_PROSE_MARK = re.compile(
    r"(?:\s|[^\w\s\])}>])[\[［【]\s*[^\W\d_]{0,12}\s*\d{1,3}\s*[\]］】]|\w[\[［【]\d{1,3}[\]］】]\s*[.。!?]"
)


def unfenced(text: str, *, whole: bool = True) -> str:
    """The text without a fence around all of it; one that only holds code is left as it is.

    A fence that says it is Markdown is taken off. One that says nothing is, if there are citations in its prose. So is
    one that is never closed. `whole` is False for a text still being written: where that can't be told yet, nothing of
    it is shown.
    """
    opening = _OPENING.match(text)
    if opening is None:
        return text
    info = opening["info"].strip().lower().split(" ")[0].strip("{}.")
    if info in _CODE:
        return text
    inside = text[opening.end() :]
    lines = inside.rstrip().split("\n")
    fence = opening["fence"]
    inner = [place for place, line in enumerate(lines) if re.match(rf"\s*{re.escape(fence)}[`~]*", line)]
    is_closed = bool(inner) and inner[-1] == len(lines) - 1 and lines[-1].strip(" \t`~") == ""
    if len(inner) % 2 == 0 and inner and not is_closed:
        pass  # fences inside it, and none that closes it yet
    elif len(inner) % 2 and not is_closed:
        return text  # something follows the fence: it is a part of the answer, not around it
    elif is_closed and len(inner) % 2 == 0:
        is_closed = False  # the last one closes an inner block
    body = "\n".join(lines[:-1]) if is_closed else inside
    if info in _MARKDOWN:
        return body
    if not whole:
        return ""
    return body if _PROSE_MARK.search(body) else text
