"""The commands of `aidp jobs` that steer a running job."""

from collections.abc import Sequence
from dataclasses import replace as replaced
from typing import Annotated

import typer

from github_app.jobs import terminal
from github_app.jobs.client import AidpClient
from workflows.dag import MAX_CONCURRENCY
from workflows.globs import as_meant
from workflows.loop_controls import GuardUpdate, Pause, Preference
from workflows.model import Guards, Instruction, Limits, Priority

NOTHING_TIGHTER = Guards(allow_protected=("**",), max_changed_lines=None, max_file_bytes=None)
"""What guards can be combined with and stay as they are."""
NO_CHANGE = "Name a change: --include GLOB, --exclude GLOB or --confirm GLOB."

controls = typer.Typer()

JobId = Annotated[str, typer.Argument(metavar="ID", help="As `aidp jobs list` shows it.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


@controls.command()
def pause(
    job_id: JobId,
    *,
    interrupt: Annotated[bool, typer.Option("--interrupt", help="Stop the running agent, too.")] = False,
    minutes: Annotated[float | None, typer.Option(help="Go on by itself after so long.")] = None,
    as_json: AsJson = False,
) -> None:
    """Hold a job after its running step."""
    how = Pause(interrupt, minutes * 60 if minutes is not None else None)
    terminal.ask(lambda client: client.pause(job_id, how), as_json=as_json)


@controls.command()
def resume(job_id: JobId, *, as_json: AsJson = False) -> None:
    """Let a paused job go on."""
    terminal.ask(lambda client: client.resume(job_id), as_json=as_json)


@controls.command()
def cancel(job_id: JobId, *, reason: Annotated[str, typer.Option(help="Why.")] = "", as_json: AsJson = False) -> None:
    """End a job now; its agent is stopped."""
    terminal.ask(lambda client: client.cancel(job_id, reason), as_json=as_json)


@controls.command()
def instruct(
    job_id: JobId,
    text: Annotated[str, typer.Argument(help="What the agent is to heed.")],
    *,
    priority: Annotated[str, typer.Option(help="critical, high, normal or low.")] = "normal",
    as_json: AsJson = False,
) -> None:
    """Tell the agent something with its next prompt."""
    if priority.upper() not in Priority.__members__:
        raise typer.BadParameter("--priority is one of critical, high, normal, low.")
    instruction = Instruction(text, Priority[priority.upper()])
    terminal.ask(lambda client: client.instruct(job_id, instruction), as_json=as_json)


@controls.command()
def allow(  # noqa: PLR0913  # each is an option that people type
    job_id: JobId,
    *,
    usd: Annotated[float | None, typer.Option(min=0, help="So many dollars more.")] = None,
    tokens: Annotated[int | None, typer.Option(min=0, help="So many tokens more.")] = None,
    minutes: Annotated[float | None, typer.Option(min=0, help="So many minutes of agents' work more.")] = None,
    iterations: Annotated[int | None, typer.Option(min=0, help="So many iterations more.")] = None,
    as_json: AsJson = False,
) -> None:
    """Raise a job's budget; one that holds goes on."""
    more = Limits(usd=usd, tokens=tokens, minutes=minutes, iterations=iterations)
    terminal.ask(lambda client: client.allow(job_id, more), as_json=as_json)


@controls.command()
def prefer(
    job_id: JobId,
    agent: Annotated[str, typer.Argument(metavar="PROVIDER[/MODEL]", help="/MODEL alone: of the running one.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Have another agent or model work from the next prompt on."""
    terminal.ask(lambda client: client.prefer(job_id, Preference.of(agent)), as_json=as_json)


@controls.command()
def guard(  # noqa: PLR0913  # each is an option that people type
    job_id: JobId,
    *,
    include: Annotated[list[str] | None, typer.Option(metavar="GLOB", help="Only these may change.")] = None,
    exclude: Annotated[list[str] | None, typer.Option(metavar="GLOB", help="These may not.")] = None,
    confirm: Annotated[list[str] | None, typer.Option(metavar="GLOB", help="These may once approved.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Set those given ('' is none), else tighten.")] = False,
    as_json: AsJson = False,
) -> None:
    """Change which paths the agent may change; each option may be given more than once."""
    given = {"include": include, "exclude": exclude, "confirm": confirm}
    named = {field: _meant(globs) for field, globs in given.items() if globs}
    if not (named if replace else any(named.values())):
        raise typer.BadParameter(NO_CHANGE)

    async def guarded(client: AidpClient) -> str:
        now = await client.guards(job_id) if replace else NOTHING_TIGHTER
        return await client.guard(job_id, GuardUpdate(replaced(now, **named), by_admin=replace))

    terminal.ask(guarded, as_json=as_json)


@controls.command()
def concurrency(
    job_id: JobId,
    number: Annotated[int, typer.Argument(metavar="N", min=1, max=MAX_CONCURRENCY, help="So many.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Change how many units of workstreams run at once."""
    terminal.ask(lambda client: client.set_concurrency(job_id, number), as_json=as_json)


@controls.command()
def retry(
    job_id: JobId,
    units: Annotated[list[str] | None, typer.Argument(metavar="[UNIT]...", help="Else all that failed.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Run failed units of workstreams again, and what was skipped because of them."""
    terminal.ask(lambda client: client.retry(job_id, *(units or ())), as_json=as_json)


@controls.command()
def reload(job_id: JobId, *, as_json: AsJson = False) -> None:
    """Have the repository's configuration read again before the next iteration."""
    terminal.ask(lambda client: client.reload(job_id), as_json=as_json)


@controls.command()
def approve(job_id: JobId, *, as_json: AsJson = False) -> None:
    """Let the changes through that wait for it."""
    terminal.ask(lambda client: client.approve(job_id), as_json=as_json)


@controls.command()
def refuse(job_id: JobId, *, as_json: AsJson = False) -> None:
    """Have the changes taken out that wait for an approval."""
    terminal.ask(lambda client: client.refuse(job_id), as_json=as_json)


@controls.command()
def stop(job_id: JobId, *, as_json: AsJson = False) -> None:
    """Cancel a job through Temporal: also when no worker is there to take it in."""
    terminal.ask(lambda client: client.stop(job_id), as_json=as_json)


def _meant(globs: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(meant for glob in globs if glob for meant in as_meant(glob)))
