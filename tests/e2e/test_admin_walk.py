"""The walk of docs/sources.md, step by step as it stands there; then a stranger and a member ask in Slack."""

from __future__ import annotations

import asyncio
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.answering import Answerer
from db.corpus import ChannelKind, Told, record_told
from db.question import Asked
from db.settings import Settings
from nightshift.cli import main
from nightshift.cli.workplace import out
from tests.corpus import encoders
from tests.intake.formats.making import epub, heading, pdf, slides, word, words, workbook
from tests.intake.websites.site import Site, serving_site

WALK = (Path(__file__).parents[2] / "docs" / "sources.md").read_text().split("## A walk")[1].split("\n## ")[0]
FOR_FINANCE = '---\naudience: "#finance"\n---\n'
MEMBER, STRANGER = "T1:U1", "T1:U2"


def steps() -> Iterator[tuple[str, list[str]]]:
    """Each command of the walk, and the lines that it prints."""
    for block in re.findall(r"```console\n(.*?)```", WALK, re.DOTALL):
        for step in block.split("$ ")[1:]:
            command, *printed = step.splitlines()
            yield command, [line for line in printed if line.strip()]


def write_company(folder: Path) -> None:
    (folder / "finance").mkdir(parents=True)
    files: dict[str, str | bytes] = {
        "leave.md": "# Leave\n\nEverybody has 28 days of paid leave a year.\n",
        "wifi.txt": "The guest network is called Heron, and its password hangs at the front desk.\n",
        "parking.html": "<title>Parking</title><main><h1>Parking</h1><p>Visitors park on deck B.</p></main>",
        "travel.pdf": pdf(
            [heading("Travel"), words("Trains are booked in second class.")],
            [heading("Hotels"), words("A hotel may cost 140 euros a night.")],
        ),
        "onboarding.docx": word(
            lambda doc: doc.add_paragraph("A new colleague gets a laptop on day one."), "Onboarding"
        ),
        "strategy.pptx": slides(("Strategy", ["We open an office in Porto in May."])),
        "phones.xlsx": workbook(lambda book: book.active.append(["Reception", "4711"])),
        "rooms.csv": "room,seats\nHeron,12\nOtter,4\n",
        "coffee.eml": "From: ada@example.com\nSubject: Coffee\n\nThe coffee machine is descaled each Tuesday.\n",
        "backup.rst": "Backup\n======\n\nBackups are made at three in the morning.\n",
        "deploy.adoc": "= Deploying\n\nDeployments freeze on Fridays.\n",
        "values.epub": epub("<h1>Values</h1><p>We answer before we ask.</p>", title="Values"),
        "logo.png": b"\x89PNG",
        "finance/budget.md": f"{FOR_FINANCE}# Budget\n\nThe marketing budget is 90,000 euros a quarter.\n",
        "finance/salaries.csv": "grade,salary\nG4,61000\nG5,72000\n",
        "finance/.audiences": "*.csv  #finance\n",
    }
    for name, content in files.items():
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)


def write_repository(folder: Path) -> None:
    (folder / "docs" / "finance").mkdir(parents=True)
    (folder / "docs" / "release.md").write_text("# Releasing\n\nReleases are cut on the first Monday of a month.\n")
    (folder / "docs" / "finance" / "invoices.md").write_text(f"{FOR_FINANCE}# Invoices\n\nPaid within 14 days.\n")
    (folder / "README.md").write_text("# Not below docs\n")
    author = ("-c", "user.name=ada", "-c", "user.email=ada@example.com")
    for command in (["init", "-q", "-b", "main"], ["add", "-A"], [*author, "commit", "-q", "-m", "first"]):
        subprocess.run(["git", "-C", str(folder), *command], check=True)


@pytest.fixture
def site() -> Iterator[Site]:
    with serving_site() as site:
        site.page("/", "Canteen", "/menu")
        site.page(
            "/menu", "Menu"
        ).body = b"<title>Menu</title><main><h1>Menu</h1><p>On Thursdays there is dal.</p></main>"
        yield site


def measured(line: str) -> str:
    """A line without what differs from run to run: seconds, dates."""
    return re.sub(r"in [\d.]+ s|\d{4}-\d\d-\d\d \d\d:\d\d", "…", line).strip()


def test_the_walk_prints_what_it_says(
    engine: sa.Engine,
    database_url: str,
    site: Site,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("NIGHTSHIFT_DATABASE_URL", database_url)
    monkeypatch.setenv("NIGHTSHIFT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("NIGHTSHIFT_ENCODER_DTYPE", "float32")
    monkeypatch.setenv("NIGHTSHIFT_EXPLORATION", "0")
    monkeypatch.setattr(out, "width", 200)  # as wide as the page: rich asked for the terminal's when it was imported
    monkeypatch.setattr("db.generations.Encoders", lambda *_: encoders())
    monkeypatch.chdir(tmp_path)
    write_company(tmp_path / "company")
    write_repository(tmp_path / "handbook")
    places = {"/srv/walk": str(tmp_path), "http://localhost:8000/": f"{site.url}/"}

    def here(text: str) -> str:
        for told, own in places.items():
            text = text.replace(told, own)
        return text

    walked = list(steps())
    assert len(walked) == 12
    for command, printed in walked:
        program, *arguments = shlex.split(here(command))
        assert program == "nightshift"
        with pytest.raises(SystemExit):
            main(arguments)
        captured = capsys.readouterr()
        shown = [measured(line) for line in (captured.out + captured.err).splitlines()]
        missing = [line for line in printed if measured(here(line)) not in shown]
        assert not missing, (command, missing, shown)

    told = "The marketing budget is 90,000 euros a quarter."
    record_told(engine, "T1", MEMBER, Told({"C1": "finance"}))
    answerer = Answerer(engine, Settings(exploration=0.0), encoders(), None)

    def ask(person: str, channel: str, kind: ChannelKind) -> str:
        asked = Asked("How large is the marketing budget?", "T1", channel, kind, person)
        return asyncio.run(answerer.answer(asked)).text

    assert told in ask(MEMBER, "C1", "private")
    assert told in ask(MEMBER, "D1", "direct")
    assert told not in ask(MEMBER, "C2", "public")
    assert told not in ask(STRANGER, "D2", "direct")
