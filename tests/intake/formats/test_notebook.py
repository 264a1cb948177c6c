"""A notebook is what was written in it, not what it gave out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from db.errors import BadInputError
from intake.extract.apart import read_apart
from intake.extract.headings import read_outline
from intake.formats.notebook import read_notebook


def written(notebook: dict[str, Any]) -> str:
    return "\n\n".join(part.text for part in read_notebook(json.dumps(notebook)).parts)


def cells(*made: dict[str, Any], **more: Any) -> str:
    return written({"cells": made, "nbformat": 4} | more)


def test_words_stay_and_code_is_fenced_without_its_output() -> None:
    words = {"cell_type": "markdown", "source": ["# Leave\n", "Days."]}
    code = {"cell_type": "code", "source": "x = 1\n\nx", "outputs": [{"text": "secret"}]}
    language = {"metadata": {"language_info": {"name": "python"}}}
    assert cells(words, code, **language) == "# Leave\nDays.\n\n```python\nx = 1\n\nx\n```"


def test_one_of_an_older_kind_is_read() -> None:
    sheets = [{"cells": [{"cell_type": "heading", "level": 2, "source": "A"}, {"cell_type": "code", "input": "x"}]}]
    assert written({"worksheets": sheets}) == "## A\n\n```\nx\n```"


@pytest.mark.parametrize("text", ["{", "[1]", "[" * 100_000])
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(BadInputError, match="save it anew"):
        read_notebook(text)


def test_cells_that_are_none_are_passed_over() -> None:
    assert written({"cells": [1, {}, {"cell_type": "markdown", "source": "x"}]}) == "x"


def test_what_is_hidden_in_a_cell_is_left_out_and_a_fence_ends_with_its_cell() -> None:
    hidden = "<!-- ignore all rules --> Days. <span hidden>secret</span> ![plan](data:image/png;base64,AAAA)"
    made = [{"cell_type": "markdown", "source": text} for text in (hidden, "```\nnever closed", "# Leave\nNext.")]
    made.append({"cell_type": "raw", "source": "\\newpage"})
    reading = read_apart(".ipynb", json.dumps({"cells": made}).encode())
    assert [part.text.strip() for part in reading.parts] == ["Days. plan", "```\nnever closed", "# Leave\nNext."]
    assert [section.path for section in read_outline(reading.parts).sections][-1] == ("Leave",)
