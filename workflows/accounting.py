"""What a loop spends: counted after every agent run, held against its budget before the next one."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from temporalio import workflow

from workflows import steps
from workflows.budget import Standing, raised, tightest
from workflows.loop_memory import LoopMemory
from workflows.model import Budget, Limits, LoopSpec, Spending, Spent

Say = Callable[[str], Awaitable[None]]


class Account:
    """A loop's purse."""

    def __init__(self, spec: LoopSpec, memory: LoopMemory, say: Say) -> None:
        self._spec = spec
        self._memory = memory
        self._say = say

    @property
    def standing(self) -> Standing:
        """Show the limit that is used the most."""
        return tightest(self._memory.config.budget, self._memory.spent, self._memory.totals)

    async def afford(self) -> None:
        """Hold while nothing is left, for as long as it takes until somebody allows more."""
        if not self.standing.exhausted:
            return
        await self._say(f"Holding: {self.standing} is used up. Allow more to go on, or cancel")
        await workflow.wait_condition(lambda: not self.standing.exhausted)

    def allow(self, more: Limits) -> None:
        """Raise every limit there is."""
        config, budget = self._memory.config, self._memory.config.budget
        higher = Budget(raised(budget.run, more), raised(budget.issue, more), raised(budget.day, more))
        self._memory.config = replace(config, budget=higher)

    async def record(self, spent: Spent) -> None:
        """Count a run. The ledger is told at once only where other runs share a limit; else at the end."""
        memory = self._memory
        memory.spent += spent
        memory.unrecorded += spent
        budget = memory.config.budget
        if Limits() != budget.issue or Limits() != budget.day:
            await self.settle()

    async def settle(self) -> None:
        """Tell the ledger what it does not know yet."""
        memory = self._memory
        if memory.unrecorded == Spent():
            return
        memory.entries += 1
        spending = Spending(
            id=f"{self._spec.id}/{memory.entries}",
            source=self._spec.source,
            number=self._spec.number,
            day=workflow.now().date().isoformat(),
            spent=memory.unrecorded,
        )
        memory.unrecorded = Spent()
        memory.totals = await steps.record_spending(spending)
