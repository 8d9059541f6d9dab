"""The same over HTTP, where a token opens the repository and must not be seen anywhere else."""

import contextlib
import threading
import time
from collections.abc import AsyncGenerator, Generator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from temporalio.exceptions import ApplicationError
from workspace_hosts import BRANCH, Host, git, host_of, tree

from activities.workspaces import Remote
from activities.workspaces.git import Git, authorized
from github_app.demo.github.local import LocalGitHub
from github_app.demo.github.model import AppRegistration, Repository
from github_app.demo.github.serving import serving
from github_app.demo.github.tokens import Wanted, issue_token
from workflows.model import Failure

PATH = {"PATH": "/usr/local/bin:/usr/bin:/bin"}


@dataclass(frozen=True, slots=True)
class Lane:
    """One repository of a local GitHub, and how to get at it."""

    github: LocalGitHub
    repository: Repository

    @property
    def url(self) -> str:
        """Where git finds it."""
        return f"{self.github.url}/{self.repository.full_name}.git"

    def token(self, level: str = "write") -> str:
        """Ask for a token for this one repository."""
        installation = next(iter(self.github.world.installations.values()))
        wanted = Wanted(frozenset({self.repository.id}), {"contents": level})
        return issue_token(self.github.world, installation, wanted).value


@pytest.fixture
async def lane(tmp_path: Path) -> AsyncGenerator[Lane]:
    """Serve a GitHub with one repository."""
    github = LocalGitHub(tmp_path / "github", AppRegistration(1, "aidp", "aidp", permissions={"contents": "write"}))
    async with github.serve():
        repository = github.add_repository("octo", "hello", files={"README.md": "hello\n"}, private=True)
        yield Lane(github, repository)


def host_with(lane: Lane, tmp_path: Path, token: str) -> Host:
    """Set up a host that has this token."""
    return host_of(tmp_path / "host", Remote(lane.url, token))


@dataclass(frozen=True, slots=True)
class Watch:
    """Who was seen with a secret: command lines, and programs by their environment."""

    in_arguments: list[bytes] = field(default_factory=list[bytes])
    in_environment: set[bytes] = field(default_factory=set[bytes])

    def look(self, secret: bytes) -> None:
        """Look at every process of the machine once."""
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                environment = (process / "environ").read_bytes()
                arguments = (process / "cmdline").read_bytes()
                if secret in arguments:
                    self.in_arguments.append(arguments)
                if secret in environment and arguments:  # without any it is just starting or ending
                    self.in_environment.add(_program(arguments))


def _program(arguments: bytes) -> bytes:
    """Name a program; behind our supervisor it is the one that is supervised."""
    if b"/askpass" in arguments:
        return b"askpass"
    words = arguments.split(b"\0")
    behind = [index + 3 for index, word in enumerate(words) if word.endswith(b"supervise.py")]
    return words[behind[0] if behind else 0].rpartition(b"/")[2].partition(b"-")[0]


@contextlib.contextmanager
def watching(secret: str) -> Generator[Watch]:
    """Look for a secret among all processes, over and over, while the block runs."""
    watch, over = Watch(), threading.Event()

    def keep_looking() -> None:
        while not over.is_set():
            watch.look(secret.encode())
            time.sleep(0.0005)

    thread = threading.Thread(target=keep_looking)
    thread.start()
    try:
        yield watch
    finally:
        over.set()
        thread.join()


async def test_the_token_is_seen_by_git_alone(lane: Lane, tmp_path: Path) -> None:
    """From the first fetch to the last push the token is in no argument, no file and no other program."""
    token = lane.token()
    host = host_with(lane, tmp_path, token)
    with watching(token) as watch:
        workspace = await host.open()
        (tree(workspace) / "a.txt").write_text("a\n")
        checkpoint = await host.checkpoint(workspace)
        published = await host.publish(workspace)
        held = [path for path in tmp_path.rglob("*") if path.is_file() and token.encode() in path.read_bytes()]
        await host.activities.close_workspace(workspace)
    assert watch.in_arguments == []
    assert watch.in_environment <= {b"git", b"askpass"}
    assert b"git" in watch.in_environment
    assert held == []
    refs = await lane.github.world.git(lane.repository).refs()
    assert refs[f"refs/heads/{BRANCH}"] == published.head_sha
    assert published.change == checkpoint.change
    assert not [name for name in refs if name.startswith("refs/aidp/")]


@dataclass(frozen=True, slots=True)
class Thief:
    """A server that asks everybody for a password and remembers what it got."""

    url: str
    visits: list[str] = field(default_factory=list[str])


@pytest.fixture
async def thief() -> AsyncGenerator[Thief]:
    """Serve a thief."""
    visits: list[str] = []

    async def ask(request: Request) -> Response:
        visits.append(request.headers.get("authorization", ""))
        return Response("Who are you?", 401, {"www-authenticate": 'Basic realm="GitHub"'})

    async with serving(Starlette(routes=[Route("/{path:path}", ask)]), "127.0.0.1", 0) as url:
        yield Thief(url, visits)


async def test_a_rewritten_url_gets_no_token(lane: Lane, thief: Thief, tmp_path: Path) -> None:
    """Even if git is led to another server, that server is told nothing."""
    remote = Remote(lane.url, lane.token())
    led_astray = authorized(Git(tmp_path, PATH), remote, tmp_path / "askpass")
    hostile = f"url.{thief.url}/.insteadOf={lane.github.url}/"
    finished = await led_astray.run("-c", hostile, "ls-remote", remote.url)
    assert finished.exit_code == 128
    assert set(thief.visits) == {""}


async def test_a_url_rewritten_in_the_mirror_goes_where_it_should(lane: Lane, thief: Thief, tmp_path: Path) -> None:
    """What an agent writes into the mirror's configuration is gone before git reads it."""
    host = host_with(lane, tmp_path, lane.token())
    workspace = await host.open()
    mirror = tmp_path / "host" / "mirrors" / "42.git"
    git(mirror, "config", f"url.{thief.url}/.insteadOf", f"{lane.github.url}/")
    git(mirror, "config", f"url.{thief.url}/.pushInsteadOf", f"{lane.github.url}/")
    git(mirror, "config", "credential.helper", "store")
    (tree(workspace) / "a.txt").write_text("a\n")
    await host.checkpoint(workspace)
    await host.publish(workspace)
    assert thief.visits == []


async def test_a_redirect_is_not_followed(thief: Thief, tmp_path: Path) -> None:
    """A server that sends git elsewhere is a failure, and elsewhere hears nothing."""

    async def send_away(request: Request) -> Response:
        return RedirectResponse(f"{thief.url}{request.url.path}?{request.url.query}")

    async with serving(Starlette(routes=[Route("/{path:path}", send_away)]), "127.0.0.1", 0) as url:
        with pytest.raises(ApplicationError):
            await host_of(tmp_path / "host", Remote(f"{url}/octo/hello.git", "s3cret")).open()
    assert thief.visits == []


async def test_a_bad_token(lane: Lane, tmp_path: Path) -> None:
    """An expired or revoked token is told as what it is, and not shown."""
    with pytest.raises(ApplicationError, match="Authentication failed") as caught:
        await host_with(lane, tmp_path, "ghs_s3cret").open()
    assert caught.value.type == Failure.AUTH_EXPIRED
    assert "s3cret" not in str(caught.value)


async def test_a_token_that_may_only_read(lane: Lane, tmp_path: Path) -> None:
    """A missing permission is for the operator to grant: trying again is no use."""
    host = host_with(lane, tmp_path, lane.token("read"))
    workspace = await host.open()
    with pytest.raises(ApplicationError, match="403") as caught:
        await host.checkpoint(workspace)
    assert caught.value.type == Failure.CONFIGURATION
    await host.activities.close_workspace(workspace)
    assert not tree(workspace).exists()


async def test_a_repository_that_is_not_there(lane: Lane, tmp_path: Path) -> None:
    """A deleted repository ends the work; a server that does not answer only delays it."""
    gone = Remote(f"{lane.github.url}/octo/gone.git", lane.token())
    with pytest.raises(ApplicationError, match="not found") as caught:
        await host_of(tmp_path / "host", gone).open()
    assert caught.value.type == Failure.PERMANENT
    silent = Remote("http://127.0.0.1:9/octo/hello.git", lane.token())
    with pytest.raises(ApplicationError, match="onnect") as caught:
        await host_of(tmp_path / "other", silent).open()
    assert caught.value.type == Failure.TRANSIENT
    assert not caught.value.non_retryable
