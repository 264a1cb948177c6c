"""Pictures and files that are written into a text are no text."""

from __future__ import annotations

import base64
import random
from pathlib import PurePath

import pytest

from db.errors import BadInputError
from intake.extract import extract_document
from intake.extract.encoded_data import LONGEST_RUN, shorten_runs
from intake.extract.html import MAX_HTML_BYTES

DATA = base64.b64encode(random.Random(7).randbytes(750_000)).decode()
MIME = base64.encodebytes(random.Random(7).randbytes(30_001)).decode()
PICTURE = f"data:image/png;base64,{DATA}"


def text_of(written: str, name: str) -> str:
    return "\n".join(section.text for section in extract_document(written.encode(), PurePath(name)).sections)


@pytest.mark.parametrize(
    ("written", "name", "text"),
    [
        (f"The logo ![of ours]({PICTURE}) is blue.", "a.md", "The logo of ours is blue."),
        (f"The logo <img alt='of ours' src='{PICTURE}'> is blue.", "a.md", "The logo of ours is blue."),
        (f"The logo is blue.\n\n[logo]: <{PICTURE}>\n", "a.md", "The logo is blue."),
        (f"<p>The logo <img alt='of ours' src='{PICTURE}'> is <a href={PICTURE}>blue</a>.", "a.html", None),
        (f"The logo {PICTURE}\nis blue.", "a.txt", "The logo \nis blue."),
        (f"The logo {PICTURE}\nis blue.", "a.rst", "The logo\nis blue."),
        (f"标志：{PICTURE}。年假为每年十五天。", "a.txt", "标志：。年假为每年十五天。"),
        (f"logo|{PICTURE}|blue", "a.txt", "logo||blue"),
        (f"The logo `{PICTURE}` is `blue`.", "a.md", "The logo `` is `blue`."),
    ],
    ids=["picture", "element", "reference", "page", "text", "reStructuredText", "no spaces", "cells", "code"],
)
def test_addresses_that_are_data_do_not_go_in(written: str, name: str, text: str | None) -> None:
    assert text_of(written, name) == (text or "The logo of ours is blue.")


def test_a_page_is_as_large_as_what_of_it_is_none() -> None:
    page = "<p>The logo is blue." + f"<img src='{PICTURE}'>" * 5
    assert len(page) > MAX_HTML_BYTES and text_of(page, "a.html") == "The logo is blue."
    with pytest.raises(BadInputError, match="of more than 4 MB"):
        text_of(page.replace("data:", "date:"), "a.html")


def test_of_what_no_person_reads_only_the_beginning_goes_in() -> None:
    for run in (DATA, MIME.strip(), "ff" * LONGEST_RUN):
        found = extract_document(f"Before {run}\n\nAfter.".encode(), PurePath("a.txt"))
        assert found.sections[0].text == f"Before {run[:60]}…\n\nAfter."
        assert found.data_left_out == 1


@pytest.mark.parametrize(
    "text",
    [
        "An example: data:text/plain;base64,SGVsbG8gV29ybGQ=",
        "https://example.com/" + "a/b-c_d" * 100,
        "\n".join(["----------" * 7, "Neighbours of each other"] * 50),
        "年假" * 2000,
        '{"key":"value","other":[1,2,3]},' * 200,
    ],
)
def test_what_people_write_stays(text: str) -> None:
    assert text_of(text, "a.txt") == text


@pytest.mark.parametrize(
    "run", ["a" * 59 + " ", "a" * 61 + "\n" + ">" * 21, "a" * 2_000_000, "=" * 60 + "\n", "data:a/b;"]
)
def test_hostile_runs_come_to_an_end(run: str) -> None:
    text = run * (2_000_000 // len(run))  # which steps by its square would outlast any test's time
    assert len(shorten_runs(text)[0]) <= len(text)
