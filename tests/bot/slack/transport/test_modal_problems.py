"""What is wrong with a modal is one sentence beside its field, whoever raised it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from bot.slack.transport.modal_problems import NOT_STORED, ModalProblem, shown_in_modal
from db.errors import BadInputError, UnknownIdError, VoteRefusedError
from db.store import failure_counts


@pytest.mark.parametrize("kind", [BadInputError, UnknownIdError, VoteRefusedError])
def test_a_sentence_for_the_person_is_shown_as_it_is(engine: sa.Engine, kind: type[Exception]) -> None:
    with pytest.raises(ModalProblem) as raised, shown_in_modal(engine, "reason"):
        raise kind("There is no such document." + "\x00" + " …" * 300)
    [(block, sentence)] = raised.value.errors.items()
    assert block == "reason" and sentence.startswith("There is no such document. …") and len(sentence) <= 300
    assert failure_counts(engine) == {}


def test_anything_else_is_counted_and_not_shown(engine: sa.Engine) -> None:
    with pytest.raises(ModalProblem) as raised, shown_in_modal(engine, "reason"):
        raise KeyError("what a person wrote")
    assert raised.value.errors == {"reason": NOT_STORED}
    assert failure_counts(engine) == {"KeyError": 1}
