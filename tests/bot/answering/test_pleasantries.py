"""What asks nothing, in many languages; and that no question is taken for it."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest

from bot.answering.pleasantries import SmallTalk, small_talk

SAID: dict[SmallTalk, tuple[str, ...]] = {
    "thanks": (
        *(
            "thanks!",
            "Thank you so much",
            "thx",
            "ty :)",
            "ok cool",
            "got it",
            "ok, got it.",
            "thaaanks",
            "perfect, thanks",
        ),
        *(
            "thank you for your help",
            "Thanks for the quick answer!",
            "that's great",
            "that’s helpful, thanks",
            "all good",
        ),
        *(
            "merci",
            "Merci beaucoup !",
            "danke",
            "Vielen Dank",
            "muchas gracias",
            "grazie mille",
            "obrigada",
            "tack så mycket",
        ),
        *(
            "ありがとうございます！",
            "谢谢",
            "감사합니다",
            "спасибо",
            "شكرا",
            "never mind",
            "good night",
            "yes",
            "no",
            "lgtm",
        ),
        *(
            ":thumbsup:",
            ":+1::skin-tone-2:",
            "👍🏽",
            "❤️",
            "👨\u200d👩\u200d👧",
            ":tada: super",
            "+1",
            ":)",
            "<3",
            "🙏 🙏",
        ),
    ),
    "greeting": (
        "hi",
        "Hello!",
        "hey there",
        "hiii",
        "good morning team",
        "Guten Tag",
        "Buenos días",
        "bonjour",
        "こんにちは",
        "hola",
    ),
    "help": ("help", "Help!", "help?", "/help", "help me please", "I need help", "?", "??", "hilfe", "aide", "ayuda"),
}


@pytest.mark.parametrize(("text", "kind"), [(text, kind) for kind, texts in SAID.items() for text in texts])
def test_what_asks_nothing(text: str, kind: SmallTalk) -> None:
    assert small_talk(text) == kind


@pytest.mark.parametrize(
    "text",
    [
        *(
            "help with my VPN",
            "help desk hours",
            "how do I get help",
            "thanks, and how do I reset it?",
            "thanks but where",
        ),
        *(
            "hi, where do I park",
            "is it done",
            "is this good?",
            "VPN",
            "holiday",
            "ok google",
            "cool down period",
            "42",
        ),
        *("danke, und sonntags?", "and on Sundays?", "why", "what", "no smoking", "works council", "good faith clause"),
        *("you", "the team", "2026", "…", "", "会议", "yes or else what", "thank you letter template", "sick note"),
    ],
)
def test_what_may_be_a_question(text: str) -> None:
    assert small_talk(text) is None


def test_no_question_of_the_sample_corpus_is_small_talk() -> None:
    lines = (files("nightshift") / "corpus" / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    assert not [line for line in lines if small_talk(json.loads(line)["prompt"])]
