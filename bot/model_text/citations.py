"""Checks what a model wrote against what it was given: real citations stay, invented ones and foreign links go."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from bot.model_text.fences import unfenced
from bot.model_text.marks import CODE, MASKS, Ranges, bring_out_likely_marks, replace_marks

_RUN = re.compile(r"\[\d+\](?:[ \t]*\[\d+\])+")
_SPAN = re.compile(r"\[(\d{1,3})\]\s?[-–—~～]\s?\[(\d{1,3})\]")
_ONLY_MARKS = r"((?:\[\d+\][ ,;]{0,2})+)"
_AROUND_MARKS = (
    re.compile(rf"<(?:sup|cite|ref|citation|source|footnote|a)\b[^<>\n]{{0,80}}>\s?{_ONLY_MARKS}</\w{{1,12}}>"),
    re.compile(rf"\[\s?{_ONLY_MARKS}\](?:\([^()\s]*\))?"),
    re.compile(rf"\$\s?{_ONLY_MARKS}\$"),
)
_LABEL_AND_TARGET = (
    r"\[(?P<label>(?:[^\[\]]|\[[^\[\]]{0,80}\]){0,300})\]"
    r"\(\s*<?(?P<url>[^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*){0,3})>?(?:\s+[\"'(][^)\n]{0,300})?\s*\)"
)
_IMAGE = re.compile("!" + _LABEL_AND_TARGET)
_LINK = re.compile(_LABEL_AND_TARGET)
_DEFINITION = re.compile(r"^([ \t>*+\-\d.)]*\[[^\]\n]*\]):", re.MULTILINE)
_URL = re.compile(
    r"<[a-z][a-z0-9+.-]{1,31}:[^\s<>]*>|\b(?:[a-z][a-z0-9+.-]{1,15}://|www\.)[^\s<>()\[\]{}\"'`|]+", re.IGNORECASE
)
_UNFINISHED = re.compile(
    r"(?:!?\\?[\[［【〔〖⟦❲〚][^\]］】〕〗⟧❳〛\n]{0,300}|!?\[[^\]\n]{0,300}\]\([^)\n]{0,2000}|\b(?:[a-z]+:/{0,2}|www\.)\S{0,2000}"
    r"|[(（][^()（）\n]{0,30}|<[^<>\n]{0,60}|<(?:sup|cite|ref|citation|source|footnote)\b[^<>\n]{0,60}>[^<>\n]{0,40}(?:</?[a-z]*)?|\\[a-z]{0,20}(?:\{[^{}\n]{0,40})?|[\^$][^\s]{0,12}|[⁰¹²³⁴-⁹][⁰¹²³⁴-⁹,˒‚·⁻–-]*)\Z",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class CheckedText:
    """Markdown whose every [n] names a source, and those numbers in the order of their first mention."""

    text: str
    cited: tuple[int, ...]


def check_text(text: str, given: int, links: Collection[str] = (), *, is_unfenced: bool = False) -> CheckedText:
    """Brings the ways in which models cite to [n], and takes out what they made up.

    [1, 2], [1-3], [^1], [Source 1], 【1†…】, ¹ and [1](link) become [1][2] and so on (see `marks`); numbers outside
    1..`given` go. Links and images lead nowhere afterwards, unless to one of `links`: their words stay, and of an
    address its host and path, as code. Code is left as it is; nothing in it counts as a citation. A fence around all
    of it goes, unless it was taken off before: then one at the beginning is code that the answer begins with.
    """
    text = MASKS.sub("", text)
    parts = CODE.split(text if is_unfenced else unfenced(text))
    parts[::2] = [_with_real_marks(part, given) for part in parts[::2]]
    if not cited_numbers("".join(parts)):
        parts[::2] = [bring_out_likely_marks(part, given) for part in parts[::2]]
    parts[::2] = [_without_foreign_links(part, links) for part in parts[::2]]
    checked = "".join(parts).strip()
    return CheckedText(checked, cited_numbers(checked))


def cited_numbers(text: str) -> tuple[int, ...]:
    """The numbers that a checked text cites, each once, in the order of their first mention."""
    prose = "".join(CODE.split(text)[::2])
    return tuple(dict.fromkeys(int(number) for number in re.findall(r"\[([0-9]{1,3})\]", prose)))


def given_numbers(ranges: Ranges, given: int) -> list[int]:
    """The numbers of a citation, of those that exist: 1..`given`."""
    wanted = [number for first, last in ranges for number in range(max(first, 1), min(last, given) + 1)]
    return list(dict.fromkeys(wanted))


def without_marks(text: str) -> str:
    """Rewrites a document's own [3] to (3), so that it can't pass for a citation of ours; code is left as it is."""

    def plain(gap: str, ranges: Ranges) -> str:
        numbers = (str(first) if first == last else f"{first}-{last}" for first, last in ranges)
        return f"{gap}({', '.join(numbers)})"

    parts = CODE.split(text)
    parts[::2] = [replace_marks(part, plain) for part in parts[::2]]
    return "".join(parts)


def finished_part(text: str) -> str:
    """A text that is still being written, without a citation, link or address at its end that isn't complete."""
    return _UNFINISHED.sub("", text)


def _with_real_marks(text: str, given: int) -> str:
    def real(gap: str, ranges: Ranges) -> str:
        kept = "".join(f"[{number}]" for number in given_numbers(ranges, given))
        return gap + kept if kept else ""

    def span(ends: re.Match[str]) -> str:
        numbers = given_numbers([(int(ends[1]), int(ends[2]))], given)
        return "".join(f"[{number}]" for number in numbers) or ends[0]

    marked = _SPAN.sub(span, replace_marks(text, real))
    for around in _AROUND_MARKS:
        marked = around.sub(r"\1", marked)
    return _RUN.sub(_once_each, marked)


def _once_each(run: re.Match[str]) -> str:
    return "".join(dict.fromkeys(re.findall(r"\[\d+\]", run[0])))


def _without_foreign_links(text: str, links: Collection[str]) -> str:
    def words(link: re.Match[str]) -> str:
        label, url = link["label"], link["url"]
        if url in links:
            return f"[{label}]({url})"
        return f"{label} ({_as_code(url)})" if url.startswith(("http://", "https://")) else label

    def plain(url: re.Match[str]) -> str:
        if url[0].startswith("<"):
            return url[0] if url[0][1:-1] in links else f"<{_as_code(url[0][1:-1])}>"
        address = url[0].rstrip(".,;:!?*_")
        return url[0] if address in links else _as_code(address) + url[0][len(address) :]

    text = _IMAGE.sub(lambda image: image["label"], text)
    text = _DEFINITION.sub(r"\1 :", _LINK.sub(words, text))
    allowed = "|".join(re.escape(link) for link in links) or "(?!)"
    # addresses in code are done, allowed links stay, and whatever else could still be a link is broken
    pieces = re.split(rf"(`[^`\n]+`|\]\((?:{allowed})\))", text)
    pieces[::2] = [_URL.sub(plain, piece).replace("](", "] (") for piece in pieces[::2]]
    return "".join(pieces)


def _as_code(url: str) -> str:
    """Host and path only, where nobody's client makes a link of it: what follows could carry something out."""
    return f"`{re.sub(r'^[a-zA-Z][a-zA-Z0-9+.-]*://', '', re.split(r'[?#`]', url)[0])}`"
