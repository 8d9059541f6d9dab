"""Git's tokens: one that is refused is given time or replaced, and the work goes on; only then is it the operator's."""

import asyncio
import fcntl
from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment
from workspace_hosts import BRANCH, TIME, Host, tree

from activities.github.client import GitHubApp, InstallationClients
from activities.github.errors import APPEARS_WITHIN
from activities.workspaces import WorkspaceActivities, WorkspaceSettings
from github_app.demo.github.faults import Fault, Kind, When, Where
from github_app.demo.github.local import LocalGitHub
from github_app.demo.github.model import AppRegistration, Repository
from workflows.model import CheckpointRequest, Failure, PublishRequest, Source, Workspace

PUSHING = Where("GET", r"hello\.git/info/refs$")
"""Where git shows its token first, also for a push."""
ALWAYS = When(count=None)


@dataclass(frozen=True, slots=True)
class Lane:
    """One repository of a local GitHub, and a host with our App's key."""

    github: LocalGitHub
    repository: Repository
    host: Host

    @property
    def minted(self) -> int:
        """How many tokens the App asked for."""
        return sum(call.path.endswith("/access_tokens") for call in self.github.calls)

    async def refs(self) -> dict[str, str]:
        """Read what the repository has."""
        return dict(await self.github.world.git(self.repository).refs())

    async def worked(self) -> CheckpointRequest:
        """Let an agent work up to its first checkpoint, which is to be taken."""
        workspace = await self.host.open()
        (tree(workspace) / "a.txt").write_text("a\n")
        return CheckpointRequest(workspace, 1, TIME)


@pytest.fixture
async def lane(tmp_path: Path) -> AsyncGenerator[Lane]:
    """Serve a GitHub with one repository, and let our App in."""
    permissions = {"contents": "write", "metadata": "read"}
    app = AppRegistration(1, "aidp", "aidp", permissions=permissions)
    github = LocalGitHub(tmp_path / "github", app)
    github.add_user("aidp[bot]")
    async with github.serve() as url:
        repository = github.add_repository("octo", "hello", files={"README.md": "hello\n"}, private=True)
        [installation] = github.world.installations.values()
        clients = InstallationClients(GitHubApp(app.id, app.private_key_pem, url, url))
        activities = WorkspaceActivities(WorkspaceSettings(tmp_path / "host", "host"), clients)
        yield Lane(github, repository, Host(activities, Source(installation.id, repository.id)))


def attempt(number: int, after: timedelta = timedelta()) -> ActivityEnvironment:
    """Make an attempt at a step that was asked for some time ago."""
    environment = ActivityEnvironment()
    started = environment.info.scheduled_time + after
    environment.info = replace(environment.info, started_time=started, attempt=number)
    return environment


async def refusal(lane: Lane, request: CheckpointRequest, environment: ActivityEnvironment) -> ApplicationError:
    """Take a checkpoint that can not be pushed."""
    with pytest.raises(ApplicationError, match="fatal: Authentication failed") as refused:
        await environment.run(lane.host.port.commit_checkpoint, request)
    return refused.value


async def test_a_push_with_a_token_that_is_not_known_yet(lane: Lane) -> None:
    """GitHub refuses a token that was made a moment ago: the same one is good for the next attempt."""
    request = await lane.worked()
    lane.github.faults.add(Fault(Kind.TOKEN_EXPIRED, PUSHING))
    error = await refusal(lane, request, attempt(1))
    assert (error.type, error.non_retryable) == (Failure.TRANSIENT, False)
    assert error.next_retry_delay is not None
    assert error.next_retry_delay > timedelta(seconds=5)
    minted = lane.minted
    checkpoint = await attempt(2).run(lane.host.port.commit_checkpoint, request)
    assert lane.minted == minted
    assert [sha for ref, sha in (await lane.refs()).items() if ref.startswith("refs/aidp/")] == [checkpoint.sha]


async def test_a_branch_whose_push_is_refused_once(lane: Lane) -> None:
    """The work is published all the same, as one commit on the base."""
    request = await lane.worked()
    checkpoint = await lane.host.checkpoint(request.workspace)
    workspace = replace(request.workspace, checkpoint_sha=checkpoint.sha)
    lane.github.faults.add(Fault(Kind.TOKEN_EXPIRED, PUSHING, When(nth=3)))  # after a listing and a fetch
    publishing = PublishRequest(workspace, "Add a greeting", TIME)
    with pytest.raises(ApplicationError, match="git push failed") as refused:
        await attempt(1).run(lane.host.port.publish_branch, publishing)
    assert refused.value.type == Failure.TRANSIENT
    published = await attempt(2).run(lane.host.port.publish_branch, publishing)
    assert (await lane.refs())[f"refs/heads/{BRANCH}"] == published.head_sha
    pushes = [call.status for call in lane.github.calls if call.path.endswith("git-receive-pack")]
    assert pushes == [200, 200]  # the checkpoint and the branch


@pytest.mark.parametrize("after", [timedelta(), APPEARS_WITHIN], ids=["young", "old"])
async def test_a_token_that_was_revoked_is_replaced(lane: Lane, after: timedelta) -> None:
    """Whatever the step has been through: the refused token is not used again, and a new one opens."""
    request = await lane.worked()
    await lane.host.checkpoint(request.workspace)
    (tree(request.workspace) / "b.txt").write_text("b\n")
    lane.github.world.tokens.clear()
    assert (await refusal(lane, request, attempt(5, after))).type == Failure.TRANSIENT
    minted = lane.minted
    checkpoint = await attempt(6, after).run(lane.host.port.commit_checkpoint, request)
    assert lane.minted == minted + 1
    assert checkpoint.sha in (await lane.refs()).values()


async def test_a_host_whose_clock_is_behind(lane: Lane) -> None:
    """By its clock a token is good that GitHub's clock has ended: it is replaced nevertheless."""
    request = await lane.worked()
    await lane.host.checkpoint(request.workspace)
    (tree(request.workspace) / "b.txt").write_text("b\n")
    lane.github.world.clock_offset += timedelta(hours=1)
    assert (await refusal(lane, request, attempt(1))).type == Failure.TRANSIENT
    checkpoint = await attempt(2).run(lane.host.port.commit_checkpoint, request)
    assert checkpoint.sha in (await lane.refs()).values()


async def test_new_tokens_that_are_always_refused_are_the_operators_matter(lane: Lane) -> None:
    """Half a minute later the credentials are what is wrong; whoever starts again begins with another token."""
    request = await lane.worked()
    lane.github.faults.add(Fault(Kind.TOKEN_EXPIRED, PUSHING, ALWAYS))
    assert (await refusal(lane, request, attempt(1))).type == Failure.TRANSIENT
    assert (await refusal(lane, request, attempt(2))).type == Failure.TRANSIENT
    error = await refusal(lane, request, attempt(11, APPEARS_WITHIN))
    assert (error.type, error.non_retryable) == (Failure.AUTH_EXPIRED, True)
    minted = lane.minted
    lane.github.faults.clear()
    checkpoint = await attempt(1).run(lane.host.port.commit_checkpoint, request)
    assert lane.minted == minted + 1
    assert checkpoint.sha in (await lane.refs()).values()


async def test_a_step_that_had_to_wait_for_its_host_has_two_attempts(lane: Lane) -> None:
    """However long ago it was asked for, the first new token that is refused is not the end."""
    request = await lane.worked()
    lane.github.faults.add(Fault(Kind.TOKEN_EXPIRED, PUSHING))
    assert (await refusal(lane, request, attempt(1, APPEARS_WITHIN))).type == Failure.TRANSIENT
    assert (await attempt(2, APPEARS_WITHIN).run(lane.host.port.commit_checkpoint, request)).sha


async def test_a_token_is_asked_for_when_the_mirror_is_free(lane: Lane, tmp_path: Path) -> None:
    """However long somebody else's first clone takes, no token grows old meanwhile."""
    environment, waiting = attempt(1), asyncio.Event()
    environment.info = replace(environment.info, heartbeat_timeout=None)
    environment.on_heartbeat = lambda *_: waiting.set()
    (tmp_path / "host" / "mirrors").mkdir(parents=True)
    with (tmp_path / "host" / "mirrors" / f"{lane.repository.id}.lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        opening: asyncio.Task[Workspace] = asyncio.create_task(
            environment.run(lane.host.port.open_workspace, lane.host.request())
        )
        await waiting.wait()
        assert lane.minted == 0
    assert (await opening).source == lane.host.source
    assert lane.minted > 0
