"""A flood of webhooks about one item: its mailbox carries no thousands of them into its next history."""

from pathlib import Path

from temporal_kit import SHORT_HISTORIES, temporal_server
from temporalio.client import WorkflowHandle
from temporalio.converter import default
from temporalio.worker import Worker

from github_app.worker import RUNNER
from workflows.item_mailbox import MailboxState
from workflows.model import Actor, Delivery, EventKind, Item
from workflows.ports import MAIN_QUEUE
from workflows.work_item import CARRIED, WorkItemWorkflow

ITEM, ADA = Item(1, 2, 3), Actor(4, "ada")
AFTERWARDS = 100
"""Enough for a history that is to end."""


def told(name: str) -> Delivery:
    """Tell of what nobody has to know."""
    return Delivery(name, EventKind.OPENED, ITEM, ADA)


async def carried(mailbox: WorkflowHandle[WorkItemWorkflow, None]) -> MailboxState:
    """Read what the mailbox has handed to its second history, once it has one."""
    async for event in mailbox.fetch_history_events(wait_new_event=True):
        if event.HasField("workflow_execution_continued_as_new_event_attributes"):
            attributes = event.workflow_execution_continued_as_new_event_attributes
            [state] = await default().decode(attributes.input.payloads, [MailboxState])
            return state
    raise AssertionError("it has ended")


async def test_most_of_a_flood_is_taken_before_the_next_history_begins(tmp_path: Path) -> None:
    """What is carried over can be written down in time; what came last is known."""
    async with temporal_server(tmp_path, SHORT_HISTORIES) as temporal:
        flood = MailboxState(ITEM, inbox=tuple(told(f"flood {number}") for number in range(2 * CARRIED)))
        mailbox = await temporal.start_workflow(WorkItemWorkflow.run, flood, id=ITEM.mailbox_id, task_queue=MAIN_QUEUE)
        for number in range(AFTERWARDS):
            await mailbox.signal(WorkItemWorkflow.deliver, told(f"after {number}"))
        async with Worker(temporal, task_queue=MAIN_QUEUE, workflows=[WorkItemWorkflow], workflow_runner=RUNNER):
            state = await carried(temporal.get_workflow_handle(mailbox.id, run_id=mailbox.result_run_id))
    assert 0 < len(state.inbox) <= CARRIED
    assert {f"after {number}" for number in range(AFTERWARDS)} <= set(state.seen)
