"""What a mailbox does with each kind of delivery. A delivery is a hint: GitHub is asked before anything is done."""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

from workflows import github_steps, steps
from workflows.abandonment import abandoned, shut_out
from workflows.commands.obeying import obey, press
from workflows.drafts import redrafted
from workflows.item_mailbox import Mailbox
from workflows.late_ci import SEE_TO_CI, is_seen_to, reddened, was_watched
from workflows.model import (
    Authority,
    Delivery,
    EventKind,
    Item,
    LabelChange,
    Note,
    Permission,
    RepoConfig,
    Work,
    WorkOrder,
)
from workflows.model.reconciling import Labelled
from workflows.work_kinds import misplaced, work_of

REFUSAL = (
    "Sorry, `{label}` starts work on this repository, so it takes **write** permission to put it on. "
    "Ask a maintainer to do it."
)
CLOSED = "It is closed. Open it again, and put the label on again."
ENOUGH = "The limit of reviews worked off here by themselves is reached ({most}). `/aidp fix` takes this one as well."
SEES_TO: Mapping[Work, frozenset[Work]] = MappingProxyType(
    {Work.FIX_CI: SEE_TO_CI, Work.REBASE: frozenset({Work.REBASE})}
)
"""Running work that already sees to what would be ordered because of an event."""


async def labeled(mailbox: Mailbox, delivery: Delivery) -> None:
    """Start the work a label asks for, if whoever put it on may."""
    issue = await steps.read_issue(mailbox.item)
    if delivery.label.casefold() not in map(str.casefold, issue.labels):
        return
    put_on = await _put_on(mailbox, delivery)
    if not put_on:
        return
    if await steps.read_permission(Authority(mailbox.item, put_on.sender)) < Permission.WRITE:
        await _refuse(mailbox.item, put_on)
        return
    config = await _config(mailbox.item)
    work = work_of(config.labels, delivery.label)
    if not work:
        return
    await steps.add_eyes(mailbox.item)
    if flaw := misplaced(work, issue) or (CLOSED if not issue.open else ""):
        await _put_back(mailbox.item, put_on, f"misplaced:{work}:{issue.open}", flaw)
        return
    order = WorkOrder(mailbox.item, work, put_on.sender, config, label=delivery.label)
    mailbox.rounds = 0
    await mailbox.accept(order)
    if not mailbox.orders.has_one_like(order):  # it was an approval; else the work takes its label off when it begins
        await steps.change_labels(LabelChange(mailbox.item, remove=(delivery.label,)))


async def _put_on(mailbox: Mailbox, delivery: Delivery) -> Delivery | None:
    """Find out who put the label on last; `None` when that is known, since a webhook and a look may tell of the same.

    What comes from a webhook is read twice: GitHub's list of events may not have the newest one yet. Where a look has
    told of it meanwhile, what it told comes next.
    """
    async for _ in github_steps.looks():
        put_on = await github_steps.read_label_event(Labelled(mailbox.item, delivery.label)) or delivery
        if put_on.id == delivery.id or mailbox.is_new(put_on.id):
            return put_on
        if mailbox.expects(put_on.id):
            return None
    return None


async def withdrawn(mailbox: Mailbox, delivery: Delivery) -> None:
    """End work whose item was closed or deleted, or whose label was taken off, before it has begun or while it runs."""
    if not (mailbox.running or mailbox.orders.waiting):
        return
    if delivery.kind is EventKind.GONE:
        mailbox.orders.forget()
        await mailbox.cancel(f"{delivery.sender.login} moved or deleted it")
        return
    issue = await steps.read_issue(mailbox.item)
    if not issue.open:
        mailbox.orders.forget()
        noun = "pull request" if issue.pull_request else "issue"
        await mailbox.cancel(f"{delivery.sender.login} closed the {noun}")
    elif delivery.kind is EventKind.UNLABELED and delivery.label not in issue.labels:
        await _unlabeled(mailbox, delivery)


async def _unlabeled(mailbox: Mailbox, delivery: Delivery) -> None:
    labels = (mailbox.running or mailbox.orders.waiting[0]).config.labels
    if delivery.label == labels.working:
        await mailbox.cancel(f"{delivery.sender.login} took `{labels.working}` off")
    elif work := work_of(labels, delivery.label):
        mailbox.orders.forget(work)


async def ordered(mailbox: Mailbox, delivery: Delivery) -> None:
    """Do what other work of ours asks for, unless it was done before that was heard."""
    order = delivery.order
    if not order or not (await steps.read_issue(mailbox.item)).open:
        return
    if order.kind is Work.FIX_CI and await is_seen_to(mailbox):
        return
    await mailbox.accept(order)


async def heard(mailbox: Mailbox, delivery: Delivery) -> None:
    """Tell the running work; where nothing runs, nobody has to know."""
    if mailbox.running:
        await mailbox.pass_on(delivery)


async def moved(mailbox: Mailbox, delivery: Delivery) -> None:
    """Tell the running work that a pull request changed, and do what the repository wants done about it."""
    running = mailbox.running
    if running and not await mailbox.pass_on(delivery):
        mailbox.take_again(delivery)  # it has just ended, and may have seen to this
        return
    config = await _config(mailbox.item)
    work = _unasked(delivery.kind, config)
    if not work or (running and running.kind in SEES_TO.get(work, ())):
        return
    pull_request = await github_steps.read_pull_request(mailbox.item)
    if not (pull_request.ours and pull_request.open):
        return
    if work is Work.FIX and not await _may_have_round(mailbox, delivery, config):
        return
    by_us = delivery.sender == pull_request.author
    if by_us and work is Work.FIX_CI and was_watched(mailbox, pull_request):
        return
    unasked = work is not Work.FIX and (by_us or delivery.kind is not EventKind.PUSHED)
    await mailbox.accept(WorkOrder(mailbox.item, work, delivery.sender, config, unasked=unasked))


async def _may_have_round(mailbox: Mailbox, delivery: Delivery, config: RepoConfig) -> bool:
    """Whether another review is worked off without being asked; says so when it is not."""
    if await steps.read_permission(Authority(mailbox.item, delivery.sender)) < Permission.WRITE:
        return False
    mailbox.rounds += 1
    most = config.pull_request.change_rounds
    if mailbox.rounds <= most:
        return True
    if mailbox.rounds == most + 1:
        note = Note(mailbox.item, f"rounds:{delivery.id}", ENOUGH.format(most=most), addressee=delivery.sender)
        await steps.write_note(note)
    return False


def _unasked(kind: EventKind, config: RepoConfig) -> Work | None:
    """Say what is done about an event on our own pull request without anybody asking."""
    match kind:
        case EventKind.REVIEWED:
            return Work.FIX
        case EventKind.PUSHED if config.ci.fix:
            return Work.FIX_CI
        case EventKind.BASE_PUSHED if config.pull_request.rebase_on_push:
            return Work.REBASE
        case _:
            return None


async def commented(mailbox: Mailbox, delivery: Delivery) -> None:
    """Obey the commands in a comment, or take it as an answer."""
    if delivery.comment:
        await obey(mailbox, delivery.comment, listening=mailbox.listening_to_answers)


async def pressed(mailbox: Mailbox, delivery: Delivery) -> None:
    """Obey a button as if its command had been written."""
    await press(mailbox, mailbox.item, delivery)


Reception = Callable[[Mailbox, Delivery], Awaitable[None]]

RECEPTION: Mapping[EventKind, Reception] = MappingProxyType(
    {
        EventKind.LABELED: labeled,
        EventKind.UNLABELED: withdrawn,
        EventKind.CLOSED: withdrawn,
        EventKind.GONE: withdrawn,
        EventKind.ORDERED: ordered,
        EventKind.COMMENTED: commented,
        EventKind.PRESSED: pressed,
        EventKind.CONVERTED_TO_DRAFT: redrafted,
        EventKind.READY_FOR_REVIEW: redrafted,
        EventKind.REVIEWED: moved,
        EventKind.PUSHED: moved,
        EventKind.BASE_PUSHED: moved,
        EventKind.OPENED: heard,
        EventKind.REOPENED: heard,
        EventKind.EDITED: heard,
        EventKind.CI: reddened,
        EventKind.REPOSITORY: shut_out,
        EventKind.ABANDONED: abandoned,
        EventKind.RESTORED: abandoned,
    }
)
"""Every kind of delivery, and who receives it."""


async def _config(item: Item) -> RepoConfig:
    return await steps.read_config(item.source)


async def _refuse(item: Item, delivery: Delivery) -> None:
    text = REFUSAL.format(label=delivery.label)
    await _put_back(item, delivery, f"refused:{delivery.sender.id}", text)


async def _put_back(item: Item, delivery: Delivery, key: str, text: str) -> None:
    """Take a label off, and say why."""
    await steps.write_note(Note(item, key, text, addressee=delivery.sender))
    await steps.change_labels(LabelChange(item, remove=(delivery.label,)))
