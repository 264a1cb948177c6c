"""Comments of what pages are made with: Liquid, Hugo, kramdown, Jinja, CriticMarkup, Obsidian; pure."""

from __future__ import annotations

_KINDS = (
    ("liquid", r"\{%-?\s{0,9}comment\b[^%\n]{0,40}%\}", r"\{%-?\s{0,9}endcomment\s{0,9}-?%\}"),
    ("hugo", r"\{\{[<%]\s{0,9}comment\s{0,9}[%>]\}\}", r"\{\{[<%]\s{0,9}/\s{0,9}comment\s{0,9}[%>]\}\}"),
    ("kramdown", r"\{::comment\}", r"\{:/(?:comment)?\}"),
    ("jinja", r"\{#(?=[\s-])", r"#\}"),
    ("critic", r"\{>>", r"<<\}"),
    ("obsidian", r"(?<![\w%])%%(?=[^%`]{1,1000}%%(?![\w%]))", r"%%"),
    ("obsidian_block", r"(?m:^[ \t>]*%%[ \t]*$)", r"(?m:%%[ \t]*$)"),
)
MAY_STAND = r"\{[%{:#>]|%%"
"""What a text has that has any of them."""

OPENED = "|".join(f"(?P<{name}>{opened})" for name, opened, _ in _KINDS)
"""Where one begins; the group's name is its kind."""

ENDS = {name: end for name, _, end in _KINDS}
"""What ends it; what is never ended is no comment, as `100 %% of it`."""
