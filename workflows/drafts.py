"""Drafts: what a person makes of a pull request holds, whatever we had made of it.

We make none of them, and end one only at the end of `aidp-auto`. Work that goes on meanwhile hears of it
(`processors/item_labels.py`); where nothing does, label and status are brought in line here.
"""

from temporalio import workflow

from workflows import github_steps, steps
from workflows.item_mailbox import Mailbox
from workflows.model import Delivery, Ending, EventKind, LabelChange, Outcome, PullRequestState, StatusReport

NOT_READY = "not ready, as {by} made a draft of it"
DRAFT = "{by} made a draft of it, so it is not ready any more"
ADVICE = "Mark it ready for review yourself, or `/aidp auto` does once it is."
READY = "{by} marked it ready for review"


async def redrafted(mailbox: Mailbox, delivery: Delivery) -> None:
    """Hear that a person made a draft of it, or ended that, if it is still so."""
    pull_request = await github_steps.read_pull_request(mailbox.item)
    if pull_request.draft is not (delivery.kind is EventKind.CONVERTED_TO_DRAFT):
        return
    await mailbox.pass_on(delivery)
    if pull_request.draft:
        await _not_ready(mailbox, pull_request, delivery.sender.login)
    elif mailbox.told_draft and not mailbox.running:
        await _tell(mailbox, Outcome(Ending.NOTHING_TO_DO, READY.format(by=delivery.sender.login)))
        mailbox.told_draft = False


async def _not_ready(mailbox: Mailbox, pull_request: PullRequestState, by: str) -> None:
    """Take back that people can take over, if we had said so."""
    config = await steps.read_config(mailbox.item.source)
    ready = config.labels.ready
    if ready.casefold() not in map(str.casefold, pull_request.labels):
        return
    await steps.change_labels(LabelChange(mailbox.item, remove=(ready,)))
    await _tell(mailbox, Outcome(Ending.NOTHING_TO_DO, DRAFT.format(by=by), ADVICE))
    mailbox.told_draft = True


async def _tell(mailbox: Mailbox, outcome: Outcome) -> None:
    await steps.write_status(StatusReport(mailbox.item, now=workflow.now().isoformat(), outcome=outcome))
