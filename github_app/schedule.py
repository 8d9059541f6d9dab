"""Temporal Schedules: what happens without a webhook. `SCHEDULES` is all of them."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)

from github_app.settings import WorkerSettings
from workflows.delivery_sweep import DeliverySweepWorkflow
from workflows.ports import MAIN_QUEUE
from workflows.reconcile import ReconcileWorkflow

CATCH_UP = timedelta(minutes=10)
"""After Temporal was away; one run is enough, since each looks at everything since the last."""


@dataclass(frozen=True, slots=True)
class Recurring:
    """A workflow without arguments that runs again and again."""

    id: str
    workflow: Callable[..., Coroutine[Any, Any, Any]]
    summary: str
    """For people who look at Temporal."""
    every: Callable[[WorkerSettings], timedelta]

    def schedule(self, settings: WorkerSettings) -> Schedule:
        """Write it as Temporal wants it; jitter keeps many installations from asking GitHub at the same moment."""
        every = self.every(settings)
        return Schedule(
            action=ScheduleActionStartWorkflow(
                self.workflow, id=self.id, task_queue=MAIN_QUEUE, static_summary=self.summary
            ),
            spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every)], jitter=every / 10),
            policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=CATCH_UP),
        )


SCHEDULES = (
    Recurring(
        "aidp-deliveries",
        DeliverySweepWorkflow.run,
        "Asks GitHub for webhooks that nobody took",
        lambda settings: timedelta(seconds=settings.delivery_sweep_seconds),
    ),
    Recurring(
        "aidp-reconcile",
        ReconcileWorkflow.run,
        "Looks for labels, commands and running work that no webhook told of",
        lambda settings: timedelta(seconds=settings.reconcile_seconds),
    ),
)


async def keep_schedules(client: Client, settings: WorkerSettings) -> None:
    """Create the Schedules, or bring them up to date; one that somebody paused stays paused."""
    for recurring in SCHEDULES:
        wanted = recurring.schedule(settings)
        try:
            await client.create_schedule(recurring.id, wanted)
        except ScheduleAlreadyRunningError:
            await client.get_schedule_handle(recurring.id).update(_bring_up_to_date(wanted))


def _bring_up_to_date(wanted: Schedule) -> Callable[[ScheduleUpdateInput], ScheduleUpdate]:
    return lambda current: ScheduleUpdate(replace(wanted, state=current.description.schedule.state))
