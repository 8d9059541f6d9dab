"""What a work loop knows, from its first step through every continue-as-new to its ending."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import accumulate

from temporalio import workflow

from workflows.budget import Standing, tightest
from workflows.failover import Lineup
from workflows.guard_rules import GuardRules
from workflows.judgement import Round, Streak
from workflows.model import (
    ChangeStat,
    CheckCommand,
    Checkpoint,
    CheckpointReport,
    CheckResult,
    Guards,
    Instruction,
    Limits,
    LogLine,
    LoopSpec,
    LoopState,
    Progress,
    RepoConfig,
    Spending,
    Spent,
    Totals,
    Waiting,
    Workspace,
)
from workflows.tightening import tighten

PROMPT_BYTES = 12_000
"""Room for instructions in one prompt; what does not fit waits for the next."""
INSTRUCTION_BYTES = 4_000
"""A longer instruction is refused."""
FRAME_BYTES = 300
"""Taken by what surrounds an instruction."""
TREND = 10
"""How many iterations back the `checkpoint` query shows failing checks."""
LOG_LINES = 30
LOG_CHARACTERS = 300
"""Of a line: the log travels with every progress."""
UNTOLD = "No agent has heard of this any more: {}"


@dataclass(slots=True)
class LoopMemory:
    """A loop's state; only the loop changes it, and it travels to the next history as it is."""

    started: str = ""
    state: LoopState = LoopState.READY
    note: str = ""
    iteration: int = 0
    """Finished ones."""
    workspace: Workspace | None = None
    moves: int = 0
    """How often the running iteration has lost its host."""
    config: RepoConfig = field(default_factory=RepoConfig)
    reload: bool = False
    commands: tuple[CheckCommand, ...] = ()
    lineup: Lineup = field(default_factory=Lineup)
    provider: str = ""
    model: str = ""
    """The one that this provider says it has used."""
    streak: Streak = field(default_factory=Streak)
    checks: tuple[CheckResult, ...] = ()
    checkpoint: Checkpoint | None = None
    failing: tuple[int, ...] = ()
    """How many tests or checks failed after each of the last iterations."""
    remark: str = ""
    message: str = ""
    paused: bool = False
    paused_until: float | None = None
    """The pause ends by itself then (seconds since the epoch)."""
    instructions: tuple[Instruction, ...] = ()
    told: tuple[Instruction, ...] = ()
    """Instructions in the running iteration's prompt; they count as delivered when it has finished."""
    guard_rules: GuardRules = field(default_factory=GuardRules)
    admitted_by: Guards | None = None
    """The guards that the work was held against last."""
    violations: int = 0
    """Iterations in a row in which the guards took something out."""
    awaiting: tuple[str, ...] = ()
    """Changed paths that wait for somebody's approval."""
    approved: tuple[str, ...] = ()
    waiting: Waiting | None = None
    """What holds the loop up now; a pause is something else."""
    told_held: str = ""
    """What holds the loop up, as far as its follower knows."""
    refused: bool = False
    """Somebody has refused what was awaiting approval."""
    spent: Spent = field(default_factory=Spent)
    unrecorded: Spent = field(default_factory=Spent)
    """The part of `spent` that the ledger does not know yet."""
    unsettled: Spending | None = None
    """An entry on its way to the ledger."""
    entries: int = 0
    """How many entries the ledger got from this loop."""
    totals: Totals = field(default_factory=Totals)
    asked: int = 0
    """Questions put to an agent that only reads."""
    unmet: tuple[str, ...] = ()
    """What was asked for and is not done, as the last verification saw it."""
    verifications: int = 0
    allowed: Limits = field(default_factory=Limits)
    """What people have added to the configured limits."""
    preferred: str = ""
    """The provider or model that a person wants first."""
    log: tuple[LogLine, ...] = ()
    """What has happened, and why."""
    cancelled: str = ""
    """Why somebody wants it to end now."""
    closing: bool = False
    """Its ending is settled: nobody can steer it any more."""

    def __post_init__(self) -> None:
        """Learn where the work stands from a history of a version that did not tell its workspace."""
        if self.workspace and self.checkpoint and not self.workspace.checkpoint_sha:
            self.workspace = replace(self.workspace, checkpoint_sha=self.checkpoint.sha)

    @property
    def guards(self) -> Guards:
        """Which changes are allowed now."""
        return self.guard_rules.now

    @property
    def tightened_since(self) -> bool:
        """Whether the guards are tighter now than when the work was held against them last."""
        return bool(self.admitted_by) and tighten(self.admitted_by, self.guards) != self.admitted_by

    @property
    def change(self) -> ChangeStat:
        """Size of the work so far."""
        return self.checkpoint.change if self.checkpoint else ChangeStat()

    @property
    def pending(self) -> tuple[Instruction, ...]:
        """Instructions the agent has not been told, the most urgent first, then in order of arrival."""
        return tuple(sorted(self.instructions, key=lambda instruction: instruction.priority))

    @property
    def unheard(self) -> tuple[Instruction, ...]:
        """Instructions that are in no prompt yet."""
        unheard = list(self.instructions)
        for told in self.told:
            unheard.remove(told)  # one for one: the same words said again are another instruction
        return tuple(unheard)

    @property
    def standing(self) -> Standing:
        """The limit that is used the most; a run that tells no cost uses up one part of as many as there may be."""
        config = self.config
        runs = config.max_iterations + config.pull_request.verify_rounds
        return tightest(config.budget, self.spent, self.totals, runs)

    @property
    def most_urgent(self) -> tuple[Instruction, ...]:
        """The pending instructions that the next prompt has room for."""
        pending = self.pending
        ends = accumulate(min(len(new.text.encode()), INSTRUCTION_BYTES) + FRAME_BYTES for new in pending)
        return tuple(new for new, end in zip(pending, ends, strict=True) if end <= PROMPT_BYTES)

    @property
    def pause(self) -> str:
        """Say that it is paused, and for how long."""
        return f"Paused until {clock(self.paused_until)}" if self.paused_until else "Paused"

    @property
    def held(self) -> str:
        """Say what holds it up; empty while it goes on."""
        if self.waiting:
            return self.waiting.reason
        return self.pause if self.paused else ""

    def happened(self, text: str) -> None:
        """Write down something that people may want to look up."""
        line = text if len(text) <= LOG_CHARACTERS else f"{text[:LOG_CHARACTERS]}…"
        self.log = (*self.log, LogLine(workflow.now().isoformat(timespec="seconds"), line))[-LOG_LINES:]

    def leave_unheard(self) -> None:
        """Write down which instructions have come too late for any prompt."""
        if self.unheard:
            self.happened(UNTOLD.format("; ".join(instruction.text for instruction in self.unheard)))

    def conclude(self, this: Round) -> None:
        """Close an iteration."""
        self.iteration += 1
        self.moves = 0
        self.checks = this.checks + this.final
        self.checkpoint = this.checkpoint
        self.streak = self.streak.then(this)
        self.failing = (*self.failing, sum(len(check.failures) or 1 for check in this.failed))[-TREND:]
        self.instructions, self.told = self.unheard, ()
        self.happened(f"Iteration {self.iteration} by {self.provider}: {_told_failing(self.failing)}")

    def progress(self, spec: LoopSpec) -> Progress:
        """Show where the loop is."""
        underway = self.state in {LoopState.APPLY_PATCH, LoopState.TEST}
        return Progress(
            state=self.state,
            iteration=self.iteration + underway,
            max_iterations=self.config.max_iterations,
            started=self.started,
            note=self.note,
            provider=self.provider,
            branch=spec.branch,
            checks=self.checks,
            detected=self.commands if self.config.commands is None else (),
            change=self.change,
            paused=self.paused,
            instructions=self.pending,
            awaiting=self.awaiting,
            spent=self.spent,
            budget=str(self.standing) if self.standing.limit else "",
            log=self.log,
            loop=spec.id,
            waiting=self.waiting,
            held=self.held,
            status=self.status,
            model=self.model,
        )

    def report(self) -> CheckpointReport:
        """Show the last checkpoint and whether it gets better."""
        sha = self.checkpoint.sha if self.checkpoint else ""
        return CheckpointReport(sha, self.iteration, self.change, self.failing, _trend(self.failing))

    @property
    def status(self) -> str:
        """Tell in a word how it is."""
        if self.state is LoopState.DONE:
            return "finished"
        if self.cancelled:
            return "cancelling"
        if self.waiting and self.waiting.for_people:
            return "waiting"
        return "paused" if self.paused else "running"


@dataclass(frozen=True, slots=True)
class LoopInput:
    """A loop to start, or to go on with."""

    spec: LoopSpec
    memory: LoopMemory = field(default_factory=LoopMemory)


def clock(epoch: float) -> str:
    """Show a time (seconds since the epoch) to people."""
    return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%d %H:%M UTC")


def seconds_since(started: str, now: datetime) -> float:
    """Count the seconds since an ISO time."""
    return (now - datetime.fromisoformat(started)).total_seconds() if started else 0.0


def _told_failing(failing: tuple[int, ...]) -> str:
    """Say how the checks ended: `2 failing, was 5`."""
    now = f"{failing[-1]} failing" if failing[-1] else "nothing fails"
    return f"{now}, was {failing[-2]}" if len(failing) > 1 else now


def _trend(failing: tuple[int, ...]) -> str:
    match failing:
        case (*_, before, now) if now < before:
            return "improving"
        case (*_, before, now) if now > before:
            return "worsening"
        case (*_, _, _):
            return "unchanged"
        case _:
            return ""
