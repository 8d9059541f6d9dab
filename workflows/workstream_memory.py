"""What an orchestrator knows of its units, from the first one through every continue-as-new to the summary."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from workflows.closing_watch import Closing
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
CLOSED = "#{number} was closed"
GONE = "#{number} was deleted or moved"
REJECTED = "its pull request #{number} was closed without being merged"
LEFT = "left as it is"
NOT_FAILED = "`{slug}` is no unit that failed; those are: {failed}"


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
    closed: bool = False
    """Its issue was closed: whatever becomes of its attempt, nobody waits for it."""
    watched: tuple[int, ...] = ()
    """The issue and the pull requests whose closing is reported."""

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
        self.report = UnitReport(self.unit.slug, UnitStatus.RUNNING, attempt, now.isoformat(), spent=self.report.spent)

    def end(self, report: UnitReport) -> None:
        """End an attempt; what an earlier one reports late changes nothing."""
        if self.status is not UnitStatus.RUNNING or report.attempt != self.report.attempt:
            return
        self.report = replace(report, spent=self.report.spent + report.spent)
        self.child, self.told = "", None
        if self.closed:
            self.land()

    def hold(self, report: UnitReport) -> None:
        """Take in what a running attempt waits for."""
        if self.status is UnitStatus.RUNNING and report.attempt == self.report.attempt:
            self.report = replace(self.report, waiting=report.waiting)

    def land(self) -> None:
        """Let nobody wait for the unit any more."""
        outcome = self.report.outcome if self.status is UnitStatus.DONE else None
        outcome = outcome or Outcome(Ending.NOTHING_TO_DO, CLOSED.format(number=self.unit.number))
        self.report = replace(self.report, status=UnitStatus.DONE, outcome=outcome, landed=True)

    def reject(self) -> None:
        """Take it that nobody wants the work as it was proposed."""
        outcome = Outcome(Ending.GAVE_UP, REJECTED.format(number=self.report.pull_request))
        self.report = replace(self.report, status=UnitStatus.FAILED, outcome=outcome)

    def give_up(self, status: UnitStatus, reason: str) -> None:
        """Do not start the unit at all."""
        self.report = replace(self.report, status=status, outcome=Outcome(Ending.CANCELLED, reason))

    def wait_again(self) -> None:
        """Let the unit be started once more."""
        self.report = UnitReport(self.unit.slug, attempt=self.report.attempt, spent=self.report.spent)
        self.cancelled = ""

    @property
    def has_landed(self) -> bool:
        """Whether its work is where everybody builds, or there was none to do."""
        return self.status is UnitStatus.DONE and (self.report.landed or not self.report.pull_request)

    @property
    def to_watch(self) -> tuple[int, ...]:
        """List the issue and the pull request whose closing matters, and that nobody watches yet."""
        if self.closed or self.report.landed:
            return ()
        numbers = (self.unit.number, self.report.pull_request if self.status is UnitStatus.DONE else 0)
        return tuple(number for number in numbers if number and number not in self.watched)


@dataclass(slots=True)
class WorkstreamMemory:
    """An orchestrator's state; only the orchestrator changes it, and it travels to the next history as it is."""

    units: list[UnitMemory]
    concurrency: int
    started: str = ""
    paused: bool = False
    interrupted: bool = False
    """Pausing stops the running agents, too."""
    cancelled: str = ""
    hold_until: float = 0.0
    """Until then (seconds since the epoch) somebody may ask for a retry; 0 while there is work."""

    @classmethod
    def of(cls, plan: WorkstreamPlan) -> "WorkstreamMemory":
        """Begin a plan."""
        memory = cls([UnitMemory(unit, UnitReport(unit.slug)) for unit in plan.units], plan.concurrency)
        for unit in memory.units:
            if plan.only and unit.unit.slug not in plan.only:
                unit.give_up(UnitStatus.DONE, LEFT)
        return memory

    @property
    def is_over(self) -> bool:
        """Whether nothing runs and nothing is left to run."""
        return not any(unit.status in {UnitStatus.WAITING, UnitStatus.RUNNING} for unit in self.units)

    @property
    def running(self) -> list[UnitMemory]:
        """Units with an attempt on the way."""
        return [unit for unit in self.units if unit.status is UnitStatus.RUNNING]

    @property
    def lost(self) -> list[UnitMemory]:
        """Units that a retry would run."""
        return self._with(*RETRIED)

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
        landed = [unit.unit.slug for unit in self.units if unit.has_landed]
        ready = [unit for unit in self._with(UnitStatus.WAITING) if is_ready(unit.unit, done, landed)]
        return ready[: max(self.concurrency - len(self.running), 0)]

    def untold(self) -> list[tuple[UnitMemory, Order]]:
        """List the running units that do not know what they are meant to do, and that."""
        orders = [(unit, self._order_for(unit)) for unit in self.running]
        return [(unit, order) for unit, order in orders if unit.child and unit.told != order]

    def retry(self, only: Collection[str] = ()) -> int:
        """Let failed units wait again, or just those named, and with them what was skipped; return how many."""
        named = [unit for unit in self._with(UnitStatus.FAILED, UnitStatus.CANCELLED) if unit.unit.slug in only]
        again = [*named, *self._with(UnitStatus.SKIPPED)] if only else self.lost
        for unit in again:
            unit.wait_again()
        self.hold_until = 0.0
        return len(again)

    def flaw_of_retry(self, only: Collection[str]) -> str:
        """Say why these units cannot run again; empty when they can."""
        if self.cancelled:
            return "The plan was cancelled. Start it anew."
        ended = [unit.unit.slug for unit in self._with(UnitStatus.FAILED, UnitStatus.CANCELLED)]
        wrong = next((slug for slug in only if slug not in ended), "")
        return NOT_FAILED.format(slug=wrong, failed=", ".join(ended) or "none") if wrong else ""

    def close(self, closing: Closing) -> None:
        """Take in that somebody has closed a unit's issue, or its pull request."""
        for unit in self.units:
            if closing.number == unit.unit.number and closing.gone:
                unit.cancelled = GONE.format(number=closing.number)
            elif closing.number == unit.unit.number:
                self._close(unit)
            elif closing.number == unit.report.pull_request and unit.status is UnitStatus.DONE:
                self._end_proposal(unit, closing)

    def _close(self, unit: UnitMemory) -> None:
        """Take a closed issue for work that is done, by whomever."""
        unit.closed, unit.cancelled = True, CLOSED.format(number=unit.unit.number)
        if unit.status is not UnitStatus.RUNNING:
            unit.land()
            self._unblock()

    def _end_proposal(self, unit: UnitMemory, closing: Closing) -> None:
        unit.watched = tuple(number for number in unit.watched if number != closing.number)  # it may be reopened
        if closing.merged:
            unit.land()
        elif not unit.report.landed:
            unit.reject()

    def _unblock(self) -> None:
        """Let what was skipped wait again; what still waits in vain is skipped again."""
        for unit in self._with(UnitStatus.SKIPPED):
            unit.wait_again()

    def summary(self, now: datetime) -> WorkstreamSummary:
        """Show all units."""
        reports = tuple(unit.report for unit in self.units)
        seconds = (now - datetime.fromisoformat(self.started)).total_seconds() if self.started else 0.0
        counts, held = UnitCounts.of(reports), self._held_until(now)
        return WorkstreamSummary(reports, counts, seconds, self.concurrency, self.paused, held)

    def _held_until(self, now: datetime) -> str:
        held = self.is_over and self.lost and not self.cancelled and self.hold_until > now.timestamp()
        return datetime.fromtimestamp(self.hold_until, UTC).isoformat(timespec="seconds") if held else ""

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
        return Order(Course.PAUSE if self.paused else Course.GO_ON, interrupt=self.interrupted)


@dataclass(frozen=True, slots=True)
class WorkstreamInput:
    """A plan to start, or to go on with."""

    plan: WorkstreamPlan
    memory: WorkstreamMemory | None = None
