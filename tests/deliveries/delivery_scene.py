"""What these stories share: a door that opens and closes, a past in which things went wrong, and sweeps on demand."""

import os
import re
import sys
from collections import Counter
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import anyio
from story_kit import STRANGER, Story
from temporalio.client import Client, ScheduleActionExecutionStartWorkflow, ScheduleActionResult, WorkflowHandle

from activities.github.client import GitHubApp, InstallationClients
from activities.github.deliveries import DeliveryActivities
from activities.github.delivery_log import DeliveryLog
from github_app.demo.github import LocalGitHub
from github_app.demo.github.model import Delivery, new_private_key, public_key
from github_app.settings import UpSettings
from github_app.up import door
from workflows.delivery_sweep import DeliverySweepWorkflow
from workflows.model.delivery_log import Swept

AIDP = Path(sys.executable).with_name("aidp")
SCHEDULE = "aidp-deliveries"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MISSED = re.compile(r"could not be reached from ([\d-]{10} [\d:]{5}) to .* UTC\. It missed (\d+) events? here")


@dataclass(frozen=True, slots=True)
class Scene:
    """One story, whose door is closed to begin with."""

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

    # --- what happens -------------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def open_door(self, **changes: object) -> AsyncGenerator[None]:
        """Take webhooks for as long as the block lasts."""
        async with door(self.settings.model_copy(update=changes), self.temporal):
            yield

    @asynccontextmanager
    async def past(self, ago: timedelta) -> AsyncGenerator[None]:
        """Let what happens in the block have happened some time ago, as far as GitHub knows."""
        self.github.advance(-ago)
        yield
        await self.github.settle()
        self.github.advance(ago)

    async def labelled(self, body: str = "", by: str = STRANGER) -> int:
        """Open an issue and label it, and wait until GitHub has tried to say so; returns its number."""
        number = await self.story.ask(body, by=by)
        await self.github.settle()
        return number

    async def something_else(self) -> None:
        """Have GitHub send a webhook that means nothing to us, which is taken if the door is open."""
        await self.story.label(await self.story.open("", "Elsewhere"), label="bug")
        await self.github.settle()

    @contextmanager
    def wrong_key(self) -> Generator[None]:
        """Let GitHub know another key than ours."""
        right = self.github.world.public_key
        self.github.world.public_key = public_key(new_private_key())
        yield
        self.github.world.public_key = right

    async def sweep(self) -> Swept:
        """Have the Schedule run its sweep now, and wait until what it asked for has happened."""
        swept = await (await self.begin_sweep()).result()
        await self.github.settle()
        return swept

    async def begin_sweep(self) -> WorkflowHandle[DeliverySweepWorkflow, Swept]:
        """Have the Schedule begin a sweep."""
        schedule = self.temporal.get_schedule_handle(SCHEDULE)
        before = (await schedule.describe()).info.num_actions
        await schedule.trigger()
        while (info := (await schedule.describe()).info).num_actions == before:
            await anyio.sleep(0.05)
        return self._sweep(info.recent_actions[-1])

    def hand(self) -> DeliveryActivities:
        """Make the activities that a worker of somebody else would have."""
        app = self.github.world.app
        clients = InstallationClients(GitHubApp(app.id, app.private_key_pem, self.github.url, self.github.url))
        return DeliveryActivities(DeliveryLog(clients.as_app), frozenset({"issues"}))

    def environment(self) -> dict[str, str]:
        """Set what an operator would set."""
        app, settings = self.github.world.app, self.settings
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(settings.state_dir),
            "AIDP_GITHUB_APP_ID": str(app.id),
            "AIDP_GITHUB_PRIVATE_KEY": app.private_key_pem,
            "AIDP_GITHUB_WEBHOOK_SECRET": app.webhook_secret,
            "AIDP_GITHUB_API_URL": self.github.url,
            "AIDP_GITHUB_URL": self.github.url,
            "AIDP_STATE_DIR": str(settings.state_dir),
        }

    # --- what can be seen ---------------------------------------------------------------------------------------------

    @property
    def log(self) -> list[Delivery]:
        """The log, oldest line first."""
        return self.github.deliveries

    def statuses(self) -> list[int]:
        """Read how the attempts went."""
        return [it.status_code for it in self.log]

    def guids(self) -> list[str]:
        """Read which webhooks there were, oldest first."""
        return [it.guid for it in self.log if not it.redelivery]

    def again(self) -> list[str]:
        """Read which webhooks were delivered again, in that order."""
        return [it.guid for it in self.log if it.redelivery]

    def tries(self) -> Counter[str]:
        """Count the attempts by webhook."""
        return Counter(it.guid for it in self.log)

    def missed(self, number: int) -> list[tuple[str, int]]:
        """Read the notes on an issue that tell of an outage: since when, and how many events it kept away."""
        found = map(MISSED.search, self.story.comments(number))
        return [(it[1], int(it[2])) for it in found if it]

    async def looks_of_sweeps(self) -> list[str]:
        """Read from where each sweep of this story has looked, the first one first."""
        schedule = await self.temporal.get_schedule_handle(SCHEDULE).describe()
        return [await self._looked(self._sweep(it)) for it in schedule.info.recent_actions]

    def _sweep(self, started: ScheduleActionResult) -> WorkflowHandle[DeliverySweepWorkflow, Swept]:
        """Find a sweep by its run: two that begin within a second have the same id."""
        assert isinstance(started.action, ScheduleActionExecutionStartWorkflow)
        run = started.action
        return self.temporal.get_workflow_handle_for(
            DeliverySweepWorkflow.run, run.workflow_id, run_id=run.first_execution_run_id
        )

    async def _looked(self, sweep: WorkflowHandle[DeliverySweepWorkflow, Swept]) -> str:
        async for event in sweep.fetch_history_events():
            if event.HasField("activity_task_scheduled_event_attributes"):
                payloads = event.activity_task_scheduled_event_attributes.input.payloads
                [swept] = await self.temporal.data_converter.decode(payloads, [Swept])
                return swept.since
        raise AssertionError(sweep.id)
