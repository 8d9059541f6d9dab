"""How soon a person sees that a label was taken, and an agent begins: when all is quiet, and on a busy day."""

import asyncio
import shlex
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

from bench_scene import Sizes
from figures import Figure
from open_door import NOBODYS, SECRET, Door, connections, letter, running, temporal_of
from payloads import nobody_cares
from rush import percentile
from temporalio.client import Client

from github_app.demo.github import LocalGitHub, Repository
from github_app.demo.stage import Ports, environment, registration

PART = "label"
PERSON = "ada"
LABEL, ASKING = "aidp-build", "aidp-needs-input"
CONFIG = "commands:\n  - {name: tests, command: 'true', category: test}\nproviders: [command]\nplan: {first: false}\n"
FILES = {".aidp/aidp.yml": CONFIG, "README.md": "hello\n"}
AGENT = 'now=$(date +%s.%N); echo "$(grep -om1 "Case [0-9]*") $now" >> {log}; echo "STATUS: BLOCKED Which one?"'
"""Says when it began and for which issue, and asks something, so that the work waits."""
GLANCE_SECONDS = 0.005
PATIENCE_SECONDS = 60
APART_SECONDS = 1
"""On a busy day a label comes whether the one before is through or not."""
WEBHOOKS_A_SECOND = 40


@dataclass(frozen=True, slots=True)
class Signs:
    """When a person saw something, in seconds after the label."""

    eyes: float
    agent: float


@dataclass(frozen=True, slots=True)
class Scene:
    """A GitHub with a repository, and the file in which agents say that they have begun."""

    github: LocalGitHub
    repository: Repository
    log: Path

    async def label(self, case: int) -> Signs:
        """Label a new issue and look at it until an agent has begun and asked what it asks."""
        number = (await self.github.create_issue(self.repository, PERSON, f"Case {case}", "Make it right.")).number
        began, clock = time.perf_counter(), time.time()
        await self.github.label_issue(self.repository, number, LABEL, by=PERSON)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not self.github.reactions(self.repository, number):
                await asyncio.sleep(GLANCE_SECONDS)
            eyes = time.perf_counter() - began
            while ASKING not in self.github.labels(self.repository, number):
                await asyncio.sleep(GLANCE_SECONDS)
        return Signs(eyes, self._begun()[str(case)] - clock)

    def _begun(self) -> dict[str, float]:
        """Read when the agent of each case began."""
        lines = (line.split() for line in self.log.read_text().splitlines())
        return {case: float(at) for _, case, at in lines}


async def measure(client: Client, sizes: Sizes, directory: Path) -> list[Figure]:
    """Label issues one by one, then on a busy day."""
    async with _scene(client, directory) as (scene, door):
        await scene.label(0)  # the first clone is no part of it
        quiet = [await scene.label(1 + case) for case in range(sizes.labels)]
        busy = await _on_a_busy_day(scene, door, sizes.labels)
    how = f"{WEBHOOKS_A_SECOND} webhooks a second beside it, a label each {APART_SECONDS} s"
    return [*_figures("when quiet", f"{len(quiet)} labels, one by one", quiet), *_figures("when busy", how, busy)]


@asynccontextmanager
async def _scene(client: Client, directory: Path) -> AsyncGenerator[tuple[Scene, Door]]:
    """Run a GitHub and `aidp up`."""
    ports, log = Ports(), directory / "agents.log"
    app = registration(f"http://127.0.0.1:{ports.door}/webhook")
    github = LocalGitHub(directory / "github", app)
    async with github.serve() as url:
        settings = environment(directory, app, url, ports) | {
            **temporal_of(client),
            "AIDP_GITHUB_WEBHOOK_SECRET": f"{app.webhook_secret},{SECRET}",
            "AIDP_AGENTS": "command",
            "AIDP_AGENT_COMMAND": shlex.join(["sh", "-c", AGENT.replace("{log}", shlex.quote(str(log)))]),
        }
        opening = running("up", settings, directory)
        door = await asyncio.to_thread(opening.__enter__)
        try:
            repository = github.add_repository("octo", "bench", files=FILES)
            github.set_permission(repository, PERSON, "write")
            yield Scene(github, repository, log), door
        finally:
            await asyncio.to_thread(opening.__exit__, None, None, None)


async def _on_a_busy_day(scene: Scene, door: Door, labels: int) -> list[Signs]:
    """Label issues at a steady pace, while the door hears of a busy repository."""
    noise = asyncio.create_task(_noise(door))
    labelling = list[asyncio.Task[Signs]]()
    for case in range(labels):
        labelling.append(asyncio.create_task(scene.label(1 + labels + case)))
        await asyncio.sleep(APART_SECONDS)
    seen = await asyncio.gather(*labelling)
    noise.cancel()
    return seen


async def _noise(door: Door) -> None:
    letters = cycle([letter(event, payload, NOBODYS) for event, payload in nobody_cares()])
    async with connections(door, 1) as kept:
        for each in letters:
            await kept[0].post(each)
            await asyncio.sleep(1 / WEBHOOKS_A_SECOND)


def _figures(when: str, how: str, seen: Sequence[Signs]) -> list[Figure]:
    signs = {"👀": [each.eyes for each in seen], "agent": [each.agent for each in seen]}
    return [
        Figure(PART, f"to {sign} {when}, p{percent}", percentile(times, percent) * 1000, "ms", note=how)
        for sign, times in signs.items()
        for percent in (50, 95)
    ]
