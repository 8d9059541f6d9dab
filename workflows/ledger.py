"""The ledger of a repository: what all its runs have spent, per issue and per day, every spending counted once.

It is one workflow for all of them, so that parallel runs share a budget. What is old is forgotten, and a ledger in
which everything is old ends; the next spending opens a new one.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from temporalio import workflow

from workflows.model import Spending, Spent, Totals
from workflows.seen import Seen

REMEMBERED_SPENDINGS = 2000
"""More than a repository's runs can have under way, however long their retries take."""
ISSUE_KEPT = timedelta(days=90)
MAX_ISSUES = 4000
"""Keeps a history's input far below the 2 MB that Temporal takes."""
DAY_KEPT = timedelta(days=7)
"""A day still gets entries from runs that were held up."""
UPDATES_PER_HISTORY = 1000
"""Half of what Temporal allows."""


@dataclass(frozen=True, slots=True)
class IssueEntry:
    """What an issue has cost, and when it last did."""

    spent: Spent
    day: str


@dataclass(frozen=True, slots=True)
class LedgerState:
    """A ledger as it is handed to its next history; the first one is empty."""

    seen: tuple[str, ...] = ()
    issues: dict[int, IssueEntry] | None = None
    days: dict[str, Spent] | None = None
    updates_per_history: int = UPDATES_PER_HISTORY


@workflow.defn
class LedgerWorkflow:
    """One ledger per repository."""

    @workflow.init
    def __init__(self, state: LedgerState) -> None:
        self._seen = Seen(state.seen, REMEMBERED_SPENDINGS)
        self._issues = dict(state.issues or {})
        self._days = dict(state.days or {})
        self._updates = 0
        self._updates_per_history = state.updates_per_history

    @workflow.run
    async def run(self, state: LedgerState) -> None:
        """Keep the ledger, in as many histories as it takes, until nothing in it matters any more."""
        del state  # `__init__` has it
        try:
            await workflow.wait_condition(self._is_full, timeout=ISSUE_KEPT)
        except TimeoutError:
            workflow.logger.info("nothing may have been spent for long")
        await workflow.wait_condition(workflow.all_handlers_finished)
        self._forget(workflow.now().date())
        if self._issues or self._days:
            workflow.continue_as_new(self._state())

    @workflow.update
    def spend(self, spending: Spending) -> Totals:
        """Count a spending, unless it was counted before, and answer with the totals."""
        self._updates += 1
        if self._seen.is_new(spending.id):
            self._count(spending)
        return self.totals(spending.number, spending.day)

    @workflow.query
    def totals(self, number: int, day: str) -> Totals:
        """Show what an issue and a day have cost."""
        entry = self._issues.get(number)
        return Totals(entry.spent if entry else Spent(), self._days.get(day, Spent()))

    def _count(self, spending: Spending) -> None:
        """Add to both totals; asking for them with a spending of nothing leaves no trace but its id."""
        if spending.spent == Spent():
            return
        if spending.number:
            before = self._issues.pop(spending.number, IssueEntry(Spent(), spending.day))
            self._issues[spending.number] = IssueEntry(before.spent + spending.spent, max(before.day, spending.day))
        self._days[spending.day] = self._days.get(spending.day, Spent()) + spending.spent

    def _is_full(self) -> bool:
        return self._updates >= self._updates_per_history or workflow.info().is_continue_as_new_suggested()

    def _forget(self, today: date) -> None:
        """Drop what is old, and of the rest what was touched longest ago if it is too much."""
        oldest_issue, oldest_day = (today - ISSUE_KEPT).isoformat(), (today - DAY_KEPT).isoformat()
        kept = [(number, entry) for number, entry in self._issues.items() if entry.day > oldest_issue]
        self._issues = dict(kept[-MAX_ISSUES:])
        self._days = {day: spent for day, spent in self._days.items() if day > oldest_day}

    def _state(self) -> LedgerState:
        return LedgerState(self._seen.names, self._issues, self._days, self._updates_per_history)
