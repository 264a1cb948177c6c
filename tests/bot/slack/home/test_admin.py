"""The admins' part of App Home: what is overdue stands among the figures, for admins alone."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from bot.slack.home.admin import AdminHome
from bot.slack.transport import Admins, Identity, make_client
from db.generations import Encoders
from db.schema import artefact
from db.settings import Settings
from tests.corpus import add_base_generation, encoders
from tests.doubles_slack import BOT_TOKEN
from tests.night_rows import make_run, store_run


async def test_an_overdue_night_is_told_in_an_admin_s_home(engine: sa.Engine) -> None:
    add_base_generation(engine)
    settings = Settings(data_dir=Path("unused"), slack_bot_token=BOT_TOKEN, slack_admins="T1:U0ANNA")
    home = AdminHome(engine, settings, Admins(settings, Identity(make_client(settings))), encoders())

    async def shown(user: str) -> str:
        return json.dumps([block.to_dict() for block in await home.blocks("T1", user)], ensure_ascii=False)

    assert "*Serving*" in await shown("U0ANNA") and "Overdue" not in await shown("U0ANNA")
    silent = datetime.now(UTC) - timedelta(hours=1)
    night = store_run(engine, make_run(status="running", decision=None, finished_at=None, started_at=silent))
    assert f"*Overdue*: There is no sign of life of run {night.id} (beginning)" in await shown("U0ANNA")
    assert await home.blocks("T1", "U0BERT") == []


async def test_without_a_model_admins_hear_of_that_and_see_the_figures(engine: sa.Engine) -> None:
    made = add_base_generation(engine)
    with engine.begin() as connection:
        connection.execute(artefact.update().values(sha256="0" * 64))
    settings = Settings(data_dir=Path("unused"), slack_bot_token=BOT_TOKEN, slack_admins="T1:U0ANNA")
    home = AdminHome(engine, settings, Admins(settings, Identity(make_client(settings))), Encoders(settings))
    for _ in range(2):
        blocks = json.dumps([block.to_dict() for block in await home.blocks("T1", "U0ANNA")], ensure_ascii=False)
        assert "*Serving*" in blocks and "None: every question got an answer" in blocks
        assert f"The model of generation {made.id} can't be used" in blocks
