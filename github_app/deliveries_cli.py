"""`aidp deliveries`: look at GitHub's log of webhooks, have one delivered again, develop without a tunnel."""

import asyncio
import json
import logging
import re
from collections.abc import Coroutine, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from temporalio.exceptions import ApplicationError

from github_app import telemetry
from github_app.settings import (
    OperatorError,
    Settings,
    UpSettings,
    WorkerSettings,
    load,
    seal_environment,
    temporal_environment,
)
from github_app.terminal import fail, screen

REFUSED = 1
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
SPAN = re.compile(r"([0-9]{1,5})([smhd])")
FOLLOW_SECONDS = 3
WIDTH_WITHOUT_TERMINAL = 200

deliveries = typer.Typer(no_args_is_help=True, help="Look at GitHub's log of webhooks, and have some delivered again.")
AsJson = Annotated[bool, typer.Option("--json", help="Print it as JSON, for programs.")]


def parse_span(text: str) -> timedelta:
    """Read how long ago, as people write it: 30s, 10m, 2h, 3d."""
    found = SPAN.fullmatch(text)
    if not found:
        raise typer.BadParameter(f"{text!r} is no time. Write a number and a unit: 30s, 10m, 2h or 3d.")
    return timedelta(**{UNITS[found[2]]: int(found[1])})


Since = Annotated[str, typer.Option(metavar="TIME", help="How far back: 30s, 10m, 2h, 3d.")]


@deliveries.command("list")
def list_deliveries(
    *,
    failed: Annotated[bool, typer.Option("--failed", help="Only what was never taken.")] = False,
    since: Since = "2h",
    as_json: AsJson = False,
) -> None:
    """Show webhooks, the newest first, each with its latest attempt. GitHub keeps them for 3 days."""
    span = parse_span(since)
    settings, _ = _settings(WorkerSettings)
    from github_app.delivery_list import WebhookLog, table

    async def listed() -> None:
        found = await WebhookLog.of(settings).webhooks(span, failed=failed)
        if as_json:
            typer.echo(json.dumps([asdict(webhook) for webhook in found], indent=2))
        else:
            _console().print(table(found))

    _run(listed())


@deliveries.command()
def replay(
    delivery: Annotated[str, typer.Argument(metavar="ID|GUID", help="As `aidp deliveries list` shows it.")],
) -> None:
    """Have GitHub deliver a webhook again. One that aidp has taken before changes nothing."""
    settings, _ = _settings(WorkerSettings)
    from github_app.delivery_list import WebhookLog

    async def replayed() -> None:
        if not await WebhookLog.of(settings).replay(delivery):
            _refuse(f"GitHub can not deliver {delivery} again. It keeps webhooks for 3 days; see: aidp deliveries list")
        typer.echo(f"GitHub delivers {delivery} again. See how it went with: aidp deliveries list --since 5m")

    _run(replayed())


@deliveries.command()
def pull(
    *,
    since: Since = "10m",
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")] = False,
) -> None:
    """Take webhooks out of GitHub's log instead of waiting for them: for a machine that GitHub can not reach.

    Each goes through the same door as if GitHub had sent it here. The App must be subscribed to them, and have some
    webhook address, whether anything answers there or not.
    """
    span = parse_span(since)
    settings, secrets = _settings(UpSettings)
    from github_app.delivery_feed import feeding

    async def pulled() -> None:
        async with feeding(settings, temporal_environment(secrets)) as feed:
            _tell(await feed.look(span))
            while follow:
                await asyncio.sleep(FOLLOW_SECONDS)
                _tell(await feed.look(span))
            if feed.refused:
                _refuse(f"{feed.refused} of them were not taken. Mend what was said about them and pull again.")

    _run(pulled())


def _tell(lines: Sequence[str]) -> None:
    for line in lines:
        typer.echo(line)


def _settings(kind: type[Settings]) -> tuple[Settings, Any]:
    """Read the settings once the secrets are out of the environment."""
    try:
        secrets = seal_environment()
        settings = load(kind, secrets)
    except OperatorError as error:
        fail(f"aidp cannot look at GitHub's log:\n{error}")
    telemetry.configure(settings.log_format, logging.WARNING)
    return settings, secrets


def _run(command: Coroutine[Any, Any, None]) -> None:
    try:
        asyncio.run(command)
    except OperatorError as error:
        fail(str(error))
    except ApplicationError as error:
        _refuse(error.message)
    except KeyboardInterrupt:
        typer.echo("")


def _refuse(message: str) -> NoReturn:
    screen.print(message, markup=False, soft_wrap=True, style="red")
    raise typer.Exit(REFUSED)


def _console() -> Console:
    found = Console(highlight=False)
    return found if found.is_terminal else Console(highlight=False, width=WIDTH_WITHOUT_TERMINAL)
