"""How models mark their thoughts and the ends of their turns: the notations that were met, as patterns; pure."""

from __future__ import annotations

import re

_THOUGHT = (
    r"(?:[\w-]{1,20}[:_])?(?:ant)?(?:think(?:ing)?|thoughts?|(?:thought|thinking)[_ -]process|reasoning[_ -]?"
    r"(?:content|process|steps?)?|reflect(?:ion)?|analysis|scratchpad|(?:inner|internal)[_ -]?(?:monologue|thoughts?)|"
    r"monologue|chain[_ -]of[_ -]thought|cot|deliberation|cot_budget_reflect)"
)
# in a handbook these are placeholders, unless they are closed
_LIKE_A_PLACEHOLDER = (
    r"(?:reason|plan|planning|draft|critique|verification|brainstorm(?:ing)?|pondering|internal|hidden)"
)
_WORDS = r"(?:[\w/▁ ]*[_▁ /]|/|(?:start|begin|end)(?:of)?)?(?:think(?:ing)?|thoughts?|reasoning)(?:[_▁ ]\w+)?"
_TAG = (
    rf"(?:\\?[<＜‹]|&lt;)\s*(?P<slash>\\?/)?\s*{_THOUGHT}(?:[\s:_][^<>＜＞\n]{{0,200}})?/?(?:\\?[>＞›]|&gt;)"
    r"|\[(?P<slash_in_brackets>/)?(?:think(?:ing)?|thoughts?|reasoning)\](?!\()"
    r"|◁(?P<slash_in_triangles>/)?think▷"
    rf"|<[|｜](?P<words>{_WORDS})[|｜]>"
    rf"|<(?P<slash_of_pair>/)?{_LIKE_A_PLACEHOLDER}>(?(slash_of_pair)|(?=.*</{_LIKE_A_PLACEHOLDER}>))"
    r"|<\|channel>\s*thought|<unused94>\s*(?:thought)?|(?P<end><channel\|>|<unused95>)"
)
_TURN = (
    r"<[|｜][^<>|｜\n]{1,40}[|｜]>|\[\|[\w ]{1,30}\|\]|\[/?INST\]|<</?SYS>>|<s>|</s>|\[(?:EOS|BOS|PAD)\]"
    r"|</?(?:bos|eos|pad|unk|eot|eod|start_of_turn|end_of_turn|endoftext|end_of_text|turn\|?|\|turn)>|<turn\|>|<\|turn>"
    r"|\n\n(?:Human|#{2,4} (?:Human|User|Instruction|Assistant))\s?:"
)

CODE = r"```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z)|(?P<ticks>`{1,2})(?!`)[^\n]{1,400}?(?<!`)(?P=ticks)(?!`)"
"""A pattern for `re.DOTALL`."""

TAG = re.compile(_TAG, re.IGNORECASE)
TAG_TOKEN_OR_CODE = re.compile(f"(?P<code>{CODE})|{_TAG}|(?P<token>{_TURN})", re.IGNORECASE | re.DOTALL)
UNPAIRED = re.compile(rf"<{_LIKE_A_PLACEHOLDER}>", re.IGNORECASE)
"""In a text that is still being written, what follows may be a thought."""
ROLE = re.compile(r"\s*(?:assistant|model|bot)\b[ \t]*:?\s*", re.IGNORECASE)
BARE_ROLE = re.compile(r"\A\s*(?:assistant|model)\s*\n+", re.IGNORECASE)
HARMONY = re.compile(r"<\|(start|channel|message|constrain|end|return|call)\|>")
SPOILT_HARMONY = re.compile(
    r"\A\s*(?:assistant\s?)?(?:analysis|commentary)(?=[A-Z\s]).*?assistant\s?(?:final\s*|(?=commentary))", re.DOTALL
)
ASIDE = re.compile(
    r"\A\s*(?:<s>\s*)?\[INST\].*?(?:\[/INST\]|\Z)"
    r"|<\|im_start\|>\s*(?:think|thinking|thought|reasoning|analysis)\b.*?(?:<\|im_end\|>|\Z)"
    r"|<details\b[^<>]{0,200}\breasoning\b[^<>]{0,200}>.*?(?:</details>|\Z)",
    re.IGNORECASE | re.DOTALL,
)
"""An echo of the question, a turn of thoughts, and what a page would fold away."""
LABELLED = re.compile(
    r"\A[\s*_#]*(?:thinking|thoughts?|reasoning|analysis|thought process|chain of thought)[*_]*\s?:.*"
    r"\n[\s*_#]*(?:final\s)?(?:answer|response)[*_]*\s?:[*_]*",
    re.IGNORECASE | re.DOTALL,
)
WRAPPED = re.compile(r"\A\s*<(answer|final_?answer|final|response|output|solution)>(.*)\Z", re.IGNORECASE | re.DOTALL)
MAY_BECOME_A_TAG = re.compile(
    rf"(?:\\?[<＜‹][^<>＜＞\n]{{0,30}}"
    rf"|<details\b[^<>]{{0,400}}|\n\n(?:Hu?m?a?n?|#{{1,4}}[ \w]{{0,14}})?:?|\\|[<＜][|｜][^<>\n]{{0,42}}"
    rf"|[<＜]\s*\\?/?\s*{_THOUGHT}[\s:_][^<>＜＞\n]{{0,200}}"
    r"|<\|channel>\s*\w{0,7}|<unused94>\s*\w{0,7}|&(?:l(?:t(?:;[^&\n]{0,40}(?:&(?:gt?)?)?)?)?)?|\[/?\|?[a-z]{0,30}\|?"
    r"|◁[^▷\n]{0,8}|[`~]{1,3})\Z",
    re.IGNORECASE,
)
"""The end of a text that is still being written."""

_HEADS = ("assistant", "model", "bot", "final", "analysis", "commentary", "``")
_THINKING_STARTS = tuple(
    "okay|ok,|ok so|alright|all right|hmm|hm,|let me|let's|let us|first,|first i|so |so,|well,|wait|now,|now i|i need|"
    "i should|i have to|i must|i'll |i will|i think|i can see|i see|i'm |i am |we need|we have|we are|we can|we should|"
    "we must|the user|user |user's|user:|the question|the query|this question|looking at|looking through|to answer|"
    "thinking|thought|got it|analysis|analyze|analyzing|need to|given the|they ask|they want|the person|someone|"
    "passage|the passage|from the passages|here's a thinking|here is a thinking|here's my|also,|oh,|ah,|right,|good,|"
    "assistantanalysis|reasoning:|chain of thought|"
    "1. **analyze|step 1|zuerst|der nutzer|nutzer|also |d'accord|l'utilisateur|bien,|el usuario|vale,|首先|好的|好，|"
    "嗯|用户|我需要|我们|让我|现在|まず|ユーザー|사용자|질문|먼저|хорошо|так,|пользователь".split("|")
)


def is_closing(tag: re.Match[str]) -> bool:
    """Whether a tag ends a thought."""
    if tag["slash"] or tag["slash_of_pair"] or tag["slash_in_brackets"] or tag["slash_in_triangles"] or tag["end"]:
        return True
    return re.search(r"end|close|stop|/", tag["words"] or "", re.IGNORECASE) is not None


def may_be_a_head(text: str) -> bool:
    """Whether all there is so far may be a role's, channel's or fence's name, which is no part of what is said."""
    head = text.strip().lower().rstrip(":")
    return any(name.startswith(head) for name in _HEADS)


def begins_like_a_thought(text: str) -> bool:
    """Whether a text begins as models think aloud, or may yet: then its opening tag may be lost."""
    head = text.lstrip(" \n*_#>\"'“").lower().replace("’", "'")
    return any(
        head.startswith(begin) or (len(head) < len(begin) and begin.startswith(head)) for begin in _THINKING_STARTS
    )
