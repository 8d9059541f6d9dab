"""What came of it: one line per part, and what repeats a failure."""

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

HEAD = """\
| part | cases | lost | doubled | worst recovery | seeds | minutes | on |
|---|--:|--:|--:|--:|---|--:|---|
"""
BEGIN, END = "<!-- what make chaos found -->", "<!-- until here -->"
"""Around the table on the front page."""
NO_CHANCE = "none"
"""Written for a part in which nothing is left to chance."""
PAGE = """\
# Chaos

What the last run of each part of `make chaos` found. It took so many minutes on two cores.

{table}
Lost: the final state on GitHub is not that of the same story without trouble. Doubled: a comment of one marker, a pull
request of one branch, a commit of one run or a check run of one id is there twice. What the parts do:

* `storm`: webhooks are lost, repeated and shuffled, a few more with each story.
* `crash`: SIGKILL for the door at every await, for the worker before, within and after every activity, for Temporal on
  its database; and for any of them at random while twelve stories run.
* `outage`: the door is away for a while, up to almost three days.
* `recovery`: whoever looks for what was lost is killed while it looks: for a label, a push, a red check, a label that
  was left behind, or a repository that was taken away and comes back.
* `github`: every kind of trouble at every call of the story: refusals, limits, time-outs, lost answers, stale reads.
* `upgrade`: all workers are replaced while fifty loops run.

`make chaos CHAOS_PART=storm CHAOS_SEEDS=1,2` runs a part of it, and what fails names the command that repeats it.
"""


@dataclass(slots=True)
class Case:
    """One thing that went wrong on purpose, and what came of it."""

    part: str
    name: str
    seed: int
    lost: str = ""
    """Lines that differ from the clean run; empty if none."""
    doubled: list[str] = field(default_factory=list[str])
    void: str = ""
    """Why it proves nothing, if what was to go wrong did not."""
    only: str = ""
    """What chooses this case among all of the part."""
    evidence: str = ""
    """The folder of its histories, if it failed."""
    seconds: float = 0.0
    """From the trouble to the right end."""

    @property
    def failed(self) -> bool:
        """Whether anything was lost or done twice, or nothing was proven."""
        return bool(self.lost or self.doubled or self.void)

    @property
    def again(self) -> str:
        """The command that repeats it."""
        only = f" CHAOS_ONLY='{self.only}'" if self.only else ""
        return f"make chaos CHAOS_PART={self.part} CHAOS_SEEDS={self.seed}{only}"

    @property
    def line(self) -> str:
        """Tell in one line how it went, as soon as that is known, and below it what is wrong."""
        verdict = "FAILED" if self.failed else "right"
        told = f"{self.part}: {self.name}: {verdict} after {self.seconds:.1f} s"
        return "\n".join([told, *([self.lost] if self.lost else []), *self.doubled])

    def __str__(self) -> str:
        """Tell what failed."""
        told = [f"{self.part}: {self.name} (seed {self.seed})", *(["lost:", self.lost] if self.lost else [])]
        return "\n".join(
            [
                *told,
                *(["doubled:", *self.doubled] if self.doubled else []),
                *([self.void] if self.void else []),
                f"histories: {self.evidence}",
                f"repeat: {self.again}",
            ]
        )


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a whole part."""

    part: str
    cases: int
    lost: int
    doubled: int
    worst: float
    """Seconds of the slowest recovery."""
    seeds: str
    """Those that its cases were drawn by."""
    minutes: float
    """How long all of it took."""
    day: str

    def __str__(self) -> str:
        """Write a line of the table."""
        figures = (self.cases, self.lost, self.doubled, f"{self.worst:.1f} s", self.seeds, f"{self.minutes:.0f}")
        return f"| {self.part} | {' | '.join(map(str, figures))} | {self.day} |\n"


def result(part: str, cases: Sequence[Case], minutes: float) -> Result:
    """Count."""
    seeds = sorted({case.seed for case in cases if case.seed})
    return Result(
        part,
        cases=len(cases),
        lost=sum(bool(case.lost or case.void) for case in cases),  # what proves nothing does not pass either
        doubled=sum(bool(case.doubled) for case in cases),
        worst=max((case.seconds for case in cases), default=0.0),
        seeds=",".join(map(str, seeds)) or NO_CHANCE,
        minutes=minutes,
        day=f"{datetime.now(UTC):%Y-%m-%d}",
    )


def table(results: Iterable[Result]) -> str:
    """Write the table."""
    return HEAD + "".join(map(str, results))


def keep(folder: Path, found: Result, parts: Iterable[str], front: Path) -> None:
    """Put a part's newest result beside those of the others, on a page of their own and on the front page."""
    folder.mkdir(exist_ok=True)
    figures = folder / "chaos.json"
    kept = {it["part"]: Result(**it) for it in json.loads(figures.read_text())} if figures.exists() else {}
    kept[found.part] = found
    results = [kept[part] for part in parts if part in kept]
    figures.write_text(json.dumps([asdict(it) for it in results], indent=1) + "\n")
    (folder / "README.md").write_text(PAGE.format(table=table(results)))
    before, _, rest = front.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    front.write_text(f"{before}{BEGIN}\n{table(results)}{END}{after}")


def say(text: str) -> None:
    """Tell whoever watches."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
