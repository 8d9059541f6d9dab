"""`aidp deliveries`: look at GitHub's log of webhooks, have one delivered again, develop without a tunnel."""

import asyncio
import json
import logging
import re
from collections.abc import AsyncIterable, Coroutine
from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Any, NoReturn

import typer
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
from github_app.terminal import console, fail, screen

REFUSED = 1
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
SPAN = re.compile(r"([0-9]{1,5})([smhd])")
NAME = re.compile(r"[0-9]{1,20}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""An attempt's id, or a webhook's GUID."""
FOLLOW_SECONDS = 3
TROUBLE_SECONDS = 10
"""Before another look when GitHub had trouble and named no time."""

deliveries = typer.Typer(no_args_is_help=True, help="Look at GitHub's log of webhooks, and have some delivered again.")
AsJson = Annotated[bool, typer.Option("--json", help="Print it as JSON, for programs.")]


def parse_span(text: str) -> timedelta:
    """Read how long ago, as people write it: 30s, 10m, 2h, 3d."""
    found = SPAN.fullmatch(text)
    if not found:
        raise typer.BadParameter(f"{text!r} is no time. Write a number and a unit: 30s, 10m, 2h or 3d.")
    return timedelta(**{UNITS[found[2]]: int(found[1])})


def parse_name(text: str) -> str:
    """Read what a webhook is called."""
    name = text.lower()
    if not NAME.fullmatch(name):
        raise typer.BadParameter(
            f"{text!r} is neither an id nor a GUID. Copy one from `aidp deliveries list`; with --json it shows both."
        )
    return name


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
            console().print(table(found))

    _run(listed())


@deliveries.command()
def replay(
    delivery: Annotated[str, typer.Argument(metavar="ID|GUID", help="As `aidp deliveries list` shows it.")],
) -> None:
    """Have GitHub deliver a webhook again. One that aidp has taken before changes nothing."""
    name = parse_name(delivery)
    settings, _ = _settings(WorkerSettings)
    from github_app.delivery_list import WebhookLog

    async def replayed() -> None:
        if not name.isdecimal():
            typer.echo("Looking for it in GitHub's log ...", err=True)
        if not await WebhookLog.of(settings).replay(name):
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
    webhook address, whether anything answers there or not. With --follow, what GitHub or Temporal has trouble with is
    tried again until it is settled.
    """
    span = parse_span(since)
    settings, secrets = _settings(UpSettings)
    from github_app.delivery_feed import feeding

    async def pulled() -> None:
        async with feeding(settings, temporal_environment(secrets), span) as feed:
            while follow:
                pause = await _pause_after(feed.look())
                await asyncio.sleep(pause)
            await _tell(feed.look())
            if feed.refused:
                _refuse(f"{feed.refused} of them were not taken. Mend what was said about them and pull again.")

    _run(pulled())


async def _tell(lines: AsyncIterable[str]) -> None:
    async for line in lines:
        typer.echo(line)


async def _pause_after(lines: AsyncIterable[str]) -> float:
    """Tell what a look finds, or what was in its way; returns how many seconds to wait before the next."""
    try:
        await _tell(lines)
    except ApplicationError as error:
        if error.non_retryable:
            raise
        pause = error.next_retry_delay.total_seconds() if error.next_retry_delay else TROUBLE_SECONDS
        screen.print(f"Once more in {pause:.0f} s. {error.message}", markup=False, soft_wrap=True, style="yellow")
        return pause
    return FOLLOW_SECONDS


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
