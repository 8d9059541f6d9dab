"""Jobs as people see them."""

from dataclasses import dataclass
from enum import StrEnum

from workflows.model import CheckpointReport, LoopResult, Progress
from workflows.model.workstreams import Unit, WorkstreamSummary
from workflows.search_attributes import Kind


class JobState(StrEnum):
    """How a job is; the first four are the words of the `job_status` query."""

    RUNNING = "running"
    PAUSED = "paused"
    WAITING = "waiting"
    """For somebody, or for a provider; the job's reason says for what."""
    CANCELLING = "cancelling"
    FINISHED = "finished"
    NO_ANSWER = "no answer"
    """It is to run, but no worker says how it is."""


@dataclass(frozen=True, slots=True)
class Job:
    """One line of a list."""

    id: str
    kind: Kind
    state: JobState
    title: str = ""
    project: str = ""
    branch: str = ""
    """Where the result is or will be; the branches of workstreams begin with it."""
    started: str = ""
    seconds: float = 0.0
    """How long it took, or has taken so far."""
    ending: str = ""
    """How it ended, in a word; empty while it runs."""
    reason: str = ""
    """Why it ended so, or what it waits for."""


@dataclass(frozen=True, slots=True)
class JobStatus:
    """Everything there is to see of one job. While it runs, that is progress; afterwards, a result."""

    job: Job
    progress: Progress | None = None
    checkpoint: CheckpointReport | None = None
    result: LoopResult | None = None
    workstreams: WorkstreamSummary | None = None


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Which jobs to list, the newest first."""

    project: str = ""
    running: bool = False
    everything: bool = False
    """Also the loops that issues and workstreams have started."""
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Wishes:
    """What whoever starts a job wants otherwise than the repository's configuration has it."""

    providers: tuple[str, ...] = ()
    """Agents in order of preference, each as `name` or `name/model`."""
    max_iterations: int | None = None


@dataclass(frozen=True, slots=True)
class Workstreams:
    """Units of work on a local repository."""

    name: str
    project: str
    units: tuple[Unit, ...]
    concurrency: int = 3
    branch_prefix: str = "aidp/"
    hold_seconds: float = 0
    """How long it stays after its last unit, so that failed ones can be retried."""
