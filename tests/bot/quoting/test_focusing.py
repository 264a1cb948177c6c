"""Of what is long only what matters is quoted, and what can't be told apart stays whole."""

from __future__ import annotations

from bot.quoting.focusing import MAX_ITEMS, find_items
from bot.quoting.pieces import Kind, Piece
from bot.quoting.vocabulary import Vocabulary
from bot.quoting.wording import read_wording
from tests.scales import Lifted
from tests.synthetic import HashingEncoder

VOCABULARY = Vocabulary(Lifted(HashingEncoder(), 0.1), ("english",))
MENU = ("- Soup: 3", "- Bread: 1", "- Cheese and bread: 4", "- Pie: 5", "- Tea: 2")


def found(question: str, items: tuple[str, ...] = MENU, kind: Kind = "list") -> list[int]:
    of_items = [VOCABULARY.read(item) for item in items]
    return find_items(Piece(kind, items), of_items, read_wording(question, VOCABULARY, of_items, of_items[:1]))


def test_items_with_the_question_s_words() -> None:
    assert found("pie") == [3]
    assert found("bread") == [1, 2]
    assert found("tea or soup?") == [0, 4]
    assert found("cheese with bread and tea") == [2, 4]


def test_what_every_row_says_tells_no_row() -> None:
    """The names of a table's columns are in all of its rows."""
    places = "Oslo Rome Bern Kyiv Riga".split()
    rows = tuple(f"- **{place}** — Vacation: 20; Sick leave: 40; Carry over: no" for place in places)
    of_rows = [VOCABULARY.read(row) for row in rows]
    others = [VOCABULARY.read(f"Nothing of it, {number}.") for number in range(50)]
    for question, kept in (("vacation and sick leave in Rome", [1]), ("vacation and sick leave", [0, 1, 2, 3, 4])):
        wording = read_wording(question, VOCABULARY, [*of_rows, *others], of_rows[:1])
        assert find_items(Piece("table", rows), of_rows, wording) == kept


def test_whole_where_no_item_tells() -> None:
    assert found("what is there to eat?") == [0, 1, 2, 3, 4]


def test_steps_and_few_items_stay_together() -> None:
    assert found("pie", kind="steps") == [0, 1, 2, 3, 4]
    assert found("soup", MENU[:3]) == [0, 1, 2]


def test_what_is_too_long_is_cut() -> None:
    many = tuple(f"{number}. Step of {'many' if number == 40 else 'all'}" for number in range(50))
    assert found("nothing", many, "steps") == list(range(MAX_ITEMS))
    assert found("many", many, "steps") == [40]
    wide = tuple(f"- {letter * 500}" for letter in "abcd")
    assert found("nothing", wide) == [0]
