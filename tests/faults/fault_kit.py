"""aidp in processes of their own, that can be killed and started again, beside a local GitHub."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import anyio
import httpx

from github_app.demo.github import AppRegistration, LocalGitHub
from github_app.demo.stage import Ports
from github_app.temporal import EmbeddedServer, embedded

AIDP = Path(sys.executable).with_name("aidp")


@dataclass(slots=True)
class Part:
    """One process of aidp."""

    arguments: tuple[str, ...]
    env: Mapping[str, str]
    log: Path
    process: "subprocess.Popen[bytes] | None" = None
    output: "IO[bytes] | None" = None

    def start(self) -> None:
        """Start it, or start it again."""
        self.output = self.log.open("ab")
        self.process = subprocess.Popen([AIDP, *self.arguments], env=self.env, stdout=self.output, stderr=self.output)

    def kill(self) -> None:
        """End it without a chance to say anything."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """Ask it to stop; returns its exit code."""
        return self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> int:
        assert self.process
        assert self.output
        self.process.send_signal(number)
        code = self.process.wait(60)
        self.output.close()
        self.process = None
        return code


@dataclass(slots=True)
class Theatre:
    """Temporal, the door and a worker, each by itself."""

    root: Path
    github: LocalGitHub
    app: AppRegistration
    ports: Ports = field(default_factory=Ports)
    parts: dict[str, Part] = field(default_factory=dict[str, Part])
    server: EmbeddedServer | None = None
    _temporal: AsyncExitStack = field(default_factory=AsyncExitStack)

    def environment(self, agent: str) -> dict[str, str]:
        """Set what an operator would set."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.root),
            "AIDP_GITHUB_APP_ID": str(self.app.id),
            "AIDP_GITHUB_PRIVATE_KEY": self.app.private_key_pem,
            "AIDP_GITHUB_WEBHOOK_SECRET": self.app.webhook_secret,
            "AIDP_GITHUB_API_URL": self.github.url,
            "AIDP_GITHUB_URL": self.github.url,
            "AIDP_GITHUB_WRITE_LIMITS": "false",
            "AIDP_STATE_DIR": str(self.root),
            "AIDP_PORT": str(self.ports.door),
            "AIDP_AGENTS": "command",
            "AIDP_AGENT_COMMAND": agent,
            "AIDP_LOG_FORMAT": "json",
            "AIDP_DELIVERY_SWEEP_SECONDS": "3600",  # these stories ask for redeliveries themselves
        }

    async def start_temporal(self) -> None:
        """Start Temporal on the same database and port as before."""
        self.server = await self._temporal.enter_async_context(embedded(self.root, self.ports.temporal))

    async def stop_temporal(self) -> None:
        """Stop it."""
        await self._temporal.aclose()
        self._temporal = AsyncExitStack()

    def start(self, name: str, agent: str) -> Part:
        """Start `serve` or `work`."""
        part = self.parts.setdefault(name, Part((name,), self.environment(agent), self.root / f"{name}.log"))
        part.start()
        return part

    async def until_worker_works(self) -> None:
        """Wait until the worker has said that it works."""
        log = self.parts["work"].log
        with anyio.fail_after(120):
            while " worker " not in log.read_text():
                await anyio.sleep(0.1)

    async def close(self) -> None:
        """End everything."""
        for part in self.parts.values():
            if part.process:
                part.stop()
        await self.stop_temporal()

    async def until_door_answers(self, path: str = "/readyz") -> None:
        """Wait until the door is there, and reaches Temporal."""
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.ports.door}") as client:
            with anyio.fail_after(120):
                while not await _succeeds(client, path):
                    await anyio.sleep(0.1)


async def _succeeds(client: httpx.AsyncClient, path: str) -> bool:
    try:
        return (await client.get(path)).is_success
    except httpx.TransportError:
        return False
