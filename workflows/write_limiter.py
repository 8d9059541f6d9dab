"""The write limiter of an installation: its workers ask before they write, and together keep GitHub's limits.

It is one workflow for all of them. It decides by Temporal's clock alone, forgets what is old, and ends when it knows
nothing any more; the next write opens a new one.
"""

from dataclasses import dataclass, field
from datetime import timedelta

from temporalio import workflow

from workflows.write_slots import Reservation, SlotState, WriteSlots

IDLE = timedelta(hours=1)
UPDATES_PER_HISTORY = 1000
"""Half of what Temporal allows."""
FORBIDDEN_UNTIL = "forbidden_until"
"""The memo by which anybody can tell, without a worker's help, that GitHub wants no calls now."""


def limiter_id(installation_id: int) -> str:
    """Name the limiter of an installation."""
    return f"limiter:{installation_id}"


@dataclass(frozen=True, slots=True)
class Forbidding:
    """GitHub refuses everything, for a number of seconds if it named a time."""

    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """The answer to a reservation: go, or ask again after so many seconds."""

    wait: float


@dataclass(frozen=True, slots=True)
class LimiterState:
    """A limiter as it is handed to its next history."""

    slots: SlotState = field(default_factory=SlotState)
    updates_per_history: int = UPDATES_PER_HISTORY


@workflow.defn
class WriteLimiterWorkflow:
    """One limiter per installation."""

    @workflow.init
    def __init__(self, state: LimiterState) -> None:
        self._slots = WriteSlots(state.slots)
        self._updates = 0
        self._updates_per_history = state.updates_per_history

    @workflow.run
    async def run(self, state: LimiterState) -> None:
        """Give out turns, in as many histories as it takes, until none matters any more."""
        del state  # `__init__` has it
        try:
            await workflow.wait_condition(self._is_full, timeout=IDLE)
        except TimeoutError:
            workflow.logger.info("nothing may have been written for long")
        await workflow.wait_condition(workflow.all_handlers_finished)
        if not self._slots.is_idle(workflow.time()):
            following = LimiterState(self._slots.state(), self._updates_per_history)
            workflow.continue_as_new(following, memo=self._memo())  # what was upserted would stay behind

    @workflow.update
    def reserve(self, asked: Reservation) -> Slot:
        """Grant a write, or tell when to ask again."""
        self._updates += 1
        return Slot(self._slots.reserve(asked, workflow.time()))

    @workflow.signal
    def end(self, attempt: str) -> None:
        """Note that an attempt fails, and that nothing more will come of it."""
        self._slots.end(attempt, workflow.time())

    @workflow.update
    def forbid(self, forbidding: Forbidding) -> Slot:
        """Hold everything back until the time GitHub named."""
        self._updates += 1
        wait = self._slots.forbid(forbidding.seconds, workflow.time())
        workflow.upsert_memo(self._memo())
        return Slot(wait)

    def _memo(self) -> dict[str, float]:
        return {FORBIDDEN_UNTIL: self._slots.forbidden_until}

    def _is_full(self) -> bool:
        return self._updates >= self._updates_per_history or workflow.info().is_continue_as_new_suggested()
