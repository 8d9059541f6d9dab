"""What these stories share: a GitHub that tells nothing, reconciliation on demand, and a door that opens."""

import os
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio
from pydantic import SecretStr
from story_kit import AGENT_COMMAND, NOWHERE, Story
from temporalio.client import Client, ScheduleActionExecutionStartWorkflow

from github_app.demo.github import LocalGitHub, User
from github_app.demo.github.model import Call, Installation
from github_app.demo.stage import free_port
from github_app.settings import UpSettings
from github_app.up import door
from workflows.model.reconciling import Reconciled
from workflows.reconcile import ReconcileWorkflow

AIDP = Path(sys.executable).with_name("aidp")
SCHEDULE = "aidp-reconcile"
TRUSTED_BOT, OTHER_BOT = "renovate[bot]", "other[bot]"
"""The operator has named the first in `AIDP_TRUSTED_BOTS`."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One story; nothing of what happens in it is told by webhooks, unless its door is open."""

    story: Story
    settings: UpSettings

    @property
    def github(self) -> LocalGitHub:
        """The GitHub."""
        return self.story.github

    @property
    def temporal(self) -> Client:
        """Temporal."""
        return self.story.temporal

    @property
    def owner(self) -> User:
        """Whose repository it is."""
        return self.story.repository.owner

    @property
    def installation(self) -> Installation:
        """Where the App is installed."""
        return self.github.installing.find(self.owner)

    async def reconcile(self) -> Reconciled:
        """Have the Schedule run now."""
        schedule = self.temporal.get_schedule_handle(SCHEDULE)
        before = (await schedule.describe()).info.num_actions
        await schedule.trigger()
        while (info := (await schedule.describe()).info).num_actions == before:
            await anyio.sleep(0.05)
        action = info.recent_actions[-1].action
        assert isinstance(action, ScheduleActionExecutionStartWorkflow)
        run = self.temporal.get_workflow_handle_for(
            ReconcileWorkflow.run, action.workflow_id, run_id=action.first_execution_run_id
        )
        return await run.result()

    @asynccontextmanager
    async def open_door(self) -> AsyncGenerator[None]:
        """Take webhooks for as long as the block lasts."""
        async with door(self.settings, self.temporal) as address:
            self.github.send_webhooks_to(f"{address}/webhook")
            yield
            await self.github.settle()
            self.github.send_webhooks_to("")

    def close_door(self) -> None:
        """Have webhooks sent to where nobody listens: GitHub logs that they were not taken."""
        self.github.send_webhooks_to(NOWHERE)

    @asynccontextmanager
    async def counting(self) -> AsyncGenerator[list[Call]]:
        """Collect the calls that this installation gets in the block."""
        calls, begin = list[Call](), len(self.github.calls)
        yield calls
        calls += [it for it in self.github.calls[begin:] if it.installation_id == self.installation.id]

    def found(self, reconciled: Reconciled) -> list[str]:
        """Read what was found in this story's repository."""
        name = self.story.repository.full_name
        return [f"{it.where.removeprefix(name)} {it.what}" for it in reconciled.findings if name in it.where]

    def environment(self) -> dict[str, str]:
        """Set what an operator would set."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.settings.state_dir),
            "AIDP_STATE_DIR": str(self.settings.state_dir),
        }

    async def aidp(self, *arguments: str) -> str:
        """Run a command of ours."""
        finished = await anyio.run_process([AIDP, *arguments], env=self.environment(), check=False)
        return finished.stdout.decode() + finished.stderr.decode()


def settings_for(github: LocalGitHub, state_dir: Path, trusted_bots: frozenset[int] = frozenset()) -> UpSettings:
    """Set up everything; what the Schedules do waits for the stories to ask for it."""
    app = github.world.app
    return UpSettings(
        github_app_id=app.id,
        github_private_key=SecretStr(app.private_key_pem),
        github_webhook_secret=(SecretStr(app.webhook_secret),),
        github_api_url=github.url,
        github_url=github.url,
        github_write_limits=False,
        state_dir=state_dir,
        port=free_port(),
        agents=("command",),
        agent_command=AGENT_COMMAND,
        delivery_sweep_seconds=3600,
        reconcile_seconds=86_400,
        trusted_bots=trusted_bots,
        host_id="here",
    )


def paths(calls: Sequence[Call]) -> list[str]:
    """Read where the calls went."""
    return [f"{call.method} {call.path}" for call in calls]
