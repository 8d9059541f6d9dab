"""Work that could not close itself, or was not heard: it is closed, and begun again where that is wanted."""

from dataclasses import replace

from temporalio import workflow
from temporalio.exceptions import FailureError

from workflows import github_steps, steps
from workflows.item_mailbox import Mailbox
from workflows.model import (
    Abandonment,
    Authority,
    Delivery,
    Ending,
    EventKind,
    Issue,
    Item,
    LabelChange,
    Outcome,
    Permission,
    StatusReport,
    WorkOrder,
)
from workflows.model.repositories import Interrupted

FROM_OUTSIDE = "it was ended from outside"
AGAIN = "`/aidp retry` starts it again."
BY_ITSELF = "It begins again now."
HELD = "hold-what-waits"
FOUND = "a-look-finds-what-was-shut-out"


async def shut_out(mailbox: Mailbox, delivery: Delivery) -> None:
    """End all work of an installation that can do nothing here any more; what comes next waits until we are back."""
    if mailbox.running and mailbox.running.item.installation_id == delivery.item.installation_id:
        if workflow.patched(HELD):
            mailbox.orders.hold()
        else:
            mailbox.orders.forget()
        mailbox.interrupted = Interrupted(mailbox.item.number, delivery.label, workflow.now().isoformat())
        await mailbox.cancel(delivery.label)


def hear_of_access(mailbox: Mailbox, untold: Outcome | None) -> None:
    """Conclude from an end that GitHub has heard of, or would not hear of, whether we are let in."""
    if not untold:
        mailbox.orders.release()
        return
    if not mailbox.interrupted:
        now = workflow.now().isoformat()
        mailbox.interrupted = Interrupted(mailbox.item.number, untold.reason, now, untold)
    if mailbox.orders.waiting and workflow.patched(HELD):
        mailbox.orders.hold()


async def abandoned(mailbox: Mailbox, delivery: Delivery) -> None:
    """Close it; where it ended because we were shut out for a while, begin it again. The delivery may know why."""
    if await mailbox.pass_on(delivery):
        return
    issue, config = await steps.read_issue(mailbox.item), await steps.read_config(mailbox.item.source)
    mailbox.orders.release()
    if config.labels.working not in issue.labels:
        return
    away = _away(mailbox)
    again = await _again(mailbox, issue) if _is_wanted(delivery, away) else None
    reason = delivery.label or (away.reason if away else FROM_OUTSIDE)
    outcome = Outcome(Ending.CANCELLED, reason, BY_ITSELF if again else AGAIN)
    if away and away.outcome and not again:
        outcome = away.outcome
    await steps.write_status(StatusReport(mailbox.item, now=workflow.now().isoformat(), outcome=outcome))
    await steps.change_labels(LabelChange(mailbox.item, remove=(config.labels.working, config.labels.needs_input)))
    await github_steps.end_check_runs(Abandonment(mailbox.item, outcome))
    mailbox.interrupted = None
    if again:
        mailbox.orders.put_first(replace(again, config=config))


def _away(mailbox: Mailbox) -> Interrupted | None:
    """Tell of the work that was shut out: a look may find it before a webhook says that we are back."""
    return mailbox.interrupted if mailbox.interrupted and workflow.patched(FOUND) else None


def _is_wanted(delivery: Delivery, away: Interrupted | None) -> bool:
    """Whether work that ended here was kept from its end, and whoever asked for it still waits."""
    if away and away.outcome and away.outcome.ending is not Ending.FAILED:
        return False
    return delivery.kind is EventKind.RESTORED or bool(away and away.is_fresh(workflow.now()))


async def _again(mailbox: Mailbox, issue: Issue) -> WorkOrder | None:
    """Find what is to be done again: still wanted, and by somebody who may still ask for it."""
    last = mailbox.last
    return last if last and issue.open and await _may_ask(last, mailbox.item) else None


async def is_wanted(mailbox: Mailbox, order: WorkOrder) -> bool:
    """Look whether what waited while we were shut out is to be done; where we still are, it waits on."""
    try:
        issue = await steps.read_issue(mailbox.item)
        is_asked_for = not order.label or order.label.casefold() in map(str.casefold, issue.labels)
        return issue.open and is_asked_for and await _may_ask(order, mailbox.item)
    except FailureError:
        mailbox.orders.put_back(order)
        mailbox.orders.hold()
        return False


async def _may_ask(order: WorkOrder, item: Item) -> bool:
    return order.unasked or await steps.read_permission(Authority(item, order.requester)) >= Permission.WRITE
