"""Who holds more than a share is scaled down to it, and nobody gains."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from retrain.lesson.shares import cap_shares


def test_in_a_small_team_the_quietest_does_not_set_how_much_others_may_say() -> None:
    owners = ["ann"] * 50 + ["bob"] * 40 + ["cid"]
    assert cap_shares(owners, [1.0] * 91, 0.1) == [1.0] * 91


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 30), st.floats(0.01, 50)), min_size=1, max_size=80),
    st.floats(0.02, 0.9),
)
def test_no_owner_holds_more_than_the_cap_and_nobody_gains(pairs: list[tuple[int, float]], share: float) -> None:
    owners, weights = [owner for owner, _ in pairs], [weight for _, weight in pairs]
    capped = cap_shares(owners, weights, share)
    assert all(0 <= after <= before for before, after in zip(weights, capped, strict=True))
    allowed = max(share, 2 / len(set(owners))) * sum(capped)
    for owner in set(owners):
        assert sum(w for o, w in zip(owners, capped, strict=True) if o == owner) <= allowed * (1 + 1e-6)
