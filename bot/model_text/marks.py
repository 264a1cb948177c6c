"""The ways in which models write citations, in many notations and scripts: where and of what; pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from unicodedata import numeric

Ranges = list[tuple[int, int]]
"""The numbers of a citation, as first and last of each range."""

MASKS = re.compile("[\ue000\U000f0000-\U000ffffd]")
"""Private characters that stand for something while a text is read (see `invented`); what was written has none."""

CODE = re.compile(r"(```.*?(?:```|\Z)|`[^`\n]+`)", re.DOTALL)

_OPEN = r"[\[［【〔〖⟦❲〚]"
_CLOSE = r"[\]］】〕〗⟧❳〛]"
_SURE = (
    r"(?:sources?|src|passages?|citations?|excerpts?|snippets?|"
    r"quellen?|textstellen?|auszug|auszüge|extraits?|fuentes?|pasajes?|fonti|fontes?|passaggi?o?|passagens?|brani?o?|"
    r"trechos?|bron(?:nen)?|källa|källor|kilder?|lähde|lähteet|źródł[oa]|zdroje?|kaynak(?:lar)?|sumber|nguồn|"
    r"источники?|отрыв(?:ок|ки)|джерел[оа]|πηγ(?:ή|ές)|(?:信息)?来源|來源|出处|出處|出典|ソース|パッセージ|출처|(?:ال)?مصدر|(?:ال)?مصادر|"
    r"מקור(?:ות)?|स्रोत|แหล่งที่มา)"
)
_VAGUE = (
    r"(?:cite|ref(?:erence)?s?|docs?|documents?|chunks?|contexts?|results?|evidence|footnotes?|no|nr|belege?|dokumente?|"
    r"réf(?:érence)?s?|documentos?|referencias?|fragment[oi]?s?|documenti|документы?|фрагменты?|资料|資料|文档|文檔|文献|文獻|"
    r"段落|引用元?|参考|參考|文書|参照|자료|문서|참고)"
)
_LABEL = rf"(?:{_SURE}|{_VAGUE}){{1,2}}(?:[\s._-]{{0,2}}(?:id|no|nr|num(?:ber)?|index)(?![a-z]))?[\s._:：#№°=-]{{0,3}}"
_ITEM = rf"[\^@]?(?:{_LABEL})?[\^#@№]?\s?\d{{1,3}}\^?(?!\d)"
_RANGE = r"(?:[-‐-―−~〜～]|\.\.+|to|bis|à|до|至|到|から)"
_AND = r"(?:(?:and|und|et|y|e|en|og|och|и)\b|[和与與及とو및])"
_BETWEEN = rf"(?:\s*(?:{_RANGE}|[,，、;；؛،&＆+＋/|・](?:\s*{_AND})?|{_AND})\s*|\s+)"
# each item is read in one way only: in two, a hostile text of a hundred characters would take for ever
_NUMBERS = rf"(?>{_ITEM})(?:(?>{_BETWEEN}{_ITEM})){{0,20}}"
_NOTE = (
    r"(?:\s*(?::\d{1,3})?\s*†[^\]】\n]{0,80}|\s*[:：|]\s+[^\[\]【】\n]{1,80}|,\s*(?:pp?\.|S\.|§)[^\[\]\n]{1,30}"
    r"|\s+[–—]\s+[^\W\d][^\[\]\n]{0,80}|\s*\([^()\[\]\n]{1,80}\))?"
)
_TARGET = r"(?:\(\s*<?[^()\s<>]*>?(?:\s+\"[^\"\n]{0,80}\")?\s*\))?"

_SEE = r"(?:(?:see|cf\.?|from|per|via|siehe|vgl\.?|laut|voir|ver|zie|见|參見)\s+)?"

# a square, a cubic metre or a power is none
_NO_UNIT = r"(?<![\d^⁻⁺₀-₉])(?<!\b[a-zA-Z])(?<!\b[a-zA-Z]{2})"
_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹"

_MARK = re.compile(
    r"(?P<gap>[ \t]{0,8})"
    rf"(?=[\[［【〔〖⟦❲〚\\^(（<$⁽{_RAISED}])(?:"  # tells soon that there is none, which is so nearly everywhere
    rf"\^?\\?{_OPEN}\s{{0,3}}(?!0+\s?[-–]){_SEE}[*_]{{0,2}}(?P<bracketed>{_NUMBERS})[*_]{{0,2}}{_NOTE}\s{{0,3}}[,.;]?"
    rf"\\?{_CLOSE}{_TARGET}"
    rf"|{_OPEN}\s{{0,3}}(?={_SURE})(?P<titled>{_NUMBERS})\s{{0,3}}[-–—,(][^\[\]\n]{{1,80}}{_CLOSE}{_TARGET}"
    rf"|[(（]\s{{0,3}}{_SEE}(?=[*_]{{0,2}}{_SURE})(?P<named>{_NUMBERS}){_NOTE}\s{{0,3}}[)）]"
    rf"|{_NO_UNIT}<(?P<tag>sup|cite|ref|citation|source|footnote|a)\b[^<>\n]{{0,60}}>\s{{0,3}}\\?[\[(【（]?"
    rf"(?P<tagged>{_NUMBERS})\s{{0,3}}\\?[\])】）]?\s{{0,3}}</(?P=tag)>"
    r"|<document-[0-9a-f]{16}\s{1,3}number=\"(?P<copied>\d{1,3})\"\s?/?>"
    r"|<(?:passage|source|cite|ref|citation|doc(?:ument)?)\s[^<>\n=]{0,20}=\s?[\"']?(?P<attribute>\d{1,3})[\"']?"
    r"\s?(?:/>|>\s?</\w{1,12}>)"
    rf"|\\(?:cite[tp]?|textsuperscript|footnote(?:mark)?)\*?[{{\[](?P<latex>{_NUMBERS})[}}\]]"
    rf"|{_NO_UNIT}\$\^\{{?\[?(?P<power>{_NUMBERS})\]?\}}?\$"
    rf"|{_NO_UNIT}\^(?P<carets>{_NUMBERS})(?<=\^)"
    rf"|(?:(?<!\s)|(?<=[.,;:!?] )){_NO_UNIT}⁽?(?P<raised>[{_RAISED}]++(?:[,˒‚·⁻–-][{_RAISED}]++)*+)⁾?+"
    r"(?![(⁻⁺])"
    r")",
    re.IGNORECASE,
)
_KINDS = ("bracketed", "titled", "named", "tagged", "copied", "attribute", "latex", "power", "carets")
_LIKELY = re.compile(
    r"(?<=\S)(?P<gap>[ \t]{0,2})(?:(?P<round>(?:[(（{⟨〈]\d{1,2}(?:\s?[,，、]\s?\d{1,2}){0,9}[)）}⟩〉]\s?){1,5}(?<!\s))"
    r"|「(?P<quoted>\d{1,2})」|\[[A-Z](?P<lettered>\d{1,2})\]"
    r"|[\[［]?(?P<circled>[①-⑩❶-❿⓵-⓾⑴-⑽]+)[\]］]?)(?=[.!?。．！？…]|[ \t]*(?:\n|\Z))"
)
_COUNTED = re.compile(
    r"(?:\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|step|option|page|table|figure|section|level|phase|"
    r"point|item|room|line|eins?|eine[mnrs]?|zwei|drei|vier|fünf|une?|deux|trois|uno|dos|tres))[ \t]*\Z",
    re.IGNORECASE,
)
_SPOKEN = re.compile(rf"(?<!\w)({_SURE}\s{{1,2}})(\d{{1,2}})(?![\d\w.:-]*\d)(?!\s*(?:of|von|de|из)\b)", re.IGNORECASE)


def replace_marks(text: str, replace: Callable[[str, Ranges], str]) -> str:
    """Puts something in the place of each citation of a text without code; `replace` gets the space before it, too."""

    def put(mark: re.Match[str]) -> str:
        if mark["raised"]:
            return replace(mark["gap"], _ranges(_lowered(mark["raised"])))
        return replace(mark["gap"], _ranges(next(mark[kind] for kind in _KINDS if mark[kind])))

    return _MARK.sub(put, text)


def bring_out_likely_marks(text: str, given: int) -> str:
    """Makes [n] of what cites where a text has nothing clearer: (1), 「1」 or ① at a sentence's end, "source 1".

    Only where every number is one of 1..`given`, and doesn't count or name something.
    """

    def put(mark: re.Match[str]) -> str:
        numbers = [int(numeric(sign)) for sign in mark["circled"] or ""]
        numbers += map(int, re.findall(r"\d+", mark["round"] or mark["quoted"] or mark["lettered"] or ""))
        if not all(1 <= number <= given for number in numbers) or _COUNTED.search(text[: mark.start()][-20:]):
            return mark[0]
        return mark["gap"] + "".join(f"[{number}]" for number in numbers)

    def name(mark: re.Match[str]) -> str:
        return f"{mark[1]}[{int(mark[2])}]" if 1 <= int(mark[2]) <= given else mark[0]

    return _SPOKEN.sub(name, _LIKELY.sub(put, text))


def _ranges(numbers: str) -> Ranges:
    found: Ranges = []
    end = 0
    for number in re.finditer(r"\d+", numbers):
        between = re.sub(_LABEL, " ", numbers[end : number.start()], flags=re.IGNORECASE).strip(" \t\n^#@№")
        value = int(number[0])
        if found and re.fullmatch(_RANGE, between, re.IGNORECASE):
            found[-1] = (min(found[-1][0], value), max(found[-1][1], value))
        else:
            found.append((value, value))
        end = number.end()
    return found


def _lowered(raised: str) -> str:
    """As plain digits; there are no more than ten sources, so that ¹² are two."""
    digits = {ord(sign): str(digit) for digit, sign in enumerate(_RAISED)}
    plain = re.sub("[˒‚·]", ",", raised.translate(digits | {ord("⁻"): "-"}))
    return re.sub(r"\d{2,}", lambda number: number[0] if number[0] == "10" else ",".join(number[0]), plain)
