"""What Slack can't do is asked for once: in the workspace, or in one kind of conversation."""

from __future__ import annotations

from bot.slack.asking.support import Support
from bot.slack.transport import NotAvailableError, NotHereError, SlackRefusedError


def test_what_the_workspace_lacks_is_lacked_everywhere() -> None:
    support = Support()
    assert support.has("streams", "C1")
    support.learn("streams", "C1", NotAvailableError("unknown_method"))
    assert not support.has("streams", "C1") and not support.has("streams", "C2")
    assert support.has("statuses", "C1")


def test_what_a_conversation_lacks_others_may_have() -> None:
    support = Support()
    support.learn("streams", "D1", NotHereError("channel_type_not_supported"))
    assert not support.has("streams", "D1") and support.has("streams", "C1")


def test_other_failures_say_nothing_of_the_next_time() -> None:
    support = Support()
    support.learn("streams", "C1", SlackRefusedError("ratelimited"))
    support.learn("streams", "C1", TimeoutError())
    assert support.has("streams", "C1")
