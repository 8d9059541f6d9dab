"""What a loop spends: counted after every agent run, held against its budget before the next one."""

from collections.abc import Generator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

from temporalio import workflow

from workflows import steps
from workflows.advice import advisor_for
from workflows.budget import Scope, Standing, raised_config, together
from workflows.holding import Say, holding
from workflows.loop_memory import LoopMemory
from workflows.model import Limits, LoopSpec, Spending, Spent, Totals, Waiting

HOLDING = "Holding: {standing} is used up. {advice}"
TOMORROW = "It goes on at midnight (UTC). To go on today: "


class Account:
    """A loop's purse."""

    def __init__(self, spec: LoopSpec, memory: LoopMemory, say: Say) -> None:
        self.advisor = advisor_for(spec.source)
        self._spec = spec
        self._memory = memory
        self._say = say

    @property
    def standing(self) -> Standing:
        """Show the limit that is used the most."""
        return self._memory.standing

    def used(self, lead: str) -> str:
        """Say how far the budget is used, if there is one."""
        return f"{lead}{self.standing}" if self.standing.limit else ""

    async def afford(self) -> None:
        """Hold while nothing is left, until somebody allows more or, where a day has its limit, the next one begins."""
        await self.open()
        while self.standing.exhausted:
            await self._hold(self.standing)
            await self.open()

    def allow(self, more: Limits) -> None:
        """Raise every limit there is, also of a configuration that is read later."""
        memory = self._memory
        memory.allowed = together(memory.allowed, more)
        memory.config = raised_config(memory.config, more)

    async def open(self) -> None:
        """Learn what all runs have spent by now, if a limit is shared with others."""
        if self._shared:
            self._learn(await steps.record_spending(self._entry(Spent())))

    def note(self, spent: Spent) -> None:
        """Count a run."""
        with self._watching():
            self._memory.spent += spent
            self._memory.unrecorded += spent

    async def share(self) -> None:
        """Tell the ledger at once where other runs share a limit; else the end is soon enough."""
        if self._shared:
            await self.settle()

    async def settle(self) -> None:
        """Tell the ledger what it does not know yet; an entry whose answer was lost is repeated under its id."""
        memory = self._memory
        if memory.unrecorded == Spent() and not memory.unsettled:
            return
        if not memory.unsettled:
            memory.unsettled, memory.unrecorded = self._entry(memory.unrecorded), Spent()
        self._learn(await steps.record_spending(memory.unsettled))
        memory.unsettled = None
        if memory.unrecorded != Spent():
            await self.settle()

    def _learn(self, totals: Totals) -> None:
        """Take in what all runs have spent."""
        with self._watching():
            self._memory.totals = totals

    @contextmanager
    def _watching(self) -> Generator[None]:
        """Tell people, once, when what happens in the block has brought a limit near."""
        was_near = self.standing.near
        yield
        if self.standing.near and not (was_near or self.standing.exhausted):
            self._memory.happened(f"Nearly used up: {self.standing}")

    async def _hold(self, standing: Standing) -> None:
        """Say what is used up, and wait until it may be otherwise."""
        today = standing.scope is Scope.DAY
        self._memory.happened(f"Holding: {standing} is used up")
        advice = self.advisor.allow.format(more=standing.limit.replace(",", ""))
        reason = HOLDING.format(standing=standing, advice=f"{TOMORROW if today else ''}{advice}")
        async with holding(self._memory, self._say, Waiting(reason, for_people=not today)):
            with suppress(TimeoutError):
                timeout = until_tomorrow(workflow.now()) if today else None
                await workflow.wait_condition(lambda: self.standing != standing, timeout=timeout)

    @property
    def _shared(self) -> bool:
        budget = self._memory.config.budget
        return Limits() != budget.issue or Limits() != budget.day

    def _entry(self, spent: Spent) -> Spending:
        self._memory.entries += 1
        return Spending(
            id=f"{self._spec.id}/{self._memory.entries}",
            source=self._spec.source,
            number=self._spec.number,
            day=workflow.now().date().isoformat(),
            spent=spent,
        )


def until_tomorrow(now: datetime) -> timedelta:
    """Tell how long this day lasts, in UTC as the ledger counts them."""
    return datetime.combine(now.date() + timedelta(days=1), datetime.min.time(), now.tzinfo) - now
