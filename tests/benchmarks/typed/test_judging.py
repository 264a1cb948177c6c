"""An answer is judged by what it says to whoever reads it from the top."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.typed.judging import Typed, judge, plain_text, read_typed

FAILOVER = Typed(
    "fail over prod",
    "environment",
    ("production.md",),
    right=(("Fence the old primary", "fence it"), ("promote-replica",)),
    misleads=("--cluster staging",),
    partly=("Page Platform Engineering",),
)
FENCE, PROMOTE, STAGING = "> 1. **Fence** the old primary.", "> 2. `promote-replica`", "> `x --cluster staging`"


@pytest.mark.parametrize(
    ("lines", "verdict"),
    [
        ([FENCE, PROMOTE], "right"),
        (["> First fence it, then promote-replica."], "right"),
        ([FENCE, PROMOTE, "", STAGING], "partly"),
        ([STAGING, "", FENCE, PROMOTE], "wrong"),
        ([FENCE], "partly"),
        (["> Page Platform Engineering."], "partly"),
        (["> Page Platform Engineering.", STAGING], "wrong"),
        (["**Fence the old primary: promote-replica** [1]", "", "> Never on a Friday."], "wrong"),
        (["> Don't promote-replicas, fence items"], "wrong"),
        (["Fence the old primary, then promote-replica [1]."], "right"),
    ],
)
def test_verdicts(lines: list[str], verdict: str) -> None:
    assert judge(FAILOVER, "\n".join(lines)) == verdict


def test_marks_and_quotation_marks_make_no_difference() -> None:
    assert plain_text("Choose **“lost\n receipt”**, see [`that page`](a.md) \\* it’s") == (
        'choose "lost receipt", see that page it\'s'
    )


def test_a_set_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "typed.jsonl"
    path.write_text('{"question": "a", "kind": "id", "documents": ["a.md"], "right": [["b", "c"], ["d"]]}\n')
    assert read_typed(path) == [Typed("a", "id", ("a.md",), (("b", "c"), ("d",)))]
