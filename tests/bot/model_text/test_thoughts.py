"""Models think aloud in many notations; people hear what is said, and never the beginning of a thought."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model_text.thoughts import spoken_part

SAID = "You get **25 days** [1].\n\n- More with age [2]"
THOUGHT = "Let me look. ZQ passage [2] is ZQ about `sick leave`, 3 < 5, and [1] says 25 ZQ."

OPENED = [
    ("<think>", "</think>"),
    ("<think>\n", "\n</think>\n\n"),
    ("<Think>", "</Think>"),
    ("<THINK>", "</THINK>"),
    ("<think >", "</think >"),
    ('<think type="x" budget="3">', "</think>"),
    ("< think >", "< / think >"),
    ("<think>", "<\\/think>"),
    ("<thinking>", "</thinking>"),
    ("<think>", "</thinking>"),
    ("<thought>", "</thought>"),
    ("<thoughts>", "</thoughts>"),
    ("<thought_process>", "</thought_process>"),
    ("<reasoning>", "</reasoning>"),
    ("<reasoning_content>", "</reasoning_content>"),
    ("<reflection>", "</reflection>"),
    ("<analysis>", "</analysis>"),
    ("<scratchpad>", "</scratchpad>"),
    ("<inner_monologue>", "</inner_monologue>"),
    ("<antThinking>", "</antThinking>"),
    ("<seed:think>", "</seed:think>"),
    ("<longcat_think>", "</longcat_think>"),
    ("<reason>", "</reason>"),
    ("<plan>\n", "\n</plan>\n"),
    ("<critique>", "</critique>"),
    ("＜think＞", "＜/think＞"),
    ("‹think›", "‹/think›"),
    ("\\<think\\>", "\\</think\\>"),
    ("<|startofthink|>", "<|endofthink|>"),
    ("<|reasoning_start|>", "<|reasoning_end|>"),
    ("<|im_start|>think\n", "<|im_end|>\n<|im_start|>assistant\n"),
    ('<details type="reasoning" done="true" duration="3">\n<summary>ZQ</summary>', "</details>\n"),
    ("**Thinking:** ", "\n\n**Final answer:** "),
    ("Thought: ", "\nAnswer: "),
    ("[INST] ", " [/INST] "),
    ("&lt;think&gt;", "&lt;/think&gt;"),
    ("[THINK]", "[/THINK]"),
    ("[think]", "[/think]"),
    ("◁think▷", "◁/think▷"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
    ("<|START_THINKING|>", "<|END_THINKING|>"),
    ("<|thinking|>", "<|/thinking|>"),
    ("<｜begin▁of▁thinking｜>", "<｜end▁of▁thinking｜>"),
    ("<|channel>thought\n", "<channel|>"),
    ("<unused94>thought\n", "<unused95>"),
    ("<|channel|>analysis<|message|>", "<|end|><|start|>assistant<|channel|>final<|message|>"),
    ("<|channel|>analysis<|message|>", "<|channel|>final<|message|>"),
    (
        "<|start|>assistant<|channel|>analysis<|message|>",
        "<|end|><|start|>assistant<|channel|>final <|constrain|>x<|message|>",
    ),
]
UNOPENED = ["</think>", "\n</think>\n\n", "</thinking>", "[/THINK]", "◁/think▷", "<|end_of_thought|>"]
UNOPENED += ["<|end|><|start|>assistant<|channel|>final<|message|>"]
ENDS = ["", "<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|end_of_text|>", "</s>", "<eos>", "<end_of_turn>", "[/INST]"]
ENDS += ["<|assistant|>", "<｜end▁of▁sentence｜>", "<|return|>", "<|end|>", "<|END_OF_TURN_TOKEN|>", "[|endofturn|]"]
ENDS += ["<|im_end|>\n<|im_start|>user\nAnd ZQ?<|im_end|>\n<|im_start|>assistant\nZQ", "</s>[INST] ZQ [/INST]"]
ENDS += [
    "<end_of_turn>\n<start_of_turn>user\nZQ",
    "<｜User｜>ZQ",
    "<|eot_id|><|start_header_id|>user<|end_header_id|>ZQ",
]
ENDS += ["\n\nHuman: ZQ\n\nAssistant: ZQ", "\n\n### Instruction:\nZQ"]
STARTS = ["", "\ufeff", " \n", "<s>", "<|im_start|>assistant\n", "<|start_header_id|>assistant<|end_header_id|>\n\n"]
STARTS += ["<start_of_turn>model\n", "<｜Assistant｜>", "assistant\n\n"]


@pytest.mark.parametrize(("opening", "closing"), OPENED)
def test_thoughts_are_not_said(opening: str, closing: str) -> None:
    assert spoken_part(f"{opening}{THOUGHT}{closing}{SAID}").text == SAID


@pytest.mark.parametrize("closing", UNOPENED)
def test_nor_are_those_whose_opening_is_lost(closing: str) -> None:
    assert spoken_part(f"{THOUGHT}{closing}{SAID}").text == SAID


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (SAID, SAID),
        (f"<think></think>{SAID}", SAID),
        (f"<think/>{SAID}", SAID),
        (f"<think>a</think><think>{THOUGHT}</think>{SAID}", SAID),
        (f"<think>a<think>b</think>{THOUGHT}</think>{SAID}", SAID),
        (f"Sure.\n<think>{THOUGHT}</think>\n\n{SAID}", f"Sure.\n\n{SAID}"),
        (f"One [1]. <think>{THOUGHT}</think>Two [2].", "One [1]. Two [2]."),
        (f"<think>use `foo {THOUGHT}</think>{SAID}", SAID),
        (f"<think>```\ncode {THOUGHT}</think>{SAID}", SAID),
        (f"<think>{THOUGHT}", ""),
        (f"Sure.\n<think>{THOUGHT}", "Sure."),
        (f"<think>{THOUGHT}</think>", ""),
        (f"<think>{THOUGHT}</think><answer>{SAID}</answer>", SAID),
        (f"<|begin_of_thought|>{THOUGHT}<|end_of_thought|><|begin_of_solution|>{SAID}<|end_of_solution|>", SAID),
        (f"<|START_THINKING|>{THOUGHT}<|END_THINKING|><|START_RESPONSE|>{SAID}<|END_RESPONSE|>", SAID),
        (f"analysisWe need ZQ.assistantfinal{SAID}", SAID),
        (f"assistantanalysis ZQ\nassistant final {SAID}", SAID),
        (f"<think>{THOUGHT}</think>{SAID}</think>", SAID),
        (f"{THOUGHT}</think>{SAID}\n</think>\n", SAID),
        (f"final<|message|>{SAID}<|return|>", SAID),
        (
            f"<|channel|>analysis<|message|>{THOUGHT}<|end|><|start|>assistant<|channel|>commentary<|message|>ZQ<|end|>",
            "",
        ),
        (f"```markdown\n<think>{THOUGHT}</think>\n{SAID}\n```", SAID),
        (f"```markdown\n{SAID}\n```", SAID),
    ],
)
def test_thoughts_anywhere(written: str, said: str) -> None:
    assert spoken_part(written).text == said


@pytest.mark.parametrize(
    "text",
    [
        "Write `<think>` first, then `</think>` [1].",
        "Write ``<think>`` [1].",
        "```xml\n<think>\n  a\n</think>\n```\nThat is how [1].",
        "That is how [1]:\n\n```\n<|im_end|>\n```",
        "The token `</s>` ends it [1].",
        "From 3 < 5 and 7 > 2 it follows [1].",
        "`/leave <reason>` or /leave <reason> [1].",
        "[think](https://example.com) about it [1].",
        "It was <s>three</s> four days [1].",
        "Think first [1]. I <b>think</b> so.",
        "Press <Enter> [1].",
        "```sh\nmake run\n```",
    ],
)
def test_what_only_looks_like_it_stays(text: str) -> None:
    assert spoken_part(text).text == text


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("end", ENDS)
def test_a_template_s_tokens_and_further_turns_are_not_said(start: str, end: str) -> None:
    spoken = spoken_part(f"{start}{SAID}{end}")
    assert spoken.text == SAID
    assert spoken.ended is bool(end)


def test_it_is_told_that_a_thought_came_unopened() -> None:
    assert spoken_part(f"{THOUGHT}</think>{SAID}").unopened
    assert not spoken_part(f"<think>{THOUGHT}</think>{SAID}").unopened
    assert not spoken_part(SAID).unopened


ALL = [f"{start}{opening}{THOUGHT}{closing}" for start in STARTS for opening, closing in OPENED]
ALL += [f"{THOUGHT}{closing}" for closing in UNOPENED]


@given(st.sampled_from(ALL), st.sampled_from(ENDS), st.integers(0, 400))
def test_what_is_shown_under_way_is_a_beginning_of_what_is_said(thought: str, end: str, length: int) -> None:
    written = f"{thought}{SAID}{end}"
    shown = spoken_part(written[:length], whole=False)
    assert "ZQ" not in shown.text
    assert SAID.startswith(shown.text)


@given(st.sampled_from(UNOPENED), st.text(alphabet="Zq .\n", max_size=40), st.integers(0, 120))
def test_whoever_leaves_out_the_opening_once_is_shown_when_the_thought_is_closed(
    closing: str, thought: str, length: int
) -> None:
    written = f"{thought}{closing}{SAID}"
    assert SAID.startswith(spoken_part(written[:length], whole=False, wary=True).text)


PARTS = ["<think>", "</think>", "<", ">", "/", "think", "`", "```", "\n", "[", "]", "[1]", " ", "a.", "<|", "|>"]
PARTS += ["<|channel|>", "<|message|>", "final", "analysis", "</s>", "◁", "&lt;", "<|im_end|>", "markdown", "~~~"]
PARTS += ["<plan>", "</plan>"]


@given(st.lists(st.sampled_from(PARTS), max_size=30).map("".join))
def test_nothing_that_is_written_makes_it_fail(written: str) -> None:
    said = spoken_part(written).text
    spoken_part(written, whole=False)
    assert len(said) <= len(written)


@pytest.mark.parametrize("piece", PARTS)
def test_hostile_text_takes_no_time(piece: str) -> None:
    started = time.process_time()
    for whole in (True, False):
        spoken_part(piece * (6_000 // len(piece)), whole=whole)
    assert time.process_time() - started < 1
