"""The label that calls for people: on the item for as long as nothing happens until one of them acts."""

from temporalio import workflow
from temporalio.exceptions import FailureError, is_cancelled_exception

from workflows import steps
from workflows.model import Item, LabelChange


class NeedsInput:
    """Puts the label on and takes it off; what others put on stays."""

    def __init__(self, item: Item, label: str) -> None:
        self._item = item
        self._label = label
        self._on = False

    async def call(self) -> None:
        """Put the label on."""
        if not self._on:
            self._on = await self._changed(LabelChange(self._item, add=(self._label,)))

    async def end_call(self) -> None:
        """Take off what was put on."""
        if self._on:
            self._on = not await self._changed(LabelChange(self._item, remove=(self._label,)))

    async def _changed(self, change: LabelChange) -> bool:
        """Change it; the work goes on also where GitHub does not want it."""
        try:
            await steps.change_labels(change)
        except FailureError as error:
            if is_cancelled_exception(error):
                raise
            workflow.logger.warning("label not changed: %s", error.cause)
            return False
        return True
