"""What an orchestrator knows of its units, from the first one through every continue-as-new to the summary."""

from dataclasses import dataclass, replace
from datetime import datetime

from workflows.dag import find_obstacle, is_ready
from workflows.model import Ending, Outcome
from workflows.model.workstreams import (
    Unit,
    UnitCounts,
    UnitReport,
    UnitStatus,
    WorkstreamPlan,
    WorkstreamSummary,
)
from workflows.workstream_unit import Course, Order

LOST = (UnitStatus.FAILED, UnitStatus.SKIPPED, UnitStatus.CANCELLED)
RETRIED = (UnitStatus.FAILED, UnitStatus.SKIPPED)


@dataclass(slots=True)
class UnitMemory:
    """A unit's state."""

    unit: Unit
    report: UnitReport
    child: str = ""
    """Id of its running workflow, once that has started."""
    told: Order | None = None
    """What that workflow was told last; `None` when it is to be told again."""
    cancelled: str = ""
    """Why this unit alone is to end."""

    @property
    def status(self) -> UnitStatus:
        """Where the unit is."""
        return self.report.status

    @property
    def is_starting(self) -> bool:
        """Whether its workflow was asked for, but is not there yet."""
        return self.status is UnitStatus.RUNNING and not self.child

    def begin(self, now: datetime) -> None:
        """Start an attempt."""
        attempt = self.report.attempt + 1
        self.report = UnitReport(self.unit.slug, UnitStatus.RUNNING, attempt, now.isoformat())

    def end(self, report: UnitReport) -> None:
        """End an attempt; what an earlier one reports late changes nothing."""
        if self.status is not UnitStatus.RUNNING or report.attempt != self.report.attempt:
            return
        self.report, self.child, self.told = report, "", None

    def give_up(self, status: UnitStatus, reason: str) -> None:
        """Do not start the unit at all."""
        self.report = replace(self.report, status=status, outcome=Outcome(Ending.CANCELLED, reason))

    def wait_again(self) -> None:
        """Let the unit be started once more."""
        self.report = UnitReport(self.unit.slug, attempt=self.report.attempt)


@dataclass(slots=True)
class WorkstreamMemory:
    """An orchestrator's state; only the orchestrator changes it, and it travels to the next history as it is."""

    units: list[UnitMemory]
    concurrency: int
    started: str = ""
    paused: bool = False
    cancelled: str = ""
    hold_until: float = 0.0
    """Until then (seconds since the epoch) somebody may ask for a retry; 0 while there is work."""

    @classmethod
    def of(cls, plan: WorkstreamPlan) -> "WorkstreamMemory":
        """Begin a plan."""
        return cls([UnitMemory(unit, UnitReport(unit.slug)) for unit in plan.units], plan.concurrency)

    @property
    def is_over(self) -> bool:
        """Whether nothing runs and nothing is left to run."""
        return not any(unit.status in {UnitStatus.WAITING, UnitStatus.RUNNING} for unit in self.units)

    @property
    def running(self) -> list[UnitMemory]:
        """Units with an attempt on the way."""
        return [unit for unit in self.units if unit.status is UnitStatus.RUNNING]

    def find(self, slug: str) -> UnitMemory | None:
        """Look a unit up."""
        return next((unit for unit in self.units if unit.unit.slug == slug), None)

    def settle(self) -> None:
        """End the waiting units that will never run."""
        for unit in self._with(UnitStatus.WAITING):
            if reason := self.cancelled or unit.cancelled:
                unit.give_up(UnitStatus.CANCELLED, reason)
        while blocked := self._blocked():
            for unit, obstacle in blocked:
                unit.give_up(UnitStatus.SKIPPED, f"it depends on `{obstacle}`, which did not get done")

    def startable(self) -> list[UnitMemory]:
        """Choose what to start now, in the order of the plan."""
        if self.paused or self.cancelled:
            return []
        done = [unit.unit.slug for unit in self._with(UnitStatus.DONE)]
        ready = [unit for unit in self._with(UnitStatus.WAITING) if is_ready(unit.unit, done)]
        return ready[: max(self.concurrency - len(self.running), 0)]

    def untold(self) -> list[tuple[UnitMemory, Order]]:
        """List the running units that do not know what they are meant to do, and that."""
        orders = [(unit, self._order_for(unit)) for unit in self.running]
        return [(unit, order) for unit, order in orders if unit.child and unit.told != order]

    def retry(self) -> int:
        """Let failed and skipped units wait again; return how many they are."""
        again = self._with(*RETRIED)
        for unit in again:
            unit.wait_again()
        self.hold_until = 0.0
        return len(again)

    def summary(self, now: datetime) -> WorkstreamSummary:
        """Show all units."""
        reports = tuple(unit.report for unit in self.units)
        seconds = (now - datetime.fromisoformat(self.started)).total_seconds() if self.started else 0.0
        return WorkstreamSummary(reports, UnitCounts.of(reports), seconds, self.concurrency, self.paused)

    def _with(self, *statuses: UnitStatus) -> list[UnitMemory]:
        return [unit for unit in self.units if unit.status in statuses]

    def _blocked(self) -> list[tuple[UnitMemory, str]]:
        """List the waiting units that wait in vain, and for what."""
        lost = [unit.unit.slug for unit in self._with(*LOST)]
        pairs = [(unit, find_obstacle(unit.unit, lost)) for unit in self._with(UnitStatus.WAITING)]
        return [(unit, obstacle) for unit, obstacle in pairs if obstacle]

    def _order_for(self, unit: UnitMemory) -> Order:
        if reason := self.cancelled or unit.cancelled:
            return Order(Course.CANCEL, reason)
        return Order(Course.PAUSE if self.paused else Course.GO_ON)


@dataclass(frozen=True, slots=True)
class WorkstreamInput:
    """A plan to start, or to go on with."""

    plan: WorkstreamPlan
    memory: WorkstreamMemory | None = None
