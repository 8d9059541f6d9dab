"""What work has cost, and how a repository's ledger is told of it."""

import hashlib
from dataclasses import dataclass, field

from workflows.model.work import Source


@dataclass(frozen=True, slots=True)
class Spent:
    """What has been spent. Dollars count in millionths and seconds in thousandths, so that sums are exact."""

    iterations: int = 0
    seconds: float = 0.0
    tokens: int = 0
    usd: float = 0.0
    uncounted_runs: int = 0
    """Agent runs whose tokens are not, or not all, known."""
    unpriced_runs: int = 0
    """Agent runs whose cost is not, or not all, known."""
    assumed_runs: int = 0
    """Agent runs of models without a known price, counted at the highest."""

    def __add__(self, more: "Spent") -> "Spent":
        """Add up, in whatever order."""
        return Spent(
            iterations=self.iterations + more.iterations,
            seconds=round(self.seconds + more.seconds, 3),
            tokens=self.tokens + more.tokens,
            usd=round(self.usd + more.usd, 6),
            uncounted_runs=self.uncounted_runs + more.uncounted_runs,
            unpriced_runs=self.unpriced_runs + more.unpriced_runs,
            assumed_runs=self.assumed_runs + more.assumed_runs,
        )


@dataclass(frozen=True, slots=True)
class Spending:
    """An entry for the ledger of the source's repository. One of nothing just asks for the totals."""

    id: str
    """The same for every attempt to record the same thing: it is counted once."""
    source: Source
    number: int
    """The issue or pull request; 0 for work that belongs to none."""
    day: str
    """ISO date in UTC."""
    spent: Spent = field(default_factory=Spent)

    @property
    def ledger_id(self) -> str:
        """Workflow id of the repository's ledger, on GitHub or local."""
        folder = hashlib.sha256(self.source.project_dir.encode()).hexdigest()[:16]
        return f"ledger:{self.source.repository_id or folder}"


@dataclass(frozen=True, slots=True)
class Totals:
    """What all runs together have spent."""

    issue: Spent = field(default_factory=Spent)
    day: Spent = field(default_factory=Spent)
