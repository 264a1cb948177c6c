"""What a channel's people set is what holds there, and nowhere else."""

from __future__ import annotations

import sqlalchemy as sa

from db.schema import channel_setting
from db.slack.channel_settings import answers_in, set_answers


def test_a_channel_that_nobody_set_waits_for_mentions(engine: sa.Engine) -> None:
    assert answers_in(engine, "T1", "C1") == "mention"


def test_the_latest_word_counts_in_its_channel_alone(engine: sa.Engine) -> None:
    set_answers(engine, "T1", "C1", "always", "T1:U1")
    set_answers(engine, "T1", "C1", "off", "T1:U2")
    assert answers_in(engine, "T1", "C1") == "off"
    assert answers_in(engine, "T1", "C2") == answers_in(engine, "T2", "C1") == "mention"
    with engine.connect() as connection:
        assert connection.scalars(sa.select(channel_setting.c.changed_by)).all() == ["T1:U2"]
