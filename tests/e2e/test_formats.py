"""A sentence in a file of each format is found by asking, and the citation opens where it stands."""

from __future__ import annotations

import json
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from db.settings import Settings
from intake import ingest_paths
from nightshift.console import ask_on, make_answerer
from tests.corpus import encoders
from tests.intake.formats.making import epub, heading, odt, pdf, slides, word, words, workbook

PLANTED = "The vault at {} opens to holders of a teal badge on Thursdays."
QUESTION = "When does the vault at {} open to holders of a teal badge?"
OTHER = "Lunch is served at noon in the canteen on the ground floor, and tea at four. "
HTML = f"<h1>Lunch</h1><p>{OTHER * 20}</p><h1>Vault</h1><p>{{}}</p>"


def _pdf(planted: str) -> bytes:
    return pdf(
        [heading("Lunch"), words(OTHER * 20)],
        [heading("Tea"), words(OTHER * 20)],
        [heading("Vault"), words(planted)],
        [heading("Other"), words(OTHER * 20)],
    )


def docx_with(planted: str) -> bytes:
    def write(document: Any) -> None:
        for title, text in (("Lunch", OTHER * 20), ("Vault", planted)):
            document.add_heading(title, 1)
            document.add_paragraph(text)

    return word(write)


def xlsx_with(planted: str) -> bytes:
    def fill(book: Any) -> None:
        book.active.title = "Lunch"
        for title in ("Lunch", "Vault"):
            sheet = book[title] if title in book.sheetnames else book.create_sheet(title)
            sheet.append(["What", "Text"])
            sheet.column_dimensions["B"].width = 70
            for number in range(4):
                sheet.append([number, planted if title == "Vault" and number == 2 else "lunch"])

    return workbook(fill)


def slides_with(planted: str) -> bytes:
    return slides(("Lunch", [OTHER]), ("Vault", [planted]))


def _mail(planted: str) -> bytes:
    message = EmailMessage()
    message["Subject"], message["From"] = "Vault", "ada@x.test"
    message.set_content(planted)
    return bytes(message)


def _notebook(planted: str) -> bytes:
    return json.dumps({"cells": [{"cell_type": "markdown", "source": f"# Vault\n{planted}"}]}).encode()


def _text(form: str) -> Callable[[str], bytes]:
    return lambda planted: form.replace("{other}", OTHER * 20).replace("{planted}", planted).encode()


MADE: dict[str, tuple[Callable[[str], bytes], str, str]] = {
    "a.md": (_text("# Lunch\n{other}\n# Vault\n{planted}"), "", "Vault"),
    "b.html": (lambda planted: HTML.format(planted).encode(), "", "Vault"),
    "c.txt": (_text("{planted}"), "", ""),
    "d.csv": (_text("What,Text\nLunch,{other}\nVault,{planted}\n"), "", ""),
    "e.pdf": (_pdf, "#page=3", "Vault"),
    "f.docx": (docx_with, "", "Vault"),
    "g.pptx": (slides_with, "#slide=2", "Vault"),
    "h.xlsx": (xlsx_with, "#sheet=Vault", "Vault"),
    "i.odt": (
        lambda planted: odt(
            f"<text:h>Lunch</text:h><text:p>{OTHER * 20}</text:p><text:h>Vault</text:h><text:p>{planted}</text:p>"
        ),
        "",
        "Vault",
    ),
    "j.epub": (
        lambda planted: epub(f"<h1>Lunch</h1>{OTHER}", f"<h1>Vault</h1>{planted}"),
        "#OEBPS/text/c%201.xhtml",
        "Vault",
    ),
    "k.rtf": (_text("{\\rtf1\\ansi {other}\\par {planted}\\par}"), "", ""),
    "l.eml": (_mail, "", "Vault"),
    "m.ipynb": (_notebook, "", "Vault"),
    "n.rst": (_text("Lunch\n=====\n\n{other}\n\nVault\n=====\n\n{planted}\n"), "", "Vault"),
    "o.adoc": (_text("== Lunch\n\n{other}\n\n== Vault\n\n{planted}\n"), "", "Vault"),
    "p.yaml": (_text("vault: |\n  {planted}\n"), "", ""),
    "q.py": (_text("def vault():\n    # {planted}\n    return 1\n"), "", ""),
}
TOWNS = (
    "Porthallow", "Zennor", "Mousehole", "Lamorna", "Coverack", "Cadgwith", "Mullion", "Gweek", "Polperro", "Gorran",
    "Mevagissey", "Portloe", "Veryan", "Tintagel", "Boscastle", "Crackington", "Bude",
)  # fmt: skip


def test_a_sentence_in_each_is_found_where_it_stands(engine: sa.Engine, tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    for (name, (make, _, _)), town in zip(MADE.items(), TOWNS, strict=True):
        (folder / name).write_bytes(make(PLANTED.format(town)))
    settings = Settings(data_dir=tmp_path / "home", encoder_dtype="float32")
    report = ingest_paths(engine, settings, encoders(), [folder])
    assert (report.failed, report.left_out, report.added) == ((), {}, len(MADE))
    ask = ask_on(make_answerer(engine, settings, encoders()))
    for (name, (_, place, section)), town in zip(MADE.items(), TOWNS, strict=True):
        source = ask(QUESTION.format(town)).sources[0]
        assert source.uri == (folder / name).as_uri() + place
        assert town in source.lead.text, name
        assert source.lead.section.split(" > ")[-1] == section
