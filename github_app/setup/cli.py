"""`aidp app create` and `aidp manifest`: the App on GitHub, made in the browser or by hand."""

import asyncio
import json
import logging
import re
from pathlib import Path
from typing import Annotated

import typer
from pydantic import TypeAdapter, ValidationError

from github_app import telemetry
from github_app.manifest import manifest
from github_app.settings import ENV_FILE, Origin, ProcessSettings, SettingsError, load, own_environment
from github_app.setup.env_file import AlreadySetError, CredentialFiles
from github_app.setup.new_app import CREDENTIALS, GITHUB, CreationError, NewApp
from github_app.terminal import fail, say

KEY_FILE = "private-key.pem"
ACCOUNT = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})")


def _origin(url: str) -> str:
    try:
        return TypeAdapter[str](Origin).validate_python(url)
    except ValidationError:
        raise typer.BadParameter("Give the address of a server, with https:// unless it is this machine.") from None


def _webhook_url(url: str) -> str:
    if not re.fullmatch(r"https?://[^/\s]+/\S+", url):
        raise typer.BadParameter("Give the whole address of the door, such as https://aidp.example.com/webhook.")
    return _origin(url)


def _account(name: str) -> str:
    if name and not ACCOUNT.fullmatch(name):
        raise typer.BadParameter("Give the organization's name as it stands in its address on GitHub.")
    return name


WebhookUrl = Annotated[
    str, typer.Option(parser=_webhook_url, metavar="URL", help="Where GitHub reaches us: https://…/webhook.")
]

app_commands = typer.Typer(no_args_is_help=True, help="The App on GitHub.")


@app_commands.callback()
def app_group() -> None:
    """Keep `create` a command of its own, although it is the only one."""


@app_commands.command("create")
def create_command(
    webhook_url: WebhookUrl,
    org: Annotated[str, typer.Option(parser=_account, metavar="NAME", help="The organization that is to own it.")] = "",
    github_url: Annotated[
        str, typer.Option(parser=_origin, metavar="URL", help="Another GitHub than github.com.")
    ] = GITHUB,
    *,
    replace: Annotated[bool, typer.Option("--replace", help="Replace the credentials of an earlier App.")] = False,
) -> None:
    """Create the App in the browser; its credentials go to .env and to a file, not to the screen."""
    telemetry.configure("console", logging.WARNING)
    from github_app.setup.creation import create

    try:
        files = _files(replace=replace)
        asyncio.run(create(NewApp(webhook_url, github_url, org), files, say))
    except (SettingsError, AlreadySetError, CreationError) as error:
        fail(f"No App was set up:\n{error}")


def manifest_command(webhook_url: WebhookUrl) -> None:
    """Print the App's manifest as JSON, for those who create the App by hand."""
    typer.echo(json.dumps(manifest().at(webhook_url), indent=2))


def _files(*, replace: bool) -> CredentialFiles:
    """Say where the credentials go, when nothing is in their way."""
    shadowing = [name for name in CREDENTIALS if own_environment().get(name)]
    if shadowing:
        raise AlreadySetError(f"{', '.join(shadowing)} in the environment would win over {ENV_FILE}. Unset it first.")
    files = CredentialFiles(Path(ENV_FILE).absolute(), load(ProcessSettings).state_dir / KEY_FILE)
    try:
        if not replace:
            files.check_free(CREDENTIALS)
        files.prepare()
    except AlreadySetError as error:
        raise AlreadySetError(f"{error} To give up that App, add --replace.") from error
    except OSError as error:
        raise CreationError(f"Credentials can not be written there ({error.strerror}: {error.filename}).") from error
    return files
