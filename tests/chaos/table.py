"""What came of it: one line per part, and what repeats a failure."""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

HEAD = "| part | cases | lost | doubled | worst recovery |\n|---|--:|--:|--:|--:|\n"


@dataclass(slots=True)
class Case:
    """One thing that went wrong on purpose, and what came of it."""

    part: str
    name: str
    seed: int
    lost: str = ""
    """Lines that differ from the clean run; empty if none."""
    doubled: list[str] = field(default_factory=list[str])
    only: str = ""
    """What chooses this case among all of the part."""
    evidence: str = ""
    """The folder of its histories, if it failed."""
    seconds: float = 0.0
    """From the trouble to the right end."""

    @property
    def failed(self) -> bool:
        """Whether anything was lost or done twice."""
        return bool(self.lost or self.doubled)

    @property
    def again(self) -> str:
        """The command that repeats it."""
        only = f" CHAOS_ONLY='{self.only}'" if self.only else ""
        return f"make chaos CHAOS_PART={self.part} CHAOS_SEEDS={self.seed}{only}"

    @property
    def line(self) -> str:
        """Tell in one line how it went, as soon as that is known."""
        return f"{self.part}: {self.name}: {'FAILED' if self.failed else 'right'} after {self.seconds:.1f} s"

    def __str__(self) -> str:
        """Tell what failed."""
        told = [f"{self.part}: {self.name} (seed {self.seed})", *(["lost:", self.lost] if self.lost else [])]
        return "\n".join(
            [
                *told,
                *(["doubled:", *self.doubled] if self.doubled else []),
                f"histories: {self.evidence}",
                f"repeat: {self.again}",
            ]
        )


def table(cases: Sequence[Case]) -> str:
    """Write the table."""
    parts = {case.part: None for case in cases}
    return HEAD + "".join(_line(part, [case for case in cases if case.part == part]) for part in parts)


def report(cases: Sequence[Case], seeds: Iterable[int], minutes: float) -> str:
    """Write the page that the README points to."""
    listed = ",".join(map(str, seeds))
    return (
        "# Chaos\n\n"
        f"`make chaos CHAOS_SEEDS={listed}` on {datetime.now(UTC):%Y-%m-%d}, in {minutes:.0f} minutes on two cores.\n\n"
        f"{table(cases)}\n"
        "Lost: the final state on GitHub is not that of the same story without trouble. Doubled: a comment of one\n"
        "marker, a pull request of one branch, a commit of one run or a check run of one id is there twice.\n"
    )


def say(text: str) -> None:
    """Tell whoever watches."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _line(part: str, cases: Sequence[Case]) -> str:
    lost, twice = sum(bool(case.lost) for case in cases), sum(bool(case.doubled) for case in cases)
    worst = max(case.seconds for case in cases)
    return f"| {part} | {len(cases)} | {lost} | {twice} | {worst:.1f} s |\n"
