"""A fence around the whole answer is taken off; code is left as code."""

from __future__ import annotations

import pytest

from bot.model_text.fences import unfenced

GOOD = "You get 25 days [1]."


@pytest.mark.parametrize(
    "written",
    [
        f"```markdown\n{GOOD}\n```",
        f"```md\n{GOOD}\n```\n",
        f"````markdown\n{GOOD}\n````",
        f"~~~markdown\n{GOOD}\n~~~",
        f"```\n{GOOD}\n```",
        f"```text\n{GOOD}\n```",
        f"```answer\n{GOOD}\n```",
        f"```Markdown title=x\n{GOOD}\n```",
        f"```markdown\n{GOOD}",
        f"```\n{GOOD}",
        f" \n```markdown\n{GOOD}\n```",
    ],
)
def test_a_fence_around_all_of_it_is_taken_off(written: str) -> None:
    assert unfenced(written).strip() == GOOD


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        "```sh\nmake run\n```",
        "```python\nprint(a[1])\n```",
        "```\nmake run\nx = a[1]\n```",
        f"```\nmake run\n```\n{GOOD}",
        f"```markdown\n# Title\n```\n{GOOD}",
        f"{GOOD}\n```\nmake run\n```",
        "`code` [1]",
        "",
    ],
)
def test_what_holds_code_or_is_only_a_part_stays(text: str) -> None:
    assert unfenced(text) == text


def test_fences_inside_stay() -> None:
    inner = f"Run:\n```sh\nmake\n```\n{GOOD}"
    assert unfenced(f"```markdown\n{inner}\n```") == inner
    assert unfenced(f"```markdown\n{inner}").strip() == inner


def test_under_way_nothing_is_shown_that_may_be_inside_of_one() -> None:
    written = f"```\n{GOOD}\n```"
    assert {unfenced(written[:length], whole=False) for length in range(3, len(written))} == {""}
    assert unfenced("```markdown\nYou get", whole=False) == "You get"
