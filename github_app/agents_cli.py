"""`aidp agents`: which agents this host can run, and what the others need first."""

import asyncio
import dataclasses
import json
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from github_app.settings import HostSettings, SettingsError, load, seal_environment
from github_app.terminal import fail

if TYPE_CHECKING:
    from activities.agents.inspection import AgentStatus


def agents_command(
    *, as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON, for programs.")] = False
) -> None:
    """Show which agents this host can run. It needs no settings, and asks no model."""
    try:
        settings = load(HostSettings, seal_environment())
        from github_app.agent_choice import check_names

        check_names(settings)
    except SettingsError as error:
        fail(f"aidp cannot look at the agents:\n{error}")
    from activities.agents.inspection import inspect_agents
    from github_app.hands import agent_settings

    found = asyncio.run(inspect_agents(agent_settings(settings)))
    if as_json:
        typer.echo(json.dumps([dataclasses.asdict(status) for status in found], indent=2))
    else:
        Console(highlight=False).print(table(found))


def table(found: "list[AgentStatus]") -> Table:
    """Lay the agents out, one a row; long cells wrap."""
    shown = Table(box=box.HORIZONTALS, show_lines=True)
    shown.add_column("agent", style="bold", no_wrap=True)
    shown.add_column("login", no_wrap=True)
    shown.add_column("on this host", overflow="fold", max_width=36)
    shown.add_column("what it needs first", overflow="fold")
    for status in found:
        shown.add_row(*map(escape, (status.name, _login(status), _here(status), status.needs)))
    return shown


def _login(status: "AgentStatus") -> str:
    if not status.path:
        return ""
    match status.can_authenticate:
        case True:
            return "yes"
        case False:
            return "no"
        case None:
            return "unknown"  # only a run would tell


def _here(status: "AgentStatus") -> str:
    login = f"login: {status.authentication}" if status.authentication else ""
    return "\n".join(filter(None, (status.version, status.path, login))) or "not found"
