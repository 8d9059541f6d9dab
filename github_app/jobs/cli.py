"""`aidp jobs`: start, steer and watch work on local repositories."""

from pathlib import Path
from typing import Annotated

import typer

from github_app.jobs import terminal
from github_app.jobs.controls import AsJson, JobId, controls
from github_app.jobs.errors import OneUnitError
from github_app.jobs.logs import Logs, Reader
from github_app.jobs.model import JobFilter, Wishes, Workstreams
from github_app.jobs.plan_file import read_plan
from github_app.jobs.projects import check_providers, find_project, read_prompt, read_time
from github_app.jobs.tables import job_table, status_view
from github_app.jobs.terminal import Session
from workflows.search_attributes import Kind

MAX_ITERATIONS = 100

jobs = typer.Typer(no_args_is_help=True, help="Work on local repositories, without GitHub. Needs `aidp up` only.")
start = typer.Typer(no_args_is_help=True, help="Start a job and print its id.")
jobs.add_typer(start, name="start")
jobs.add_typer(controls)


@start.command("work")
def start_work(  # noqa: PLR0913  # each is an option that people type
    *,
    step: Annotated[str, typer.Option(help="What the work is called.")],
    prompt: Annotated[str, typer.Option(metavar="FILE", help="What the agent is to do; - reads it from stdin.")],
    project_dir: Annotated[Path, typer.Option(metavar="DIR", help="A git repository.")] = Path(),
    provider: Annotated[list[str] | None, typer.Option(metavar="NAME[/MODEL]", help="Instead of the usual.")] = None,
    max_iterations: Annotated[int | None, typer.Option(min=1, max=MAX_ITERATIONS, help="At most so many.")] = None,
    as_json: AsJson = False,
) -> None:
    """Have an agent work on one step, on a branch of its own; the first provider given is preferred."""

    async def started(session: Session) -> None:
        text = read_prompt(prompt)
        project = await find_project(project_dir)
        if project.is_dirty:
            terminal.note("Changes that are not committed are not part of the work; it begins at the last commit.")
        wishes = Wishes(check_providers(provider or ()), max_iterations)
        terminal.show_started(await session.client.start_work_loop(project.path, step, text, wishes), as_json=as_json)

    terminal.run(started)


@start.command("workstreams")
def start_workstreams(
    file: Annotated[Path, typer.Argument(metavar="FILE.yml", help="Units of work and what they depend on.")],
    *,
    hold: Annotated[str, typer.Option(metavar="TIME", help="Stay so long for a retry of failed units: 1h.")] = "",
    as_json: AsJson = False,
) -> None:
    """Have agents work on many units at once, each on a branch of its own."""

    async def started(session: Session) -> None:
        plan = read_plan(file)
        project = await find_project(file.parent / plan.project_dir)
        wanted = Workstreams(
            name=file.stem,
            project=str(project.path),
            units=tuple(unit.unit() for unit in plan.units),
            concurrency=plan.concurrency,
            branch_prefix=plan.branch_prefix,
            hold_seconds=read_time(hold),
        )
        terminal.show_started(await session.client.start_workstreams(wanted), as_json=as_json)

    terminal.run(started)


@jobs.command("list")
def list_jobs(
    *,
    project_dir: Annotated[Path | None, typer.Option(metavar="DIR", help="Only this repository's.")] = None,
    running: Annotated[bool, typer.Option("--running", help="Only what has not ended.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Also what issues and workstreams started.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many, the newest first.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Show jobs."""

    async def listed(session: Session) -> None:
        project = str((await find_project(project_dir)).path) if project_dir else ""
        found = await session.client.list(JobFilter(project, running, everything, limit))
        terminal.show(found, job_table(found), as_json=as_json)

    terminal.run(listed)


@jobs.command()
def status(job_id: JobId, *, as_json: AsJson = False) -> None:
    """Show one job: where it is, or how it ended and where the result is."""

    async def shown(session: Session) -> None:
        found = await session.client.status(job_id)
        terminal.show(found, status_view(found), as_json=as_json)

    terminal.run(shown)


@jobs.command()
def logs(
    job_id: JobId,
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until the job ends.")] = False,
    iteration: Annotated[int | None, typer.Option(min=1, help="Which one, or with -f from; else the newest.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON document for each line.")] = False,
) -> None:
    """Show what was written on this host: the prompt, the agent's output, the checks' output."""

    async def shown(session: Session) -> None:
        if await session.client.kind(job_id) is Kind.WORKSTREAMS:
            raise OneUnitError(job_id)
        files = Logs.of(job_id, session.state_dir)
        if follow:
            await terminal.follow_logs(session.client, job_id, Reader(files, iteration), as_json=as_json)
        else:
            terminal.show_logs(files.files(iteration), as_json=as_json)

    terminal.run(shown)
