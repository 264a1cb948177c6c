"""Draws docs/slack-*.png: what people and admins see in Slack, answered from the sample handbook (`make screenshot`).

The real `nightshift run`, in Socket Mode, in a local-slack from npm; Debian's Chromium presses the buttons and takes
the pictures. Wants `fonts-noto-color-emoji` and `fonts-lato`, else thumbs are boxes. The night in the admin channel
is an example: its figures were written, not measured.
"""

from __future__ import annotations

import asyncio
import io
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.async_api import Locator, Page, async_playwright

from db.generations import get_generation
from db.settings import Settings, load_settings
from db.store import open_store
from tests.doubles_slack import LocalSlack, Message, People, buttons, start_local_slack
from tests.npm import unavailable
from tests.waiting_generation import add_waiting_generation

HERE = Path(__file__).parent
ANNA, BERT, BOT = "U0ANNA", "U0BERT", "U0NIGHT"
GENERAL, ADMINS = "C0GENERAL", "C0ADMINS"
UNKNOWN = "Where can I get a flu vaccination?"
QUESTION = "What is on Project Chimera's Q3 roadmap?"
WORKSPACE: dict[str, Any] = {
    "workspace": {"name": "Tarnholt Robotics", "teamId": "T0TARNHOLT"},
    "apps": [
        {
            "appId": "A1",
            "botUserId": BOT,
            "botName": "nightshift",
            "botToken": "xoxb-example",
            "appToken": "xapp-example",
            "mode": "socket",
        }
    ],
    "users": [{"id": ANNA, "name": "anna", "real_name": "Anna"}, {"id": BERT, "name": "bert", "real_name": "Bert"}],
    "channels": [
        {"id": GENERAL, "name": "general", "members": [ANNA, BERT, BOT]},
        {"id": ADMINS, "name": "nightshift-admins", "members": [ANNA, BERT, BOT]},
    ],
}
NIGHT_TIMEOUT_MS = 90_000
"""The bot looks once a minute for nights to tell of, and then adds the plot."""
COLOURS = 128
"""Enough for text and thumbs; a third of the bytes."""
_STYLE = """
body { font-family: Lato, "Noto Color Emoji", sans-serif }
button, select { font-family: inherit }
pre { margin: 4px 0; padding: 8px; font-size: 12px; border: 1px solid var(--border); background: #f8f8f8 }
.thread-pane { width: 640px !important; align-self: flex-start; border: none }
.thread-pane .composer, .thread-x, .thread-resize-handle, .msg-hover-actions { display: none !important }
.messages .msg { width: fit-content; min-width: 400px; max-width: 700px }
.bk-section:has(> .bk-button) { display: flex; justify-content: space-between; align-items: flex-start }
.messages .blocks { max-width: 660px }
.msg:hover { background: none }
code { white-space: nowrap }
.home-inner { padding: 16px; width: 720px }
"""
"""Room for whole messages, and nothing that only a mouse is for."""
_AS_SLACK_SHOWS = r"""() => {
  for (const text of document.querySelectorAll(".bk-text > *"))
    text.innerHTML = text.innerHTML
      .replace(/&lt;!date\^.*?\|(.*?)&gt;/g, "$1")
      .replace(/```(?:\n|<br>)?([^]*?)(?:\n|<br>)?```/g, (_, code) => `<pre>${code.replace(/<br>/g, "\n")}</pre>`);
}"""
"""Dates and preformatted text, which local-slack leaves as they were sent."""


async def main() -> None:
    """Starts Slack and the bot in an empty folder, and draws every picture."""
    chromium = shutil.which("chromium") or unavailable("Chromium isn't installed")
    # Not in a folder that is closed to others: as root the embedded server runs under another account.
    with tempfile.TemporaryDirectory(prefix="nightshift-screenshots-") as scratch:
        folder = Path(scratch)
        folder.chmod(0o711)
        with start_local_slack(folder, WORKSPACE) as port:
            slack = LocalSlack(port, http_port=0)
            _set_environment(folder / "data", slack.api_url)
            with _running_bot():
                async with slack.people() as people:  # which empties the workspace
                    _add_night(load_settings())
                    async with async_playwright() as driver:
                        # As root, and so in most containers, Chromium starts without its sandbox only.
                        browser = await driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
                        page = await browser.new_page(viewport={"width": 1560, "height": 1700}, device_scale_factor=1.5)
                        await page.goto(slack.address)
                        await _draw(people, page)
                        await browser.close()


def _set_environment(data_dir: Path, slack_api_url: str) -> None:
    for name in [name for name in os.environ if name.startswith("NIGHTSHIFT_")]:
        del os.environ[name]
    [app] = WORKSPACE["apps"]
    os.environ |= {
        "NIGHTSHIFT_DATA_DIR": str(data_dir),
        "NIGHTSHIFT_SLACK_API_URL": slack_api_url,
        "NIGHTSHIFT_SLACK_BOT_TOKEN": app["botToken"],
        "NIGHTSHIFT_SLACK_APP_TOKEN": app["appToken"],
        "NIGHTSHIFT_SLACK_ADMINS": BERT,
        "NIGHTSHIFT_SLACK_ADMIN_CHANNEL": ADMINS,
        "NIGHTSHIFT_EXPLORATION": "0",
    }


@contextmanager
def _running_bot() -> Iterator[None]:
    """`nightshift run`, from the moment it says that it is in Slack."""
    command = [sys.executable, "-m", "nightshift", "run", "--no-prompt"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as process:  # noqa: S603
        try:
            assert process.stderr is not None  # noqa: S101 - it is a pipe
            for line in process.stderr:
                if "Slack: Socket Mode." in line:
                    break
                sys.stderr.write(line)
            else:
                raise SystemExit("The bot didn't start.")
            yield
        finally:
            process.terminate()
            process.communicate()


def _add_night(settings: Settings) -> None:
    """Puts an example of a night that waits for an admin into the store, with an example of its plot."""
    with open_store(settings) as engine:
        made = add_waiting_generation(engine, finished_at=datetime.now(UTC))
        run_id = get_generation(engine, made).run_id
    picture = settings.report_picture(run_id or 0)
    picture.parent.mkdir(parents=True)
    shutil.copy(HERE / "night.png", picture)


async def _draw(people: People, page: Page) -> None:
    await page.add_style_tag(content=_STYLE)
    thread, modal = page.locator(".thread-pane"), page.locator(".modal")
    await _mention(people, BERT, UNKNOWN)
    answer = await _mention(people, ANNA, QUESTION)
    await page.get_by_role("button", name="1 reply").last.click()
    await _shoot(thread, "answer")

    await thread.get_by_role("button", name="👎", exact=True).nth(1).click()
    await modal.get_by_label("wrong source").check()
    await modal.locator(".bk-plain-input").fill("Project Chimera: roadmap Q3 2026")
    await _shoot(modal, "reason")
    await modal.get_by_role("button", name="Send").click()
    await people.sees_whisper(ANNA, GENERAL, "Thank you")
    await thread.get_by_role("button", name="👍", exact=True).first.click()
    await people.sees_whisper(ANNA, GENERAL, "Your vote on [1]: 👍")
    await _shoot(page.locator(".msg").filter(has_text="Your vote on [1]"), "votes")

    await people.press(BERT, answer, buttons(answer)[0])
    await people.sees_whisper(BERT, GENERAL, "Your vote on [1]: 👍")
    await page.get_by_label("Act as").select_option(BERT)
    await page.locator(".sidebar-item", has=page.locator(".app-dot")).click()
    await page.get_by_text("Gaps in the documents").wait_for()
    await _shoot(page.locator(".home-inner"), "home")

    await page.locator(".sidebar-item", has_text="nightshift-admins").click()
    await page.get_by_text("1 reply").wait_for(timeout=NIGHT_TIMEOUT_MS)
    await _shoot(page.locator(".msg").filter(has_text="waits for your decision"), "night")


async def _mention(people: People, user: str, question: str) -> Message:
    """Asks in a channel; the answer."""
    asked = await people.write(user, GENERAL, f"<@{BOT}> {question}")
    return await people.sees_answer(asked)


async def _shoot(what: Locator, name: str) -> None:
    await what.wait_for()
    await what.page.evaluate(_AS_SLACK_SHOWS)
    picture = Image.open(io.BytesIO(await what.screenshot()))
    picture.convert("RGB").quantize(COLOURS).save(HERE / f"slack-{name}.png", optimize=True)


if __name__ == "__main__":
    asyncio.run(main())
