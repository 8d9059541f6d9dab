"""The scene of these stories: somebody at a terminal, and their browser."""

import asyncio
import json
import os
import re
import signal
import sys
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx

AIDP = Path(sys.executable).with_name("aidp")
WEBHOOK_URL = "https://aidp.example.com/webhook"
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/[\w-]+/")
PATIENCE_SECONDS = 20


class Form(HTMLParser):
    """The form on a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember what a browser would send, and where."""
        values = {name: value or "" for name, value in attrs}
        match tag:
            case "form":
                self.action = values["action"]
            case "input":
                self.fields[values["name"]] = values["value"]
            case _:
                pass

    @property
    def manifest(self) -> dict[str, Any]:
        """The manifest that GitHub is to get."""
        return json.loads(self.fields["manifest"])


@dataclass(frozen=True, slots=True)
class Browser:
    """A person's browser: it keeps cookies, and here also every page it saw."""

    http: httpx.AsyncClient
    seen: list[httpx.Response] = field(default_factory=list[httpx.Response])

    async def open(self, url: str) -> httpx.Response:
        """Open an address."""
        self.seen.append(await self.http.get(url))
        return self.seen[-1]

    async def press(self, form: Form) -> str:
        """Press the form's button; returns where GitHub sends the browser, without going there."""
        answer = await self.http.post(form.action, data=form.fields)
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]

    async def create_app(self, address: str) -> httpx.Response:
        """Do all that a person has to do."""
        return await self.open(await self.press(Form((await self.open(address)).text)))


@dataclass(frozen=True, slots=True)
class Terminal:
    """A command that runs, and everything it said."""

    process: asyncio.subprocess.Process
    lines: list[str] = field(default_factory=list[str])

    @property
    def text(self) -> str:
        """What a person reads."""
        return "".join(self.lines)

    async def address(self) -> str:
        """Wait for the address to open."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not (found := ADDRESS.search(self.text)):
                assert await self._read(), self.text
        return found[0]

    async def until(self, text: str) -> None:
        """Wait until the command has said this."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while text not in self.text:
                assert await self._read(), self.text

    async def interrupt(self) -> int:
        """Press Ctrl-C; returns the exit status."""
        self.process.send_signal(signal.SIGINT)
        return await self.end()

    async def end(self) -> int:
        """Wait until the command ends by itself; returns its exit status."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await self._read():
                pass
            return await self.process.wait()

    async def _read(self) -> bool:
        assert self.process.stdout
        self.lines.append((await self.process.stdout.readline()).decode())
        return bool(self.lines[-1])


async def aidp(folder: Path, *arguments: str, **variables: str) -> Terminal:
    """Run a command of ours, as a person would who stands in this folder and has set only these variables."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder / "home"), "COLUMNS": "100", **variables}
    process = await asyncio.create_subprocess_exec(
        AIDP, *arguments,
        cwd=folder, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    return Terminal(process)
