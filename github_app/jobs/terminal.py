"""The terminal's side of `aidp jobs`: a connection for one command, JSON or words on stdout, errors on stderr."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, is_dataclass
from pathlib import Path
from typing import Any, NoReturn

import typer
from rich.console import RenderableType
from temporalio.service import RPCError

from github_app import telemetry
from github_app.jobs.client import AidpClient
from github_app.jobs.errors import InputError, JobError, RefusedError
from github_app.jobs.logs import LogFile, Reader, follow
from github_app.jobs.tables import ending_line
from github_app.jobs.words import plain
from github_app.settings import ProcessSettings, SettingsError, load, seal_environment, temporal_environment
from github_app.temporal import TemporalUnavailableError, connect, profile_of
from github_app.terminal import console

REFUSED = 1
WRONG_USAGE = 2


@dataclass(frozen=True, slots=True)
class Session:
    """What one command works with."""

    client: AidpClient
    state_dir: Path


def run(command: Callable[[Session], Awaitable[None]]) -> None:
    """Run a command with a connection; what can be told in one line is told so."""
    try:
        asyncio.run(_connected(command))
    except (InputError, SettingsError) as error:
        _fail(str(error), WRONG_USAGE)
    except RefusedError as error:
        _fail(f"Refused: {error}.", REFUSED)
    except (JobError, TemporalUnavailableError) as error:
        _fail(str(error), REFUSED)
    except RPCError as error:
        _fail(f"Temporal says: {error.message}", REFUSED)


def ask(wish: Callable[[AidpClient], Awaitable[str]], *, as_json: bool) -> None:
    """Ask a job for something and show its answer."""

    async def asked(session: Session) -> None:
        answer = await wish(session.client)
        show({"answer": answer}, answer, as_json=as_json)

    run(asked)


def show(document: object, view: RenderableType, *, as_json: bool) -> None:
    """Show something to a program or to a person."""
    if as_json:
        typer.echo(json.dumps(document, default=_as_json, ensure_ascii=False, indent=2))
    else:
        console().print(view, markup=False, soft_wrap=isinstance(view, str))


def note(text: str) -> None:
    """Tell something beside the answer."""
    typer.echo(text, err=True)


def show_started(job_id: str, *, as_json: bool) -> None:
    """Show the id of a new job, and what to do with it."""
    show({"id": job_id}, f"{job_id}\nFollow it with: aidp jobs logs {job_id} -f", as_json=as_json)


def show_logs(files: Sequence[LogFile], *, as_json: bool) -> None:
    """Show whole files."""
    if not files:
        raise JobError("It has written nothing on this host. Its files are on the host that runs it.")
    for file in files:
        text = file.path.read_text(errors="replace")
        if as_json:
            _show_lines(file, text)
        else:
            _head(file)
            typer.echo(plain(text))


async def follow_logs(client: AidpClient, job_id: str, reader: Reader, *, as_json: bool) -> None:
    """Show what is written until the job ends, then how it ended."""
    ended = asyncio.create_task(client.wait(job_id))
    shown: LogFile | None = None
    async for file, text in follow(reader, ended.done):
        if as_json:
            _show_lines(file, text)
            continue
        if file != shown:
            _head(file)
        shown = file
        typer.echo(plain(text), nl=False)
    await ended
    status = await client.status(job_id)
    typer.echo(_in_a_line({"job": status.job}) if as_json else f"\n{ending_line(status)}")


async def _connected(command: Callable[[Session], Awaitable[None]]) -> None:
    secrets = seal_environment()
    settings = load(ProcessSettings, secrets)
    telemetry.configure(settings.log_format, logging.WARNING)
    temporal = await connect(profile_of(temporal_environment(secrets)), settings.state_dir)
    await command(Session(AidpClient(temporal), settings.state_dir))


def _show_lines(file: LogFile, text: str) -> None:
    for line in file.lines(text):
        typer.echo(_in_a_line(line))


def _in_a_line(document: object) -> str:
    return json.dumps(document, default=_as_json, ensure_ascii=False)


def _head(file: LogFile) -> None:
    typer.secho(f"==> iteration {file.iteration}, {file.what}: {file.path}", bold=True)


def _as_json(value: object) -> Any:  # noqa: ANN401  # JSON
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    raise TypeError(f"{type(value).__name__} is not JSON")


def _fail(message: str, code: int) -> NoReturn:
    typer.echo(plain(message), err=True)
    raise typer.Exit(code)
