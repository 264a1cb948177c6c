"""What speaks against a source: the question names another page, another year or another environment; pure.

"Restart Gantry (production)" and "Restart Gantry (staging)" say nearly the same, and whoever asked about the one and is
told the other is told something wrong.
"""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from urllib.parse import unquote, urlsplit

from bot.quoting.facets import Facets, name_facets
from db.search import Hit
from db.words import Tokenizer

MOST_DIFFERING = 2
"""Words of a title that its near twin doesn't have, at most; with more they are other pages altogether."""


def find_rivalled(question: Set[str], titles: Sequence[Set[str]]) -> set[int]:
    """The places of those titles that the question doesn't mean, since it names a near twin of theirs.

    Twins share a word and differ by few. Where the question has one of the words that only the one has, and none of
    those that only the other has, the other is rivalled.
    """
    rivalled = set()
    for place, title in enumerate(titles):
        for other in titles:
            own, its = title - other, other - title
            are_twins = title & other and max(len(own), len(its)) <= MOST_DIFFERING
            if are_twins and its & question and not own & question:
                rivalled.add(place)
    return rivalled


def find_superseded(titles: Sequence[Set[str]], years: Sequence[int | None]) -> set[int]:
    """The places of those that are older editions of another: the same title, but for the year.

    A page without a year is the one that holds beside one with a year in its title; of any others it isn't known.
    """
    plain = [frozenset(word for word in title if not re.fullmatch(r"(19|20)\d\d", word)) for title in titles]
    return {
        place
        for place, (title, year) in enumerate(zip(plain, years, strict=True))
        if year is not None
        and any(
            title == other and (titles[place] != title if its is None else year < its)
            for other, its in zip(plain, years, strict=True)
        )
    }


def title_words(passage: Hit, tokenizer: Tokenizer) -> frozenset[str]:
    """A title's plain words; what is written together counts by its parts."""
    return frozenset(word for word in tokenizer.count(passage.title).times if word.isalnum())


def year_of(passage: Hit) -> int | None:
    """The year of an edition: that of its title, else that of its date, if it has one."""
    if named := name_facets(passage.title).get("year"):
        return max(map(int, named))
    return passage.dated.year if passage.dated else None


def facets_of(passage: Hit, heading: str) -> Facets:
    """What times and places title, address and headings of a passage name."""
    return name_facets(" ".join((passage.title, passage.section, heading, _file_name(passage.uri))))


def is_of_another_year(asked: Facets, passage: Hit) -> bool:
    """Whether the question names years, and the passage is dated in none of them."""
    return "year" in asked and passage.dated is not None and str(passage.dated.year) not in asked["year"]


def _file_name(uri: str) -> str:
    return unquote(urlsplit(uri).path).rstrip("/").rpartition("/")[2].rpartition(".")[0]
