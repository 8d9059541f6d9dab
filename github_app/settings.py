"""What the operator sets: `AIDP_*` variables, or the same names in `.env`. The only place that reads the environment.

Each process loads the class it needs, so that none holds a secret it has no use for.
"""

import difflib
import ipaddress
import os
import re
import shlex
import sys
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, TypeVar
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import AfterValidator, BeforeValidator, Field, PositiveInt, SecretStr, StringConstraints, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from github_app.budget_json import read_budget
from github_app.credentials import check_webhook_secret, read_private_key
from github_app.seal import forbid_inspection, is_reference, open_seals, start_again_sealed
from github_app.telemetry import LogFormat
from workflows.model import Budget

PREFIX = "AIDP_"
ENV_FILE = ".env"
SECRETS = (
    "AIDP_GITHUB_PRIVATE_KEY",
    "AIDP_GITHUB_WEBHOOK_SECRET",
    "TEMPORAL_API_KEY",
    "TEMPORAL_TLS_CLIENT_KEY_DATA",
)
OURS = re.compile(r"(AIDP|TEMPORAL)_.*")
NOTHING_SEALED: Mapping[str, str] = MappingProxyType({})


class OperatorError(Exception):
    """Something the operator has to mend before aidp can start; the text says what."""


class SettingsError(OperatorError):
    """The settings are not usable; the text says, line by line, what to set."""


Settings = TypeVar("Settings", bound="ProcessSettings")


def _split(value: object) -> object:
    return tuple(part for part in map(str.strip, value.split(",")) if part) if isinstance(value, str) else value


def _split_command(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return tuple(shlex.split(value))
    except ValueError as error:
        raise ValueError(f"is not a command line: {str(error).rstrip('.').lower()}") from error


def _strong(secret: SecretStr) -> SecretStr:
    return SecretStr(check_webhook_secret(secret.get_secret_value()))


def _private_key(key: SecretStr) -> SecretStr:
    return SecretStr(read_private_key(key.get_secret_value()))


def _origin(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"https", "http"} or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ValueError("is not the address of a server")
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        raise ValueError("must begin with https://")
    return url.rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _absolute(path: Path) -> Path:
    return path.expanduser().absolute()


def _not_ours(name: str) -> str:
    if OURS.fullmatch(name):
        raise ValueError("would show agents our own settings")
    return name


def _usual_log_format() -> LogFormat:
    return "console" if sys.stderr.isatty() else "json"


SPLIT = BeforeValidator(_split)
WebhookSecret = Annotated[SecretStr, AfterValidator(_strong)]
PrivateKey = Annotated[SecretStr, AfterValidator(_private_key)]
Origin = Annotated[str, AfterValidator(_origin)]
AgentName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$")]
VariableName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$"), AfterValidator(_not_ours)]


class Role(StrEnum):
    """Which part of the work a worker takes."""

    ALL = "all"
    DECIDE = "decide"
    """Workflows and GitHub calls."""
    AGENTS = "agents"
    """Worktrees, checks and agents: a host."""


class ProcessSettings(BaseSettings):
    """What every process needs. A field's description completes "Set it to ..."."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=ENV_FILE,
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    label_prefix: Annotated[str, StringConstraints(pattern=r"^[^\s,]{1,30}$")] = Field(
        default="aidp-", description="what our labels begin with, such as aidp-"
    )
    trusted_bots: Annotated[frozenset[PositiveInt], NoDecode, SPLIT] = Field(
        default=frozenset(), description="the user ids of bots that may start work: numbers, with commas between them"
    )
    state_dir: Annotated[Path, AfterValidator(_absolute)] = Field(
        default=Path("~/.aidp"),
        validate_default=True,
        description="a directory for state and logs",
    )
    log_format: LogFormat = Field(default_factory=_usual_log_format, description="console or json")


class DoorSettings(ProcessSettings):
    """What the process needs that receives webhooks."""

    github_webhook_secret: Annotated[tuple[WebhookSecret, ...], NoDecode, SPLIT] = Field(
        min_length=1,
        description="the App's webhook secret (old,new while you change it); make one with: openssl rand -hex 32",
    )
    github_app_slug: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,38}$")] = Field(
        default="aidp", description="the App's name as its address has it: the last part of github.com/apps/..."
    )
    host: str = Field(default="127.0.0.1", description="the address to listen on, such as 127.0.0.1")
    port: int = Field(default=8080, ge=1, le=65535, description="the port to listen on, such as 8080")


class HostSettings(ProcessSettings):
    """What a host needs that runs agents."""

    host_id: str = Field(
        default="", description="a name that no other host has, if this one's network name is not unique"
    )
    agents: Annotated[tuple[AgentName, ...], NoDecode, SPLIT] = Field(
        default=("claude",), min_length=1, description="agent names in order of preference, such as claude,codex"
    )
    budget: Annotated[Budget, NoDecode, BeforeValidator(read_budget)] = Field(
        default_factory=Budget, description='limits as JSON, such as {"run": {"usd": 5}, "day": {"usd": 50}}'
    )
    agent_slots: int = Field(default=4, ge=1, le=100, description="how many agents run at once on this host, such as 4")
    disk_quota_gb: float | None = Field(
        default=None, gt=0, description="how many GB the state directory may take, such as 50"
    )
    logs_kept_days: float = Field(default=14, ge=0, description="how many days prompts and logs are kept, such as 14")
    sweep_minutes: float = Field(default=60, gt=0, description="how often old prompts and logs are removed, such as 60")
    agent_command: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split_command)] = Field(
        default=(), description="the command line of the agent named command, quoted as for a shell"
    )
    agent_env: Annotated[tuple[VariableName, ...], NoDecode, SPLIT] = Field(
        default=(), description="names of variables that agents may see too, such as ANTHROPIC_API_KEY"
    )


class WorkerSettings(HostSettings):
    """What the processes need that act on GitHub and run agents."""

    github_app_id: PositiveInt = Field(description="the App ID that the App's settings page shows")
    github_private_key: PrivateKey = Field(
        description="the private key (PEM) from the App's settings page, or the path of its file"
    )
    github_api_url: Origin = Field(default="https://api.github.com", description="the address of GitHub's REST API")
    github_url: Origin = Field(default="https://github.com", description="the address of GitHub")
    github_write_limits: bool = Field(
        default=True, description="true, or false for a GitHub Enterprise Server that has no rate limits"
    )
    delivery_sweep_seconds: int = Field(
        default=60, ge=1, le=3600, description="how often to look for lost webhooks, in seconds, such as 60"
    )
    reconcile_seconds: int = Field(
        default=300,
        ge=1,
        le=86_400,
        description="how often to look for what no webhook brought, in seconds, such as 300",
    )


class JobsSettings(HostSettings):
    """What the one process needs that does everything but GitHub: `aidp up --no-github`."""

    temporal_port: int = Field(
        default=7233,
        ge=1,
        le=65535,
        description="the port of the embedded Temporal, such as 7233",
    )


class UpSettings(DoorSettings, WorkerSettings, JobsSettings):
    """What the one process needs that is everything: `aidp up`."""


def seal_environment() -> Mapping[str, str]:
    """Take our secrets out of the environment, by starting this program once more; return them for `load`.

    Call it first of all: what was done before is done again.
    """
    forbid_inspection()
    exposed = [name for name in SECRETS if _is_exposed(name, os.environ.get(name, ""))]
    if exposed and sys.platform == "linux":
        start_again_sealed(os.environ, exposed)
    try:
        return open_seals(os.environ, SECRETS)
    except OSError as error:
        raise SettingsError("A secret refers to a file descriptor that is not open. Set its value instead.") from error


def load(kind: type[Settings], unsealed: Mapping[str, str] = NOTHING_SEALED) -> Settings:
    """Read a process's settings, or raise a `SettingsError` that names everything there is to mend."""
    problems = _misspelled()
    values = {name: unsealed[variable] for name in kind.model_fields if (variable := _variable(name)) in unsealed}
    try:
        settings = kind.model_validate(values)
    except ValidationError as error:
        raise SettingsError("\n".join([*problems, *_invalid(error, kind)])) from None  # the cause may show values
    if problems:
        raise SettingsError("\n".join(problems))
    return settings


def own_environment() -> dict[str, str]:
    """Return this process's environment; children inherit nothing, they are given what they need of it by name."""
    return dict(os.environ)


def temporal_environment(unsealed: Mapping[str, str]) -> dict[str, str]:
    """Return what `temporalio.envconfig` reads: the environment, before it what was sealed, behind it `.env`.

    What `.env` holds stays out of the environment. An empty variable does not hide it, as with our own.
    """
    in_file = {name: value for name, value in dotenv_values(ENV_FILE).items() if value}
    in_environment = {name: value for name, value in os.environ.items() if value or name not in in_file}
    merged = {**in_file, **in_environment, **unsealed}
    return {name: value for name, value in merged.items() if name.startswith("TEMPORAL_")}


def _is_exposed(name: str, value: str) -> bool:
    is_path = name == "AIDP_GITHUB_PRIVATE_KEY" and "-----BEGIN" not in value
    return bool(value) and not is_path and not is_reference(value)


def _variable(field: str) -> str:
    return PREFIX + field.upper()


def _misspelled() -> list[str]:
    """Find variables that look like one of ours but are none; others may be somebody else's."""
    known = [_variable(field) for field in UpSettings.model_fields]
    given = [name for name in {**os.environ, **dotenv_values(ENV_FILE)} if name.startswith(PREFIX)]
    guesses = {name: difflib.get_close_matches(name, known, n=1, cutoff=0.8) for name in given if name not in known}
    return [f"{name} is not a setting. Did you mean {guess[0]}?" for name, guess in guesses.items() if guess]


def _invalid(error: ValidationError, kind: type[ProcessSettings]) -> list[str]:
    lines: dict[str, str] = {}
    for problem in error.errors(include_url=False, include_context=False, include_input=False):
        field = str(problem["loc"][0])
        what = "is not set" if problem["type"] == "missing" else _as_predicate(problem["msg"])
        lines.setdefault(field, f"{_variable(field)} {what}. Set it to {kind.model_fields[field].description}.")
    return list(lines.values())


def _as_predicate(message: str) -> str:
    return re.sub(r"^(Value error, |(Input|String|Tuple|Value) (?=should))", "", message)
