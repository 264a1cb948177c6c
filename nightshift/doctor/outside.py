"""Do those answer that Nightshift needs outside: Slack, with every scope, and the language model?"""

from __future__ import annotations

import asyncio

from nightshift.doctor.finding import Check, Figures, Finding, Subject

INSTALL_AGAIN = (
    "Add them on the app's page, OAuth & Permissions, and install the app again: deploy/slack-manifest.yaml."
)
LLM_TIMEOUT_S = 15.0
SAY_SOMETHING = "You are being checked by whoever runs you."


def look_at_slack(subject: Subject) -> Finding:
    """Tokens accepted, scopes granted, the admins' channel open to the bot."""
    if subject.settings.slack_bot_token is None:
        return Finding("ok", "No Slack token is set: Slack isn't served.")
    return asyncio.run(_look_at_slack(subject))


async def _look_at_slack(subject: Subject) -> Finding:
    from bot.slack.transport import (
        NEEDED,
        OPTIONAL,
        can_speak_in,
        find_channel,
        make_client,
        read_granted,
        require_app_token,
    )

    settings = subject.settings
    client = make_client(settings)
    granted = await read_granted(client)
    if settings.slack_app_token is not None:
        await require_app_token(client, settings)
    figures: Figures = {"team": granted.team_id, "bot": granted.user_id, "lacking": list(granted.lacking)}
    if granted.lacking:
        said = "; ".join(f"{scope} ({NEEDED[scope]})" for scope in granted.lacking)
        return Finding("fault", f"The app lacks scopes: {said}.", INSTALL_AGAIN, figures)
    channel = settings.slack_admin_channel
    if channel is not None and not can_speak_in(await find_channel(client, channel)):
        return Finding(
            "warning",
            "The bot isn't in the admins' channel, so nobody hears of nights there.",
            "Write `/invite @nightshift` in it.",
            figures,
        )
    if granted.scopes is None:
        return Finding("warning", "Slack accepts the token, but doesn't say with which scopes.", INSTALL_AGAIN, figures)
    optional = [f"{scope} ({use})" for scope, use in OPTIONAL.items() if scope not in granted.scopes]
    without = f" Without {', '.join(optional)}." if optional else ""
    return Finding("ok", f"Slack accepts the tokens, and all scopes are granted.{without}", figures=figures)


def look_at_language_model(subject: Subject) -> Finding:
    """Has it write a word, the way it writes answers."""
    settings = subject.settings
    if not settings.has_language_model:
        return Finding("ok", "No language model is set: answers quote their sources.")
    return asyncio.run(_write_a_word(subject))


async def _write_a_word(subject: Subject) -> Finding:
    from bot.answering import Prompt, connect_language_model

    settings = subject.settings
    hurried = settings.model_copy(
        update={"llm_deadline_s": min(LLM_TIMEOUT_S, settings.llm_deadline_s), "llm_retries": 0}
    )
    model = connect_language_model(hurried)
    if model is not None:
        await model.write(Prompt(SAY_SOMETHING, "Answer with the one word: ready"))
    return Finding("ok", f"{settings.llm_model} answers.", figures={"model": settings.llm_model})


CHECKS = (
    Check("slack", look_at_slack, "See docs/slack.md, “When something is wrong”.", needs="nothing"),
    Check(
        "language_model",
        look_at_language_model,
        "Check NIGHTSHIFT_LLM_BASE_URL, NIGHTSHIFT_LLM_API_KEY and NIGHTSHIFT_LLM_MODEL, and the way there; until then "
        "answers quote their sources.",
        needs="nothing",
    ),
)
