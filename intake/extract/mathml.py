"""Mathematics of HTML as one would write it on a line: MathML's own text, once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bs4 import Tag
from bs4.element import PageElement

from intake.extract.raised import as_characters

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

_UNSAID = dict.fromkeys(map(ord, "\u2061\u2062\u2063\u2064\u200b"))
_NEVER_SHOWN = frozenset(("annotation", "annotation-xml", "mphantom", "none", "mprescripts"))
_ACCENTS = dict(zip("^ˆ~˜¯‾→⃗.˙¨", "\u0302\u0302\u0303\u0303\u0304\u0304\u20d7\u20d7\u0307\u0307\u0308", strict=True))
_MOST_WRAPS = 3
_MOST_DEEP = 100


def write_mathematics(soup: BeautifulSoup) -> None:
    """Each formula becomes its text: x², (a+b)/2, √x, ∑_(i=1)^n. Its source, and its likeness for the eye, go."""
    for formula in soup.find_all("math"):
        text = _say(formula, 0).strip() or str(formula.get("alttext", ""))
        place, likenesses = _likenesses(formula)
        for likeness in likenesses:
            likeness.extract()
        if formula.get("display") == "block":
            before, after = str(place.previous_sibling or ""), str(place.next_sibling or "")
            text = " " * before[-1:].isalnum() + text + " " * after[:1].isalnum()
        # in its place: to replace a tag takes as long as its parent has children
        place.clear()
        place.append(text)
        place.name, place.attrs = "span", {}


def _likenesses(formula: Tag) -> tuple[Tag, list[Tag]]:
    """What holds the formula and nothing else, and what stands beside that for those who see: it says the same."""
    place = formula
    for _ in range(_MOST_WRAPS):
        beside = [
            tag
            for tag in (place.find_previous_sibling(), place.find_next_sibling())
            if tag is not None and tag.name in ("span", "nobr", "img", "svg") and _is_for_eyes(tag)
        ]
        if beside:
            return place, beside
        holder = place.parent
        if holder is None or holder.name not in ("span", "mjx-assistive-mml") or _says_more(holder, place):
            break
        place = holder
    return formula, []


def _is_for_eyes(tag: Tag) -> bool:
    return tag.get("aria-hidden") == "true"


def _says_more(holder: Tag, place: Tag) -> bool:
    return any(child is not place and (isinstance(child, Tag) or str(child).strip()) for child in holder.children)


def _say(element: PageElement, deep: int) -> str:
    if not isinstance(element, Tag):
        return " ".join(str(element).translate(_UNSAID).split()) if str(element).strip() else ""
    if element.name in _NEVER_SHOWN or deep > _MOST_DEEP:
        return ""
    if element.name in ("mi", "mn", "mo", "mtext", "ms"):
        return _token(element)
    if element.name == "mspace":
        return " "
    if element.name == "semantics":
        first = element.find(True, recursive=False)
        return _say(first, deep + 1) if first is not None else ""
    parts = [_say(child, deep + 1) for child in element.children if isinstance(child, Tag) or str(child).strip()]
    return _arranged(element, parts)


def _arranged(element: Tag, parts: list[str]) -> str:
    name = element.name
    if name in ("msup", "msub", "mover", "munder") and len(parts) == 2:
        base, script = parts
        if name == "mover" and script in _ACCENTS and len(base) == 1:
            return base + _ACCENTS[script]
        return base + as_characters(script, "sup" if name in ("msup", "mover") else "sub")
    if name in ("msubsup", "munderover") and len(parts) == 3:
        return parts[0] + as_characters(parts[1], "sub") + as_characters(parts[2], "sup")
    if name == "mfrac" and len(parts) == 2:
        return f"{_grouped(parts[0])}/{_grouped(parts[1])}"
    if name == "msqrt":
        return f"√{_grouped(_joined(parts))}"
    if name == "mroot" and len(parts) == 2:
        return f"{as_characters(parts[1], 'sup')}√{_grouped(parts[0])}"
    if name == "mfenced":
        return f"{element.get('open', '(')}{', '.join(parts)}{element.get('close', ')')}"
    if name in ("mtable", "mtr"):
        return ("; " if name == "mtable" else ", ").join(part for part in parts if part)
    return _joined(parts)


def _token(element: Tag) -> str:
    text = element.get_text().translate(_UNSAID)
    inner = " ".join(text.split())
    if element.name == "ms":
        return f'"{inner}"'
    if element.name != "mtext":
        return inner
    return (" " if text[:1].isspace() else "") + inner + (" " if inner and text[-1:].isspace() else "")


def _joined(parts: list[str]) -> str:
    """The parts in their order; a word keeps its distance: sin x, but 2x."""
    said = ""
    for part in parts:
        is_word = part[:2].isalpha() and len(part) > 1 or said[-2:].isalpha() and len(said) > 1
        said += " " + part if is_word and said[-1:].isalnum() and part[:1].isalnum() else part
    return said


def _grouped(text: str) -> str:
    return text if text.isalnum() or text.replace(".", "", 1).isdecimal() else f"({text})"
