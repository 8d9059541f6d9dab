"""What a sweep may ask of GitHub's delivery log."""

from typing import Protocol

from temporalio import activity
from temporalio.workflow import ActivityConfig

from workflows import patience
from workflows.model import Item
from workflows.model.delivery_log import Findings, Redelivery, Swept
from workflows.ports import MAIN_QUEUE, NEVER_RETRIED


class Deliveries(Protocol):
    """The log of the webhooks that GitHub has sent to the App."""

    @activity.defn
    async def read_delivery_log(self, before: Swept, /) -> Findings:
        """Read the log since the last sweep, and say what is to be done about it."""
        ...

    @activity.defn
    async def redeliver(self, redelivery: Redelivery, /) -> tuple[str, ...]:
        """Ask GitHub to deliver webhooks again; returns the GUIDs of those that it can not."""
        ...

    @activity.defn
    async def read_recovered(self, deliveries: tuple[int, ...], /) -> tuple[Item, ...]:
        """Tell the item that each of these deliveries was for, in so far as the log still knows."""
        ...


SWEEP = ActivityConfig(
    task_queue=MAIN_QUEUE,
    start_to_close_timeout=patience.DELIVERY_LOG.time,
    heartbeat_timeout=patience.DELIVERY_PAGE.time,
    retry_policy=patience.API_RETRY.policy(NEVER_RETRIED),
)
