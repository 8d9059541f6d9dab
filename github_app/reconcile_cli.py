"""`aidp reconcile` and `aidp watch`: look now for what no webhook brought, and show what was found."""

import asyncio
import json
import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from github_app import telemetry
from github_app.settings import OperatorError, ProcessSettings, load, seal_environment, temporal_environment
from github_app.terminal import console, fail

if TYPE_CHECKING:
    from temporalio.client import Client

    from workflows.model.reconciling import Reconciled

REPOSITORY = re.compile(r"[\w.-]{1,100}/[\w.-]{1,100}", re.ASCII)
BY_ITSELF = "aidp looks by itself while `aidp up` runs. To look now, add --once."

Once = Annotated[bool, typer.Option("--once", help="Look now, once.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print it as JSON, for programs.")]


def reconcile_command(*, once: Once = False, as_json: AsJson = False) -> None:
    """Look at all repositories for labels and commands that no webhook told of, and for work that is gone."""
    from github_app.reconcile_now import reconcile_now

    _look(reconcile_now, once=once, as_json=as_json)


def watch_command(
    repository: Annotated[str, typer.Argument(metavar="OWNER/REPO")], *, once: Once = False, as_json: AsJson = False
) -> None:
    """Look at one repository in the same way."""
    if not REPOSITORY.fullmatch(repository):
        raise typer.BadParameter(f"{repository!r} is no repository. Write it as OWNER/REPO.")
    from github_app.reconcile_now import look_now

    _look(lambda client: look_now(client, repository), once=once, as_json=as_json)


def _look(look: "Callable[[Client], Awaitable[Reconciled]]", *, once: bool, as_json: bool) -> None:
    if not once:
        fail(BY_ITSELF)
    try:
        found = asyncio.run(_connected(look))
    except OperatorError as error:
        fail(str(error))
    _show(found, as_json=as_json)


async def _connected(look: "Callable[[Client], Awaitable[Reconciled]]") -> "Reconciled":
    from github_app.temporal import connect, profile_of

    secrets = seal_environment()
    settings = load(ProcessSettings, secrets)
    telemetry.configure(settings.log_format, logging.WARNING)
    client = await connect(profile_of(temporal_environment(secrets)), settings.state_dir)
    return await look(client)


def _show(found: "Reconciled", *, as_json: bool) -> None:
    from github_app.reconcile_now import table

    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in found.findings], ensure_ascii=False, indent=2))
        return
    console().print(table(found))
