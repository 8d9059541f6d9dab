"""A run of an agent: what it is asked, what it says and uses, and why it failed."""

from dataclasses import dataclass, field
from enum import StrEnum

from workflows.model.work import Workspace
from workflows.patience import AGENT_RUN, AGENT_SILENCE


@dataclass(frozen=True, slots=True)
class AgentTask:
    """Run one agent over one prompt in the worktree."""

    workspace: Workspace
    iteration: int
    prompt: str
    """Path of the prompt file."""
    provider: str
    model: str = ""
    wall_seconds: int = int(AGENT_RUN.time.total_seconds())
    idle_seconds: int = int(AGENT_SILENCE.time.total_seconds())
    """An agent that prints nothing for this long is taken for dead."""
    read_only: bool = False
    """The agent is to look and to answer; whatever it changes is thrown away."""


class Claim(StrEnum):
    """What the agent says of its own work, in the `STATUS:` line that ends its answer."""

    COMPLETE = "complete"
    CONTINUE = "continue"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Usage:
    """What an agent run used; `None` where the agent does not say."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: float | None = None


@dataclass(frozen=True, slots=True)
class AgentResult:
    """A run of an agent that ended well. One that did not is an error with a `Failure` as its type."""

    provider: str
    claim: Claim
    message: str
    """The end of what the agent said, at most 2,000 characters."""
    usage: Usage = field(default_factory=Usage)
    model: str = ""
    """As the agent told it, else as it was chosen for it; likewise in a `FailureDetail`."""
    seconds: float = 0.0
    answer: str = ""
    """File with all of what it said in the end, on the workspace's host."""


def agent_name(entry: str, model: str) -> str:
    """Name an agent as the configuration does, `name/model`, with the model that it says it has used."""
    return f"{entry.partition('/')[0]}/{model}" if model else entry


class Failure(StrEnum):
    """Why something failed: the `type` of every `ApplicationError` our activities raise."""

    RATE_LIMITED = "RateLimited"
    QUOTA_EXHAUSTED = "QuotaExhausted"
    AUTH_EXPIRED = "AuthExpired"
    TRANSIENT = "Transient"
    TIMEOUT = "Timeout"
    PERMANENT = "Permanent"
    CONFLICT = "Conflict"
    """What somebody else pushed meanwhile and our change do not fit together."""
    CONFIGURATION = "Configuration"
    SECURITY_VIOLATION = "SecurityViolation"
    HOST_STOPPED = "HostStopped"
    """The worker was told to stop in the middle of the step; another one repeats it."""
    NOT_BEGUN = "NotBegun"
    """The run was stopped while it waited for its turn: no agent has worked."""


@dataclass(frozen=True, slots=True)
class AgentWait:
    """What the heartbeats of a run carry while it waits for its turn."""

    seconds: float
    """How long it has waited since it was asked for."""


@dataclass(frozen=True, slots=True)
class FailureDetail:
    """What an agent's failure carries beside its type and its message."""

    provider: str
    retry_after_seconds: float | None = None
    """How long the provider asked to be left alone."""
    seconds: float = 0.0
    """How long the agent ran; 0 when it was never started."""
    usage: Usage = field(default_factory=Usage)
    """What it used all the same."""
    model: str = ""
