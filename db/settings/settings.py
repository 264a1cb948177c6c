"""Settings: the only reader of the environment, and of the settings' files.

Every setting has a default that works on a laptop; `docs/settings.md` is generated from this class.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from db.errors import ConfigurationError
from db.settings.chat_address import split_address
from db.settings.given import EverythingGiven, Given, read_given
from db.settings.names import PREFIX
from db.settings.settings_files import DEFAULT_DATA_DIR, settings_file
from db.settings.values import (
    read_languages,
    read_slack_ids,
    require_address,
    require_key,
    require_one_line,
    require_visible,
    tidy,
)

_SLACK_SECRETS = {
    "slack_bot_token": (
        ("xoxb-", "xoxe.xoxb-"),
        "is no bot token (xoxb-…): the app's page has it, OAuth & Permissions",
    ),
    "slack_app_token": (("xapp-",), "is no app-level token (xapp-…): see the app's page, Basic Information"),
}
_HOW_TO_FIND_MEMBER = "A user id is U or W and then capitals and digits: a Slack profile's ⋮ menu has Copy member ID"
_HOW_TO_FIND_CHANNEL = "A channel's id is C or G and then capitals and digits: it stands at the foot of its details"

_log = logging.getLogger(__name__)


class Settings(BaseSettings):
    """What can be set, each from the environment variable `NIGHTSHIFT_<NAME>`; from files too by `load_settings`."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="ignore", hide_input_in_errors=True
    )

    data_dir: Path = Field(
        Path(DEFAULT_DATA_DIR),
        description="Folder for everything kept on disk: settings.toml, database, models, reports.",
    )
    database_url: SecretStr | None = Field(
        None,
        description="PostgreSQL to use instead of the embedded one, as postgresql://user:password@host/db; see "
        "docs/postgresql.md.",
    )
    direct_database_url: SecretStr | None = Field(
        None,
        description="The same database past its pooler, where the address above leads through one that shares sessions "
        "out by transaction: nights need a session of their own.",
    )
    pool_size: int = Field(10, ge=1, description="Database connections a process keeps open.")
    connect_timeout_s: int = Field(10, ge=1, description="Seconds to wait for a database connection.")
    statement_timeout_s: int = Field(30, ge=1, description="Seconds a query of the bot may take.")

    base_model: str = Field(
        "all-MiniLM-L6-v2",
        description="The encoder every night starts from: a folder, or a sentence-transformers name on Hugging Face, "
        "with @ and a commit behind it for that one and no other. Without, the commit of the first download is kept.",
    )
    encoder_dtype: Literal["auto", "float32", "bfloat16"] = Field(
        "auto", description="Arithmetic of the encoder; auto measures once which is faster here."
    )

    chunk_size: int = Field(
        1000,
        ge=100,
        description="Characters in a chunk, at most; fewer where the base model would not read so many to the end. "
        "Changed, the next ingest cuts anew; votes stay with their words.",
    )
    chunk_overlap: int = Field(
        200, ge=0, description="Characters that neighbouring chunks share; at most half of them."
    )
    languages: str = Field(
        "english",
        description="Languages of the documents, the commonest first, with commas between: their words are found in "
        "all their forms. Where it was changed, the next `nightshift ingest` indexes all words anew. Scripts without "
        "spaces need none of their own.",
    )

    extract_timeout_s: int = Field(
        60,
        ge=1,
        description="Seconds of processor time that reading one file may take, where that is done in a process apart "
        "(HTML, PDF, Office and the like); three times as long altogether.",
    )
    extract_memory_mb: int = Field(
        1500, ge=500, description="Megabytes of memory that the process may have which reads those files."
    )

    sources: int = Field(5, ge=1, le=10, description="Sources an answer may cite.")
    old_after_days: int = Field(
        730,
        ge=0,
        description="Days after which a cited document is told as old, by the date that it names or else since its "
        "words changed; 0 for never.",
    )
    candidates: int = Field(50, ge=5, le=200, description="Passages a search returns and logs as impressions.")
    exploration: float = Field(
        0.05,
        ge=0,
        le=1,
        description="Share of answers whose last source comes from further down, so that votes reach more; 0 to 1.",
    )

    llm_model: str = Field("gpt-5-mini", description="Model name sent to the OpenAI-compatible server.")
    llm_api_key: SecretStr | None = Field(
        None,
        description="Key of that server. With neither key nor address there is no language model: answers quote.",
    )
    llm_base_url: str | None = Field(
        None,
        description="Its address, when it isn't OpenAI's own. Local servers mostly want no key. A query, like Azure's "
        "?api-version=…, goes with each request.",
    )
    llm_proxy: str | None = Field(
        None, description="Proxy by which that server is reached; HTTP_PROXY and its like are not heeded for it."
    )
    langsmith_tracing: bool = Field(
        False,
        description="Whether prompts and answers go to LangSmith too, where the LANGSMITH_* variables say. "
        "Those alone send nothing.",
    )
    llm_deadline_s: float = Field(45.0, gt=0, description="Seconds an LLM answer may take, retries included.")
    llm_retries: int = Field(2, ge=0, le=5, description="Times a failed LLM call is tried again.")
    llm_max_tokens: int = Field(700, ge=50, description="Tokens an answer may have.")

    slack_bot_token: SecretStr | None = Field(None, description="Slack bot token (xoxb-…).")
    slack_app_token: SecretStr | None = Field(
        None, description="Slack app-level token (xapp-…): set it to use Socket Mode."
    )
    slack_signing_secret: SecretStr | None = Field(
        None, description="Slack signing secret: set it to receive events over HTTP."
    )
    slack_api_url: str = Field("https://slack.com/api/", description="Slack's Web API.")
    slack_admins: str = Field(
        "",
        description="Slack user ids (U…) of the admins, with commas or spaces between: they see health, decide on "
        "nights, and say where the bot answers. A profile's ⋮ menu has Copy member ID. T…:U… names somebody of "
        "another workspace than the bot's own.",
    )
    slack_admin_channel: str | None = Field(
        None, description="Id (C…) of the channel that gets each night's report, and what needs an admin."
    )
    slack_guests: Literal["channels", "workspace"] = Field(
        "channels",
        description="What guests of a Slack workspace, and replies that they read along, get: what is for the channels "
        "they are in, or `workspace`: also what is for everybody.",
    )
    person_quota: int = Field(60, ge=1, description="Questions that one person may ask in Slack within an hour.")
    channel_quota: int = Field(
        300, ge=1, description="Questions that may be asked in one Slack channel within an hour."
    )
    http_host: str = Field("127.0.0.1", description="Address the HTTP server listens on.")
    http_port: int = Field(3000, ge=1, le=65535, description="Port the HTTP server listens on.")

    metrics_host: str = Field("127.0.0.1", description="Address at which the next two are listened on.")
    metrics_port: int | None = Field(
        None,
        ge=1,
        le=65535,
        description="Port at which `nightshift run` tells Prometheus its figures (/metrics) and whoever starts it how "
        "it is (/healthz, /readyz), in Socket Mode too; see docs/metrics.md.",
    )
    nights_metrics_port: int | None = Field(
        None, ge=1, le=65535, description="The same of the process that runs the nights: a port of its own."
    )

    otel_endpoint: str | None = Field(
        None,
        description="Address of an OpenTelemetry collector (OTLP over HTTP, e.g. http://127.0.0.1:4318) that gets "
        "traces of questions and nights: times, figures and ids. Wants `pip install 'nightshift[otel]'`; see "
        "docs/metrics.md.",
    )
    otel_texts: bool = Field(False, description="Whether questions' texts go into those traces too.")

    night_cron: str = Field("0 2 * * *", description="When nights run, as a crontab line or a name like @daily.")
    timezone: str = Field("UTC", description="Time zone of that line, e.g. Europe/Amsterdam.")
    night_seed: int = Field(0, description="Seed of every random choice of a night.")
    night_misfire_grace_s: int = Field(
        3600, ge=60, description="Seconds a night may start late before it counts as missed and is caught up."
    )
    night_overdue_after_h: float = Field(
        6.0, gt=0, description="Hours after which a night that was due, or asked for, should have ended."
    )
    synthetic_questions: int = Field(
        0,
        ge=0,
        description="Questions a night may have a language model write for passages nobody asked about; 0: none.",
    )
    promotion: Literal["automatic", "ask"] = Field(
        "automatic",
        description="Whether a candidate that passed the gate is swapped in at once, or built and left to a person.",
    )
    ranking_runs: Literal["automatic", "ask", "off"] = Field(
        "automatic",
        description="Whether rankings are fitted between nights, at most once an hour, when there are 30 new votes and "
        "a tenth more than before. With ask, or where NIGHTSHIFT_PROMOTION asks, what passed the gate is left to a "
        "person; with off there are none but by `nightshift retrain --ranking`.",
    )
    trials: Literal["on", "ask", "off"] = Field(
        "on",
        description="What becomes of a candidate that passed every check but could not be shown to be better: a trial, "
        "in which it answers some questions beside what serves and people's votes decide (docs/trials.md); one that an "
        "admin begins (`nightshift trials start`); or none, and it is refused.",
    )
    trial_share: float = Field(
        0.2, gt=0, le=1, description="Share of the questions in Slack that a trial's two generations answer; 0 to 1."
    )
    trial_days: int = Field(14, ge=1, le=90, description="Days after which a trial ends, decided or not.")
    trial_questions: int = Field(
        400, ge=50, le=5000, description="Questions on which somebody had a say after which a trial ends."
    )
    keep_generations: int = Field(
        2,
        ge=0,
        description="Encoders that keep model, vectors and rankings beside the serving one and the one before it; "
        "after each run, generations of older ones lose them.",
    )
    share_models: Literal["database", "folder"] = Field(
        "database",
        description="How models that nights made reach bots with other data folders, where the database is your own: "
        "through it, or by a `models` folder that all share.",
    )
    index_recall_floor: float = Field(
        0.95,
        gt=0,
        le=1,
        description="recall@10 of the vector index against exact search that a generation needs.",
    )

    keep_questions_days: int | None = Field(
        None,
        ge=1,
        description="Days that questions are kept, with answers and all that was found; none: for good. One on which a "
        "vote still counts, or about which a pair is, loses its answer only. What goes is deleted once a day.",
    )
    keep_impressions_days: int | None = Field(
        None,
        ge=1,
        description="Days that passages are kept which were found and not shown, of questions on which no vote counts.",
    )
    keep_votes_days: int | None = Field(
        None, ge=1, description="Days that votes are kept, and teach; each by its own age."
    )

    log_format: Literal["text", "json"] = Field(
        "text", description="How lines are logged: for people, or as JSON, with ids apart and no texts of errors."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="What is logged.")

    @model_validator(mode="before")
    @classmethod
    def _tidy(cls, given: dict[str, Any]) -> dict[str, Any]:
        """Cuts what came along when a value was copied; of what nothing is left isn't set."""
        tidied = {name: _tidied(value) for name, value in given.items()}
        return {name: value for name, value in tidied.items() if value != ""}

    @field_validator("*")
    @classmethod
    def _without_strangers(cls, value: object, info: ValidationInfo) -> object:
        """Nothing unseen is inside a value, where it would fail much later, and without a name."""
        name = info.field_name or ""
        if name.endswith("database_url") and isinstance(value, SecretStr):
            require_visible(value.get_secret_value())  # a password may have a space
        elif isinstance(value, SecretStr):
            require_key(value.get_secret_value())
        elif isinstance(value, str) and name.endswith("_url"):
            require_address(value)
        elif isinstance(value, str | Path) and name != "slack_admins":
            require_one_line(str(value))
        return value

    @field_validator(*_SLACK_SECRETS)
    @classmethod
    def _token_of_its_kind(cls, token: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        beginnings, sentence = _SLACK_SECRETS[info.field_name or ""]
        if token is not None and not token.get_secret_value().startswith(beginnings):
            raise ValueError(sentence)
        return token

    @field_validator("slack_signing_secret")
    @classmethod
    def _no_token(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None and secret.get_secret_value().startswith(("xox", "xapp-")):
            raise ValueError("is a token: the signing secret is on the app's page, Basic Information, App Credentials")
        return secret

    @field_validator("slack_admins")
    @classmethod
    def _admins_by_id(cls, text: str) -> str:
        return ",".join(read_slack_ids(text, "UW", _HOW_TO_FIND_MEMBER))

    @field_validator("slack_admin_channel")
    @classmethod
    def _channel_by_id(cls, text: str | None) -> str | None:
        found = read_slack_ids(text or "", "CDG", _HOW_TO_FIND_CHANNEL)
        if len(found) > 1:
            raise ValueError("names more than one channel")
        return found[0] if found else None

    @field_validator("languages")
    @classmethod
    def _known_languages(cls, text: str) -> str:
        return ",".join(read_languages(text))

    @field_validator("chunk_overlap")
    @classmethod
    def _overlap_within_half(cls, overlap: int, info: object) -> int:
        size = getattr(info, "data", {}).get("chunk_size", 2 * overlap)
        if 2 * overlap > size:
            raise ValueError(f"must be at most half of NIGHTSHIFT_CHUNK_SIZE, which is {size}; unset, it is 200")
        return overlap

    @field_validator("llm_base_url")
    @classmethod
    def _leads_to_a_server(cls, address: str | None) -> str | None:
        if address is not None:
            split_address(address)
        return address

    @field_validator("llm_proxy")
    @classmethod
    def _leads_to_a_proxy(cls, proxy: str | None) -> str | None:
        if proxy is not None and not re.match(r"https?://[^\s/]+/?\Z", proxy):
            raise ValueError("write it like http://proxy.example.com:3128")
        return proxy

    @property
    def has_language_model(self) -> bool:
        """Whether answers are written: a key or an address is enough."""
        return self.llm_api_key is not None or self.llm_base_url is not None

    @property
    def language_names(self) -> tuple[str, ...]:
        """The documents' languages, the commonest first."""
        return tuple(self.languages.split(","))

    @property
    def admins(self) -> frozenset[str]:
        """The admins' Slack user ids, those of another workspace than the bot's own after its id and a colon."""
        return frozenset(filter(None, self.slack_admins.split(",")))

    @property
    def home(self) -> Path:
        """The data folder as an absolute path."""
        return self.data_dir.expanduser().absolute()

    @property
    def models_dir(self) -> Path:
        """Where the nights put their models."""
        return self.home / "models"

    @property
    def reports_dir(self) -> Path:
        """Where the nights put their reports."""
        return self.home / "reports"

    def report_picture(self, run_id: int) -> Path:
        """The picture of a night's report; its page lies beside it."""
        return self.reports_dir / f"run-{run_id}" / "report.png"


def load_settings(*, tell_unknown: bool = True) -> Settings:
    """Reads the environment, the settings' files, and the files that are named for secrets.

    Logs names that look like settings and are none.

    Raises:
        ConfigurationError: a value can't be used; the message names where it was set, never the value.
    """
    given = read_all_given()
    if tell_unknown:
        for sentence in given.unknown:
            _log.warning("%s", sentence)
    return make_settings(given)


def read_all_given() -> EverythingGiven:
    """What was set, wherever it was set, as it was written there."""
    variables = {name: f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    return read_given(os.environ, variables, secret_names())


def make_settings(given: EverythingGiven) -> Settings:
    """The settings, of what was read of them; the environment's own are read there once more.

    Raises:
        ConfigurationError: as of `load_settings`.
    """
    problems = list(given.problems)
    beside = {name: one.text for name, one in given.by_name.items() if one.origin != "environment"}
    try:
        settings = Settings(**beside)  # type: ignore[arg-type]
    except ValidationError as error:
        for problem in error.errors(include_input=False, include_url=False):
            name = "_".join(str(part) for part in problem["loc"])
            place = given.by_name[name].place if name in given.by_name else f"{PREFIX}{name.upper()}"
            problems.append(f"{place}: {problem['msg'].removeprefix('Value error, ')}")
        settings = None
    if settings is None or problems:
        raise ConfigurationError("A setting can't be used. " + "; ".join(problems)) from None
    return settings


def settings_with(values: Mapping[str, str]) -> Settings:
    """The settings as they would be with these values in a file, by name.

    Raises:
        ConfigurationError: one can't be used; names it, without its value.
    """
    return make_settings(EverythingGiven({name: Given(text, "file", name) for name, text in values.items()}, [], []))


def settings_place() -> Path:
    """Where the settings file is, or would be."""
    return settings_file(os.environ)


def forget_variables(names: Iterable[str]) -> None:
    """Takes variables out of this process's environment, and so out of what its children and libraries read."""
    for name in names:
        os.environ.pop(name, None)


def forget_variables_but(beginnings: tuple[str, ...]) -> None:
    """Takes all variables out of this process's environment whose names begin otherwise."""
    forget_variables([name for name in os.environ if not name.upper().startswith(beginnings)])


def read_variables(beginnings: tuple[str, ...]) -> dict[str, str]:
    """What of this process's environment a program may have that it starts: what begins so, in whatever case."""
    return {name: value for name, value in os.environ.items() if name.upper().startswith(beginnings)}


def read_secret(name: str) -> SecretStr:
    """A secret of an operator's own, by the name of its variable.

    Raises:
        ConfigurationError: it isn't set here.
    """
    value = os.environ.get(name, "").strip()
    if not value:
        raise ConfigurationError(
            f"{name} isn't set here; set it wherever sources are synced, also where the nights run."
        )
    return SecretStr(value)


def secret_names() -> list[str]:
    """The settings that are secrets: each may be in a file instead, named by its variable with `_FILE` behind it."""
    fields = Settings.model_fields.items()
    return [name for name, field in fields if SecretStr in (field.annotation, *get_args(field.annotation))]


def _tidied(value: object) -> object:
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    return tidy(value) if isinstance(value, str) else value
