"""The command line: `aidp up`, its parts alone, the demo, and a look at the agents.

A command imports what it runs: `aidp jobs list` need not wait for the GitHub client, nor `aidp up` for the demo.
"""

import asyncio
import logging
import os
import signal
from collections.abc import Callable, Coroutine, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer

from github_app import telemetry
from github_app.agents_cli import agents_command
from github_app.deliveries_cli import deliveries
from github_app.jobs.cli import jobs
from github_app.reconcile_cli import reconcile_command, watch_command
from github_app.settings import (
    DoorSettings,
    JobsSettings,
    OperatorError,
    Role,
    Settings,
    SettingsError,
    UpSettings,
    WorkerSettings,
    load,
    seal_environment,
)
from github_app.setup.cli import app_commands, manifest_command
from github_app.terminal import fail, leave, say, screen

cli = typer.Typer(
    name="aidp",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Runs coding agents on labelled GitHub issues, durably.",
)
cli.add_typer(jobs, name="jobs")
cli.add_typer(deliveries, name="deliveries")


def main() -> None:
    """Run the command line; what the operator can mend is told in one line, without a traceback."""
    try:
        cli()
    except SystemExit as ending:
        leave(ending)


@cli.command("up")
def up_command(
    *,
    no_github: Annotated[bool, typer.Option("--no-github", help="Without GitHub: for `aidp jobs` alone.")] = False,
) -> None:
    """Run everything: an embedded Temporal (unless TEMPORAL_ADDRESS is set), a worker, and the webhook door."""
    settings, secrets = _settings(JobsSettings if no_github else UpSettings)
    from github_app import up

    say("aidp", version("aidp"))
    _run(up.up(settings, secrets, say))


@cli.command("serve")
def serve_command() -> None:
    """Run the webhook door alone. Of the App's secrets it needs the webhook secret, of all else Temporal."""
    settings, secrets = _settings(DoorSettings)
    import uvloop

    from github_app import up

    _run(up.serve(settings, secrets, say), uvloop.new_event_loop)


@cli.command("work")
def work_command(
    role: Annotated[
        Role, typer.Option(help="decide: workflows and GitHub calls; agents: this host's agents.")
    ] = Role.ALL,
) -> None:
    """Run a worker alone. It needs the App's private key and Temporal."""
    settings, secrets = _settings(WorkerSettings)
    from github_app import up

    _run(up.work(settings, role, secrets, say))


def _in_a_folder(file: Path | None) -> Path | None:
    """Refuse a file that could not be written when the story is over."""
    if file and not file.exists() and not os.access(file.parent, os.W_OK | os.X_OK):
        raise typer.BadParameter(f"{file.parent} is no folder that can be written to.")
    return file


@cli.command("demo")
def demo_command(
    *,
    stay: Annotated[bool, typer.Option("--stay", help="Leave everything running at the end.")] = False,
    faults: Annotated[int | None, typer.Option(help="Let it happen on a bad day at GitHub, with this seed.")] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            dir_okay=False,
            writable=True,
            callback=_in_a_folder,
            help="Write what came out of it to this file, as JSON.",
        ),
    ] = None,
) -> None:
    """Show the whole story on this machine: a local GitHub, real Temporal, git and processes, a scripted agent."""
    from github_app.demo import run as demo

    telemetry.configure("console", logging.WARNING)
    try:
        seen = asyncio.run(demo.run(demo.Options(stay, faults, report), screen))
    except asyncio.CancelledError as ended:
        raise typer.Exit(128 + signal.SIGTERM) from ended
    if not seen:
        raise typer.Exit(1)


cli.command("agents")(agents_command)
cli.command("manifest")(manifest_command)
cli.command("reconcile")(reconcile_command)
cli.command("watch")(watch_command)
cli.add_typer(app_commands, name="app")


def _settings(kind: type[Settings]) -> tuple[Settings, Mapping[str, str]]:
    """Read the settings once the secrets are out of the environment."""
    try:
        secrets = seal_environment()
        settings = load(kind, secrets)
    except SettingsError as error:
        fail(f"aidp cannot start:\n{error}")
    telemetry.configure(settings.log_format)
    return settings, secrets


def _run(
    command: Coroutine[Any, Any, None], loop: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop
) -> None:
    try:
        with asyncio.Runner(loop_factory=loop) as runner:
            runner.run(command)
    except OperatorError as error:
        fail(f"aidp cannot start:\n{error}")
