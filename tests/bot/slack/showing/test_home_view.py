"""App Home's blocks: whatever texts hold, they are valid, within Slack's limits, and mention nobody."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st
from slack_sdk.models.views import View

from bot.answering import Change
from bot.slack.showing.admin_view import decision_blocks, gap_blocks, health_blocks
from bot.slack.showing.home_view import PAGE_SIZE, change_blocks, notice_block, person_blocks
from db.answers import Gap, PastQuestion, ShownSource
from db.slack import Health

NOW = datetime(2026, 3, 1, tzinfo=UTC)
TEXTS = st.one_of(
    st.text(max_size=50),
    st.text(max_size=5).map(lambda piece: (piece or "&") * 3_000),
    st.sampled_from(["<!channel>", "<@U0EVE>", "<https://evil.example|here>", "@everyone", "*_~`"]),
)


def past(text: str | None, title: str, n_sources: int = 10, value: int = 0) -> PastQuestion:
    sources = tuple(ShownSource(f"c{n}", n, title, value, n, 1) for n in range(1, n_sources + 1))
    return PastQuestion(1, text, "C0HTTP", "public", text is not None, NOW, 1, sources)


def health(**failures: int) -> Health:
    return Health(3, NOW, True, None, 10, 100, 5, 1, 7, 0.5, failures)


@settings(max_examples=40, deadline=None)
@given(TEXTS, TEXTS, st.sampled_from([-1, 0, 1]))
def test_the_fullest_view_with_any_texts_is_within_the_limits(text: str, title: str, value: int) -> None:
    question = past(text, title, value=value)
    change = Change(question, question.sources, (title,) * 10)
    blocks = [
        notice_block(text),
        *person_blocks([question] * (PAGE_SIZE + 1), PAGE_SIZE, has_more=True),
        *change_blocks(5, [change] * 5),
        *decision_blocks(health(), list(range(5))),
        *health_blocks(health(**{title: 1})),
        *gap_blocks([Gap(2, text, NOW)] * 500),
    ]
    view = View(type="home", blocks=blocks)
    view.validate_json()
    shown = json.dumps([block.to_dict() for block in view.blocks or []], ensure_ascii=False)
    for forbidden in ("<!channel", "<@U0EVE", "<https", "@everyone"):
        assert forbidden not in shown
    assert len(shown) < 200_000


def test_a_press_says_what_shall_stand() -> None:
    [_, voted, *_] = person_blocks([past("Where?", "A title", 1, value=1)], 0, has_more=False)[1:]
    faces = {element["text"]["text"]: element["value"] for element in voted.to_dict()["elements"]}
    assert faces == {"[1] 👍 take back": "c1 0", "[1] 👎": "c1 -1"}


def test_what_others_asked_in_private_is_neither_quoted_nor_theirs_to_erase() -> None:
    shown = str([block.to_dict() for block in person_blocks([past(None, "A title")], 0, has_more=False)])
    assert "not asked in public" in shown and "home_erase_question" not in shown
    assert "home_page" not in shown


def test_nothing_asked_again_is_nothing_said() -> None:
    assert change_blocks(0, []) == []
    assert "the same documents" in str([block.to_dict() for block in change_blocks(2, [])])
