"""A sentence in a file that LibreOffice or pandoc wrote is found by asking, and the citation opens where it stands.

`make test-more` runs it, since LibreOffice takes minutes.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sqlalchemy as sa

from db.question import Answer
from db.settings import Settings
from intake import ingest_paths
from nightshift.console import ask_on, make_answerer
from tests.corpus import encoders
from tests.e2e.programs import Wanted, convert_by_office, write_by_pandoc
from tests.e2e.test_formats import OTHER, docx_with, slides_with, xlsx_with

SECOND_SHEET = "44,34,76,1,,0,false,true,false,false,false,2"
OFFICE = {
    "docx": (
        Wanted("porthallow.odt", "odt"),
        Wanted("zennor.docx", "docx:MS Word 2007 XML"),
        Wanted("mousehole.docx", "docx:Office Open XML Text"),
        Wanted("lamorna.docm", "docm:MS Word 2007 XML VBA"),
        Wanted("coverack.rtf", "rtf", section=""),
        Wanted("cadgwith.pdf", "pdf", "#page=1"),
        Wanted("mullion.epub", "epub", "#OEBPS/sections/section0002.xhtml", section=""),
        Wanted("gweek.html", "html:HTML (StarWriter)"),
        Wanted("polperro.xhtml", "xhtml:XHTML Writer File:UTF8"),
        Wanted("gorran.txt", "txt:Text (encoded):UTF8", section=""),
        Wanted("mevagissey.txt", "txt:Text (encoded):UTF16", section=""),
    ),
    "xlsx": (
        Wanted("portloe.xlsx", "xlsx", "#sheet=Vault"),
        Wanted("veryan.xlsm", "xlsm:Calc MS Excel 2007 VBA XML", "#sheet=Vault"),
        Wanted("tintagel-Vault.csv", f"csv:Text - txt - csv (StarCalc):{SECOND_SHEET}", section=""),
        Wanted("boscastle.pdf", "pdf", "#page=4", section=""),
        Wanted("crackington.html", "html:HTML (StarCalc)", section=""),
    ),
    "pptx": (
        Wanted("bude.pptx", "pptx", "#slide=2"),
        Wanted("marhamchurch.ppsx", "ppsx", "#slide=2"),
        Wanted("kilkhampton.pptm", "pptm:Impress MS PowerPoint 2007 XML VBA", "#slide=2"),
        Wanted("morwenstow.pdf", "pdf", "#page=2"),
    ),
}
"""What LibreOffice is to make, by the source's suffix; the sentence is about the town that a file is named after."""

PANDOC = (
    Wanted("stratton.docx", "docx"),
    Wanted("launcells.odt", "odt"),
    Wanted("bridgerule.rtf", "rtf", section=""),
    Wanted("holsworthy.epub", "epub3", "#EPUB/text/ch002.xhtml"),
    Wanted("bradworthy.epub", "epub2", "#EPUB/text/ch002.xhtml"),
    Wanted("hartland.pptx", "pptx", "#slide=3"),
    Wanted("clovelly.html", "html5"),
    Wanted("bideford.html", "html4"),
    Wanted("appledore.rst", "rst"),
    Wanted("instow.adoc", "asciidoc"),
    Wanted("braunton.ipynb", "ipynb"),
    Wanted("croyde.md", "gfm"),
    Wanted("georgeham.md", "commonmark_x"),
    Wanted("woolacombe.mdx", "markdown_mmd"),
    Wanted("mortehoe.txt", "plain", section=""),
)
MAKE = {"docx": docx_with, "xlsx": xlsx_with, "pptx": slides_with}


ROOMS = ("boathouse", "greenhouse", "observatory", "archive", "workshop", "bakery", "library")
BADGES = ("teal", "crimson", "striped", "golden", "wooden")


def town(wanted: Wanted) -> str:
    return re.split(r"\W", wanted.name)[0].title()


def said_of(wanted: Wanted) -> tuple[str, str]:
    """A room and a badge: sentences that differed in a name alone would try the search, and not what is read."""
    number = [*(own for wanted in OFFICE.values() for own in wanted), *PANDOC].index(wanted)
    return ROOMS[number % len(ROOMS)], BADGES[number % len(BADGES)]


def planted(wanted: Wanted) -> str:
    room, badge = said_of(wanted)
    return f"The {room} at {town(wanted)} opens to holders of a {badge} badge on Thursdays."


def question(wanted: Wanted) -> str:
    room, badge = said_of(wanted)
    return f"When does the {room} at {town(wanted)} open to holders of a {badge} badge?"


def markdown(wanted: Wanted) -> str:
    return f"---\ntitle: House rules\n---\n\n# Lunch\n\n{OTHER * 20}\n\n# Vault\n\n{planted(wanted)}\n"


def ask_for_each(engine: sa.Engine, tmp_path: Path, folder: Path, wanted: tuple[Wanted, ...]) -> None:
    """Reads them all in at once and asks for each; whatever isn't cited as wanted is named."""
    settings = Settings(data_dir=tmp_path / "home", encoder_dtype="float32")
    report = ingest_paths(engine, settings, encoders(), [folder])
    assert (report.failed, report.left_out, report.added) == ((), {}, len(wanted))
    ask = ask_on(make_answerer(engine, settings, encoders()))
    wrong = [line for own in wanted for line in faults(ask(question(own)), folder, own)]
    assert not wrong, "\n".join(wrong)


def faults(answer: Answer, folder: Path, wanted: Wanted) -> list[str]:
    source = answer.sources[0]
    found = source.uri, planted(wanted) in " ".join(source.lead.text.split()), source.lead.section.split(" > ")[-1]
    meant = (folder / wanted.name).as_uri() + wanted.place, True, wanted.section
    return [] if found == meant else [f"{wanted.name}: {found} is not {meant}: {source.lead.text[:300]!r}"]


@pytest.mark.programs
@pytest.mark.timeout(900)
def test_what_libreoffice_writes_is_found_where_it_stands(engine: sa.Engine, tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    convert_by_office(
        folder, {suffix: [(own, MAKE[suffix](planted(own))) for own in wanted] for suffix, wanted in OFFICE.items()}
    )
    ask_for_each(engine, tmp_path, folder, tuple(own for wanted in OFFICE.values() for own in wanted))


@pytest.mark.programs
def test_what_pandoc_writes_is_found_where_it_stands(engine: sa.Engine, tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    write_by_pandoc(folder, PANDOC, markdown)
    ask_for_each(engine, tmp_path, folder, PANDOC)
