"""What isn't shown is one sentence: counts, and the names of what who asked is in."""

from __future__ import annotations

from bot.slack.showing import withheld_blocks, withheld_sentence


def test_many_audiences_are_one_sentence() -> None:
    counts = {"@leads": 3, "public": 2, "ada@example.com": 1, "#a": 1, "#b": 1}
    assert withheld_sentence(counts) == (
        "Not shown here: 3 documents of @leads, 2 documents of the workspace, 1 document of yours and 2 documents of "
        "others that you are among. Only you see this."
    )


def test_one_is_said_as_one_and_the_button_carries_the_question_alone() -> None:
    sentence = withheld_sentence({"#finance": 1})
    assert sentence == "Not shown here: 1 document of #finance. Only you see this."
    section, actions = (block.to_dict() for block in withheld_blocks(sentence, 7))
    assert section["text"]["text"] == sentence
    assert [element["value"] for element in actions["elements"]] == ["7"]
