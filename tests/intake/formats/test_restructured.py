"""reStructuredText is read as docutils shows it, and Sphinx's own words as far as they are text."""

from __future__ import annotations

from pathlib import PurePath

import pytest

from intake.extract import extract_document


def read(text: str) -> list[tuple[tuple[str, ...], str]]:
    return [(own.path, own.text) for own in extract_document(text.encode(), PurePath("a.rst")).sections]


def test_sections_tables_and_code_are_kept() -> None:
    text = (
        "Leave\n=====\n\nDays.\n\nSick\n----\n\n.. code-block:: python\n\n   def f(x):\n       return x\n\n"
        "=====  ====\nDeck   Cars\n=====  ====\nA      40\n=====  ====\n"
    )
    assert read(text) == [
        (("Leave",), "Days."),
        (("Leave", "Sick"), "```\ndef f(x):\n    return x\n```\n\n| Deck | Cars |\n| --- | --- |\n| A | 40 |"),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (":doc:`leave <leave>`", "leave"),
        (":ref:`other`", "other"),
        (":py:func:`~os.path.join`", "os.path.join"),
        (".. note:: Tell us.", "Tell us."),
        (".. versionadded:: 2.0\n   It is new.", "It is new."),
        (".. py:function:: open(path)\n\n   Opens it.", "Opens it."),
        (".. tabs::\n\n   .. tab:: One\n\n      Inside.", "Inside."),
        ("Unclosed ``literal", "literal"),
    ],
)
def test_what_only_sphinx_knows_is_text(text: str, said: str) -> None:
    assert said in read(f"Text.\n\n{text}\n")[0][1]


@pytest.mark.parametrize(
    "text",
    [
        ".. include:: /etc/passwd",
        ".. raw:: html\n   :file: /etc/passwd",
        ".. csv-table::\n   :file: /etc/passwd",
        ".. comment",
        ".. toctree::\n\n   other",
    ],
)
def test_no_other_file_is_read_and_what_is_no_text_is_left_out(text: str) -> None:
    assert read(f"Text.\n\n{text}\n") == [((), "Text.")]
