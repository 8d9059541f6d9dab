"""An item's labels while a processor has it, and when it gives it back: they say whose turn it is."""

from dataclasses import replace

from temporalio import workflow
from temporalio.exceptions import FailureError

from workflows import steps
from workflows.drafts import ADVICE, NOT_READY
from workflows.model import Delivery, Ending, EventKind, Issue, LabelChange, Outcome, WorkOrder
from workflows.work_kinds import trigger_label

WELL = frozenset({Ending.DONE, Ending.NOTHING_TO_DO})


class ItemLabels:
    """Ours on one item."""

    def __init__(self, order: WorkOrder) -> None:
        self.ready = False
        """Whether people can take over when the work ends well; where that was so before, it is so again."""
        self.drafted_by = ""
        """The person who has made a draft of it meanwhile: that holds, whatever we would make of it."""
        self._order = order
        self._labels = order.config.labels

    async def take(self, issue: Issue) -> None:
        """Show that somebody works on the item, if it is open; what asked for it is done with."""
        labels = self._labels
        self.ready = labels.ready.casefold() in map(str.casefold, issue.labels)
        add = (labels.working,) if issue.open else ()
        done_with = (trigger_label(labels, self._order.kind), labels.needs_input, labels.ready)
        await steps.change_labels(LabelChange(self._order.item, add=add, remove=done_with))

    def hear(self, delivery: Delivery) -> None:
        """Hear what a person made of the pull request."""
        if delivery.kind is EventKind.CONVERTED_TO_DRAFT:
            self.drafted_by = delivery.sender.login
        elif delivery.kind is EventKind.READY_FOR_REVIEW:
            self.drafted_by = ""

    def told(self, outcome: Outcome) -> Outcome:
        """Add to a good end why people can not take over, where they could without that."""
        if not (self.ready and self.drafted_by and outcome.ending in WELL):
            return outcome
        reason = f"{outcome.reason}; {NOT_READY.format(by=self.drafted_by)}"
        return replace(outcome, reason=reason, advice=outcome.advice or ADVICE)

    async def put_away(self, outcome: Outcome) -> bool:
        """Show that nobody works on it any more, and whose turn it is; false when GitHub would not have it."""
        try:
            left = LabelChange(self._order.item, add=self._left(outcome), remove=(self._labels.working,))
            await steps.change_labels(left)
        except FailureError as error:
            workflow.logger.warning("labels not put away: %s", error.cause)
            return False
        return True

    def _left(self, outcome: Outcome) -> tuple[str, ...]:
        if outcome.ending is Ending.GAVE_UP:
            return (self._labels.needs_input,)
        ready = self.ready and not self.drafted_by
        return (self._labels.ready,) if ready and outcome.ending in WELL else ()
