"""What a PDF's lines are, by where they stand and in which type: headings, paragraphs, lists, tables, code; pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from intake.formats.escaping import escape_text, fenced, table

_BULLET = re.compile(r"[•◦▪‣●○■□–\uf0b7\uf0a7·*-]|\(?(?:\d{1,3}|[a-zA-Z])[.)]")
_LISTED = re.compile(r"(?:[•◦▪‣●○■□\uf0b7\uf0a7·]\s*|[–*-]\s+)(?=\S)")
_NUMBERED = re.compile(r"\(?\d{1,3}[.)]\s+\S")
_LARGER = 1.15
"""A heading's type is at least this much larger than that of the text."""

_LONGEST_HEADING = 150
_CELL_GAP = 0.8
"""Cells of a row stand further apart than this, in heights of their type; words don't."""

_EDGE = 0.09
_LINE_GAP = 0.75
"""Lines of a paragraph stand no further apart than this, in heights of their type."""


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text on one line, and its box in points from the page's lower left; `size` is its type's height."""

    text: str
    left: float
    bottom: float
    right: float
    top: float
    size: float
    is_bold: bool = False
    is_mono: bool = False


@dataclass(slots=True)
class Line:
    """Runs that stand beside each other, at least one."""

    runs: list[Run]

    @property
    def size(self) -> float:
        """The height of the largest type in it."""
        return max(run.size for run in self.runs)

    @property
    def left(self) -> float:
        """Where it begins."""
        return min(run.left for run in self.runs)

    @property
    def right(self) -> float:
        """Where it ends."""
        return max(run.right for run in self.runs)

    @property
    def bottom(self) -> float:
        """The lowest of it."""
        return min(run.bottom for run in self.runs)

    @property
    def top(self) -> float:
        """The highest of it."""
        return max(run.top for run in self.runs)

    @property
    def is_mono(self) -> bool:
        """Whether it is set as code is."""
        return all(run.is_mono for run in self.runs)

    @property
    def is_bold(self) -> bool:
        """Whether all of it is bold."""
        return all(run.is_bold for run in self.runs)

    def goes_on_with(self, run: Run) -> bool:
        """Whether the run stands on this line, right of it: half of its height at least."""
        overlap = min(self.top, run.top) - max(self.bottom, run.bottom)
        lower = min(self.top - self.bottom, run.top - run.bottom)
        beside = run.left >= self.right - 0.5 * run.size
        return beside and overlap >= 0.5 * lower and run.left - self.right < 20 * run.size

    def cells(self) -> list[Run]:
        """Its runs, joined where no more than a word's gap is between them."""
        joined: list[Run] = []
        for run in sorted(self.runs, key=lambda run: run.left):
            before = joined[-1] if joined else None
            if before is None or run.left - before.right > _CELL_GAP * min(run.size, before.size):
                joined.append(run)
                continue
            gap = " " if run.left - before.right > 0.12 * run.size else ""
            joined[-1] = Run(
                before.text + gap + run.text,
                before.left,
                min(before.bottom, run.bottom),
                run.right,
                max(before.top, run.top),
                max(before.size, run.size),
                before.is_bold and run.is_bold,
                before.is_mono and run.is_mono,
            )
        return joined

    @property
    def text(self) -> str:
        """Its words."""
        return " ".join(cell.text for cell in self.cells())


@dataclass(frozen=True, slots=True)
class Type:
    """The types of a document: that of most of its text, and those of its headings, the largest first."""

    body: float
    headings: tuple[float, ...]

    def level(self, line: Line) -> int | None:
        """The level of the heading that a line in that type is; None where it is text."""
        sizes = [size for size in self.headings if line.size >= size - 0.3]
        return self.headings.index(sizes[0]) + 1 if sizes else None


def measure_type(pages: Sequence[Sequence[Line]]) -> Type:
    """The size of most characters is the text's; what is set larger, in short, is a heading's."""
    chars: Counter[float] = Counter()
    for line in (line for lines in pages for line in lines):
        chars[round(line.size, 1)] += len(line.text)
    body = chars.most_common(1)[0][0] if chars else 0.0
    larger = sorted((size for size in chars if size >= _LARGER * body), reverse=True)
    distinct: list[float] = []
    for size in larger:
        if not distinct or distinct[-1] - size > 0.6:
            distinct.append(size)
    return Type(body, tuple(distinct[:4]))


def page_markdown(lines: Sequence[Line], types: Type) -> str:
    """A page's lines as Markdown."""
    return "\n\n".join(block for block in _blocks(lines, types) if block.strip())


def _blocks(lines: Sequence[Line], types: Type) -> Iterator[str]:
    rest = list(lines)
    while rest:
        for take in (_take_code, _take_table, _take_heading, _take_paragraph):
            count, block = take(rest, types)
            if count:
                yield block
                rest = rest[count:]
                break


def _take_code(lines: Sequence[Line], _types: Type) -> tuple[int, str]:
    count = next((number for number, line in enumerate(lines) if not line.is_mono), len(lines))
    if count == 0 or (count == 1 and len(lines[0].text.split()) < 2):
        return 0, ""
    code = lines[:count]
    edge = min(line.left for line in code)
    wide = max(_char_width(code), 0.1)
    written: list[str] = []
    for number, line in enumerate(code):
        if number and code[number - 1].bottom - line.top > 1.2 * line.size:
            written.append("")
        text = ""
        for run in sorted(line.runs, key=lambda run: run.left):
            text = text.ljust(round((run.left - edge) / wide)) + run.text
        written.append(text)
    return count, fenced("\n".join(written))


def _char_width(lines: Sequence[Line]) -> float:
    longest = max((run for line in lines for run in line.runs), key=lambda run: len(run.text))
    return (longest.right - longest.left) / len(longest.text)


def _take_table(lines: Sequence[Line], types: Type) -> tuple[int, str]:
    """Rows of two cells or more, one below the other, whose cells stand in columns."""
    rows = rows_of(lines)
    if len(rows) < 2 or any(_BULLET.fullmatch(row[0].text) for row in rows):
        return 0, ""
    columns = columns_of(rows)
    if len(columns) < 2 or are_columns_of_text(rows, columns):
        return 0, ""
    return len(rows), table([[escape_text(cell) for cell in row] for row in _in_columns(lines, rows, columns)])


def rows_of(lines: Sequence[Line]) -> list[list[Run]]:
    """The cells of the first of these lines, as far as they may be a table's rows: two or more, or a wrapped one."""
    rows: list[list[Run]] = []
    used = 0
    for line in lines:
        cells = line.cells()
        before = lines[used - 1] if used else None
        if before is not None and not 0 <= before.top - line.top <= 6 * line.size:
            break
        if len(cells) < 2 and not (rows and _is_wrapped(before, line, rows)):
            break
        rows.append(cells)
        used += 1
    while rows and len(rows[-1]) < 2:
        rows.pop()
    return rows


def _is_wrapped(before: Line | None, line: Line, rows: Sequence[Sequence[Run]]) -> bool:
    """Whether a line of one cell goes on with a cell of the row above."""
    (cell,) = line.cells()
    under = [run for row in rows for run in row if run.left < cell.right and cell.left < run.right]
    return before is not None and before.bottom - line.top <= _LINE_GAP * line.size and bool(under)


def columns_of(rows: Sequence[Sequence[Run]]) -> list[tuple[float, float]]:
    """Stretches from left to right that no cell reaches out of."""
    merged: list[tuple[float, float]] = []
    for cell in sorted((cell for row in rows for cell in row), key=lambda cell: cell.left):
        if merged and cell.left < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], cell.right))
        else:
            merged.append((cell.left, cell.right))
    return merged


def are_columns_of_text(rows: Sequence[Sequence[Run]], columns: Sequence[tuple[float, float]]) -> bool:
    """Whether it is text in columns beside each other: long lines, and many."""
    chars = sum(len(cell.text) for row in rows for cell in row)
    return len(columns) <= 3 and len(rows) > 4 and chars > 25 * len(rows) * len(columns)


def _in_columns(
    lines: Sequence[Line], rows: Sequence[Sequence[Run]], columns: Sequence[tuple[float, float]]
) -> list[list[str]]:
    written: list[list[str]] = []
    for number, row in enumerate(rows):
        cells = [" ".join(run.text for run in row if start <= run.left < end) for start, end in columns]
        gap = lines[number - 1].bottom - lines[number].top if number else 0.0
        if number and len(row) < len(columns) and gap <= 0.45 * lines[number].size and not cells[0]:
            written[-1] = [f"{above} {cell}".strip() for above, cell in zip(written[-1], cells, strict=True)]
        else:
            written.append(cells)
    return written


def _take_heading(lines: Sequence[Line], types: Type) -> tuple[int, str]:
    first = lines[0]
    level = types.level(first)
    count = 1
    if level is not None:
        while count < len(lines) and types.level(lines[count]) == level and _follows(lines[count - 1], lines[count]):
            count += 1
    elif first.is_bold and _stands_alone(lines):
        level = len(types.headings) + 1
    text = _joined(lines[:count])
    if level is None or len(text) > _LONGEST_HEADING or not any(char.isalpha() for char in text):
        return 0, ""
    return count, f"{'#' * min(level, 6)} {escape_text(text)}"


def _stands_alone(lines: Sequence[Line]) -> bool:
    text = lines[0].text
    ends_above = len(lines) > 1 and (not _follows(lines[0], lines[1]) or not lines[1].is_bold)
    return ends_above and len(text) < 80 and not text.endswith((".", ",", ";", ":")) and len(lines[0].cells()) == 1


def _take_paragraph(lines: Sequence[Line], types: Type) -> tuple[int, str]:
    count = 1
    while count < len(lines):
        line, before = lines[count], lines[count - 1]
        if not _follows(before, line) or line.is_mono or types.level(line) is not None or _is_listed(line):
            break
        if len(line.cells()) > 1 and _take_table(lines[count:], types)[0]:
            break
        count += 1
    text = _joined(lines[:count])
    bullet = _LISTED.match(text)
    if bullet:
        return count, "- " + escape_text(text[bullet.end() :])
    return count, escape_text(text)


def _is_listed(line: Line) -> bool:
    return bool(_LISTED.match(line.text) or _NUMBERED.match(line.text))


def _follows(before: Line, line: Line) -> bool:
    """Whether a line goes on with the one before it: right below, or at the top of the next column."""
    gap = before.bottom - line.top
    if gap < -line.size:
        return abs(before.size - line.size) < 0.5 and not before.text.endswith((".", ":", "!", "?"))
    beside = line.left < before.right + line.size and before.left < line.right + line.size
    return gap <= _LINE_GAP * line.size and abs(before.size - line.size) < 0.25 * line.size and beside


def _joined(lines: Sequence[Line]) -> str:
    """Lines as one text; a word that was divided at a line's end is whole."""
    text = ""
    for line in lines:
        own = line.text
        if text.endswith("\u00ad"):
            text = text[:-1] + own
        elif re.search(r"[^\W\d_]{2}-$", text) and re.match(r"[^\W\d_]", own) and own[:1].islower():
            text = text[:-1] + own
        else:
            text = f"{text} {own}".strip()
    return text.replace("\u00ad", "")


def repeated_lines(pages: Sequence[Sequence[Line]], heights: Sequence[float]) -> list[set[int]]:
    """Which lines of each page are its running head or foot: the same on most pages but for their numbers.

    Looked for where margins are, in the uppermost and lowest share `_EDGE` of pages.
    """
    places: Counter[tuple[str, bool]] = Counter()
    keys = [[_edge_key(line, height) for line in lines] for lines, height in zip(pages, heights, strict=True)]
    for own in keys:
        places.update({key for key in own if key is not None})
    most = max(3, len(pages) * 0.4)
    often = {key for key, count in places.items() if count >= most}
    return [{number for number, key in enumerate(own) if key in often or _is_number(key)} for own in keys]


def _edge_key(line: Line, height: float) -> tuple[str, bool] | None:
    is_high, is_low = line.bottom > (1 - _EDGE) * height, line.top < _EDGE * height
    return (re.sub(r"\d+|\b[ivxlc]+\b", "#", line.text), is_high) if is_high or is_low else None


def _is_number(key: tuple[str, bool] | None) -> bool:
    """Whether it is a page's number alone."""
    return key is not None and re.fullmatch(r"[-–— ]*(?:[Pp]age )?#(?: ?(?:of|/) ?#)?[-–— ]*", key[0]) is not None
