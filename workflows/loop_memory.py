"""What a work loop knows, from its first step through every continue-as-new to its ending."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from workflows.failover import Lineup
from workflows.judgement import Round, Streak
from workflows.model import (
    ChangeStat,
    CheckCommand,
    Checkpoint,
    CheckResult,
    Instruction,
    LoopSpec,
    LoopState,
    Progress,
    Workspace,
)


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
    """How often the work has lost its host."""
    commands: tuple[CheckCommand, ...] = ()
    lineup: Lineup = field(default_factory=Lineup)
    provider: str = ""
    streak: Streak = field(default_factory=Streak)
    checks: tuple[CheckResult, ...] = ()
    checkpoint: Checkpoint | None = None
    remark: str = ""
    message: str = ""
    paused: bool = False
    instructions: tuple[Instruction, ...] = ()
    told: tuple[Instruction, ...] = ()
    """Instructions in the running iteration's prompt; they count as delivered when it has finished."""

    @property
    def change(self) -> ChangeStat:
        """Size of the work so far."""
        return self.checkpoint.change if self.checkpoint else ChangeStat()

    @property
    def pending(self) -> tuple[Instruction, ...]:
        """Instructions the agent has not been told, the most urgent first, then in order of arrival."""
        return tuple(sorted(self.instructions, key=lambda instruction: instruction.priority))

    def conclude(self, this: Round) -> None:
        """Close an iteration."""
        self.iteration += 1
        self.checks = this.checks
        self.checkpoint = this.checkpoint
        self.streak = self.streak.then(this)
        self.instructions = tuple(new for new in self.instructions if new not in self.told)
        self.told = ()

    def progress(self, spec: LoopSpec) -> Progress:
        """Show where the loop is."""
        return Progress(
            state=self.state,
            iteration=min(self.iteration + 1, spec.config.max_iterations),
            max_iterations=spec.config.max_iterations,
            started=self.started,
            note=self.note,
            provider=self.provider,
            branch=spec.branch,
            checks=self.checks,
            detected=self.commands if spec.config.commands is None else (),
            change=self.change,
            paused=self.paused,
            instructions=self.pending,
        )


@dataclass(frozen=True, slots=True)
class LoopInput:
    """A loop to start, or to go on with."""

    spec: LoopSpec
    memory: LoopMemory = field(default_factory=LoopMemory)


def clock(epoch: float) -> str:
    """Show a time (seconds since the epoch) to people."""
    return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%d %H:%M UTC")
