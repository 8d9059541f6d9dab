"""An item's labels while a processor has it, and when it gives it back: they say whose turn it is."""

from temporalio import workflow
from temporalio.exceptions import FailureError

from workflows import steps
from workflows.model import Ending, Issue, LabelChange, Outcome, WorkOrder
from workflows.work_kinds import trigger_label

WELL = frozenset({Ending.DONE, Ending.NOTHING_TO_DO})


class ItemLabels:
    """Ours on one item."""

    def __init__(self, order: WorkOrder) -> None:
        self.ready = False
        """Whether people can take over when the work ends well; where that was so before, it is so again."""
        self._order = order
        self._labels = order.config.labels

    async def take(self, issue: Issue) -> None:
        """Show that somebody works on the item, if it is open; what asked for it is done with."""
        labels = self._labels
        self.ready = labels.ready.casefold() in map(str.casefold, issue.labels)
        add = (labels.working,) if issue.open else ()
        done_with = (trigger_label(labels, self._order.kind), labels.needs_input, labels.ready)
        await steps.change_labels(LabelChange(self._order.item, add=add, remove=done_with))

    async def put_away(self, outcome: Outcome) -> None:
        """Show that nobody works on it any more, and whose turn it is."""
        try:
            left = LabelChange(self._order.item, add=self._left(outcome), remove=(self._labels.working,))
            await steps.change_labels(left)
        except FailureError as error:
            workflow.logger.warning("labels not put away: %s", error.cause)

    def _left(self, outcome: Outcome) -> tuple[str, ...]:
        if outcome.ending is Ending.GAVE_UP:
            return (self._labels.needs_input,)
        return (self._labels.ready,) if self.ready and outcome.ending in WELL else ()
