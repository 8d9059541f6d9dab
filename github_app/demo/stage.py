"""The stage of the demo: a local GitHub with a sample repository, and `aidp up` beside it as a person would run it."""

import contextlib
import os
import random
import secrets
import shlex
import socket
import sys
import sysconfig
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import anyio
import httpx
from anyio.abc import Process
from temporalio.client import Client

from activities.process import Command, service
from github_app.demo.github import AppRegistration, LocalGitHub, Repository
from github_app.demo.github.faults import FaultPlan
from github_app.manifest import manifest
from github_app.temporal import UI_PORT_OFFSET, connect, profile_of

AGENT = "github_app.demo.agent"
HEARD = "heard"
LIMITED_AGENT = Path(__file__).with_name("limited_agent.py")
SAMPLE = Path(__file__).with_name("sample")
CI_COMMAND = "python3 -m unittest && python3 -m doctest README.md"
"""More than the checks of `.aidp/aidp.yml` look at, as is usual."""
BAD_DAY = {"AIDP_DELIVERY_SWEEP_SECONDS": "1"}
"""Lost webhooks are looked for more often than usual."""
NO_FAULTS = FaultPlan()
PORTS = range(20_000, 31_000)
"""Below those that outgoing connections get, so that what is free stays free until somebody listens there."""
READY_ATTEMPTS = 300
READY_PAUSE = 0.1
LAST_WORDS = 3000


class StageError(Exception):
    """The system under show did not come up; the text says where its log is."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that runs."""

    github: LocalGitHub
    repository: Repository
    temporal: Client
    door: str
    ui: str
    """Temporal's web UI."""
    log: Path
    heard: Path
    """Once it is there, an agent that builds stops thinking: a real one takes minutes, in which people are heard."""


def free_port() -> int:
    """Find a free port on loopback; raises `OSError` when there is none."""
    for port in random.sample(PORTS, len(PORTS)):
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise OSError("No port is free on 127.0.0.1.")


@dataclass(frozen=True, slots=True)
class Ports:
    """Where aidp is to listen."""

    door: int = field(default_factory=free_port)
    temporal: int = field(default_factory=free_port)


@asynccontextmanager
async def stage(root: Path, faults: FaultPlan = NO_FAULTS) -> AsyncGenerator[Stage]:
    """Set up below `root`, on free loopback ports; everything is gone when the block is left."""
    ports = Ports()
    door = f"http://127.0.0.1:{ports.door}"
    app = registration(f"{door}/webhook")
    github = LocalGitHub(root / "github", app)
    log = root / "aidp.log"
    async with github.serve() as url:
        command = Command(
            argv=(str(Path(sysconfig.get_path("scripts"), "aidp")), "up"),
            cwd=root,
            env=environment(root, app, url, ports) | (BAD_DAY if faults.faults else {}),
            log=log,
            merge_stderr=True,
            grace_seconds=20,
        )
        async with service(command) as process:
            await _until_ready(process, door, log)
            temporal = await connect(profile_of({}), root / "state")
            repository = github.add_repository("octo", "durations", files=sample(), ci=CI_COMMAND)
            github.faults.follow(faults)
            ui = f"http://127.0.0.1:{ports.temporal + UI_PORT_OFFSET}"
            yield Stage(github, repository, temporal, door, ui, log, root / HEARD)


def registration(webhook_url: str) -> AppRegistration:
    """Register the App as its manifest asks for."""
    wanted = manifest()
    return AppRegistration(
        id=1,
        slug=wanted.name,
        name=wanted.name,
        webhook_secret=secrets.token_hex(32),
        webhook_url=webhook_url,
        permissions=wanted.permissions,
        events=wanted.events,
    )


def environment(root: Path, app: AppRegistration, url: str, ports: Ports) -> dict[str, str]:
    """Set what an operator would set; the agent is the scripted one, by the way any command line is."""
    return {
        "PATH": f"{stand_ins(root)}:{os.environ['PATH']}",
        "HOME": str(root),
        "AIDP_GITHUB_APP_ID": str(app.id),
        "AIDP_GITHUB_PRIVATE_KEY": app.private_key_pem,
        "AIDP_GITHUB_WEBHOOK_SECRET": app.webhook_secret,
        "AIDP_GITHUB_API_URL": url,
        "AIDP_GITHUB_URL": url,
        "AIDP_GITHUB_WRITE_LIMITS": "false",  # ten writes in ten seconds are the pace of GitHub, not of a demo
        "AIDP_STATE_DIR": str(root / "state"),
        "AIDP_PORT": str(ports.door),
        "AIDP_TEMPORAL_PORT": str(ports.temporal),
        "AIDP_AGENTS": "claude,command",
        "AIDP_AGENT_COMMAND": shlex.join([sys.executable, "-I", "-m", AGENT, str(root / HEARD)]),
        "AIDP_LOG_FORMAT": "json",
    }


def stand_ins(root: Path) -> Path:
    """Make a folder with a program named `claude` that only says that its account is rate limited."""
    programs = root / "bin"
    programs.mkdir(exist_ok=True)
    claude = programs / "claude"
    claude.write_text(f"#!/bin/sh\nexec {shlex.quote(sys.executable)} -I {shlex.quote(str(LIMITED_AGENT))}\n")
    claude.chmod(0o755)
    return programs


def sample() -> dict[str, str]:
    """Read the sample repository."""
    files = (path for path in SAMPLE.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return {str(path.relative_to(SAMPLE)): path.read_text() for path in files}


async def _until_ready(process: Process, door: str, log: Path) -> None:
    """Wait until the door answers and reaches Temporal."""
    async with httpx.AsyncClient(base_url=door) as client:
        for _ in range(READY_ATTEMPTS):
            with contextlib.suppress(httpx.TransportError):
                if (await client.get("/readyz")).is_success:
                    return
            if process.returncode is not None:
                break
            await anyio.sleep(READY_PAUSE)
    said = (await anyio.Path(log).read_text())[-LAST_WORDS:]
    raise StageError(f"aidp did not come up; `make setup` makes sure that everything is there. It said:\n{said}")
