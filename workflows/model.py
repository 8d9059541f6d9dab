"""The words all three rooms share: frozen dataclasses that travel in workflow histories.

Times are ISO 8601 strings in UTC and durations are seconds, because histories are JSON. New fields get defaults, so
that a history written by an older release still reads.
"""

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum


@dataclass(frozen=True, slots=True)
class Item:
    """An issue or pull request, addressed by numbers that survive renames and transfers of its repository."""

    installation_id: int
    repository_id: int
    number: int

    @property
    def mailbox_id(self) -> str:
        """Workflow id of the item's mailbox."""
        return f"item:{self.repository_id}#{self.number}"


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever did something on GitHub. Only `id` is identity; a login can be taken over."""

    id: int
    login: str


class EventKind(StrEnum):
    """What a webhook can mean to us."""

    LABELED = "labeled"
    UNLABELED = "unlabeled"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook, reduced to a hint: what may have happened to which item. GitHub is asked before anything is done."""

    id: str
    """`X-GitHub-Delivery`: a redelivery has the same one."""
    kind: EventKind
    item: Item
    sender: Actor
    label: str = ""


class Permission(IntEnum):
    """What GitHub lets a person do in a repository, weakest first."""

    NONE = 0
    READ = 1
    TRIAGE = 2
    WRITE = 3
    MAINTAIN = 4
    ADMIN = 5


@dataclass(frozen=True, slots=True)
class Authority:
    """The question: what may this actor do in this item's repository, now?"""

    item: Item
    actor: Actor


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue or pull request as GitHub has it now. The body stays out of histories until it becomes a `Task`."""

    title: str
    body: str
    open: bool
    labels: tuple[str, ...]
    author: Actor
    url: str


# --- the repository's own configuration -------------------------------------------------------------------------------


class Category(StrEnum):
    """What a check is about; it decides which activity runs it and how its output is read."""

    TEST = "test"
    LINT = "lint"
    FORMAT = "format"
    BUILD = "build"
    DOCS = "docs"
    OTHER = "other"


class Phase(StrEnum):
    """When a check runs."""

    EACH_UNIT = "each_unit"
    """After every agent run."""
    ON_COMPLETION = "on_completion"
    """Only in an iteration in which the agent claims to be done."""
    FULL_LOOP = "full_loop"
    """Once, when everything else passes."""


@dataclass(frozen=True, slots=True)
class CheckCommand:
    """One command of the repository that must succeed (or, if not `required`, is only reported)."""

    name: str
    command: str
    """A shell command line, run with `sh -c` in the root of the worktree."""
    category: Category = Category.OTHER
    phase: Phase = Phase.EACH_UNIT
    required: bool = True
    timeout_seconds: int = 600


@dataclass(frozen=True, slots=True)
class Labels:
    """Label names; a repository may rename them, but each must begin with the operator's label prefix."""

    build: str = "aidp-build"
    working: str = "aidp-working"
    needs_input: str = "aidp-needs-input"


@dataclass(frozen=True, slots=True)
class RepoConfig:
    """`.aidp/aidp.yml` of the default branch; every field has a working default."""

    commands: tuple[CheckCommand, ...] | None = None
    """`None`: nothing configured, detect them in the worktree."""
    providers: tuple[str, ...] = ()
    """Agent providers in order of preference; empty means the operator's order."""
    max_iterations: int = 50
    branch_prefix: str = "aidp/"
    labels: Labels = field(default_factory=Labels)


# --- the work ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Task:
    """What the agent is asked to do."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where the code comes from and goes back to: a GitHub repository, or a local one for jobs without GitHub."""

    installation_id: int = 0
    repository_id: int = 0
    project_dir: str = ""


@dataclass(frozen=True, slots=True)
class WorkspaceRequest:
    """Give me a worktree for this loop, on any host."""

    loop_id: str
    source: Source
    branch: str
    """The branch the work will be published on; if it exists at the source and is not merged, work continues on it."""
    task: Task


@dataclass(frozen=True, slots=True)
class Workspace:
    """A worktree on one host's disk, and how to reach that host."""

    loop_id: str
    source: Source
    host_queue: str
    """Task queue that only the host with this worktree polls."""
    directory: str
    """Holds `tree/` (the worktree), `prompts/` and `logs/`."""
    branch: str
    base_branch: str
    base_sha: str
    """The commit the work started from; the difference to it is the change."""
    start_sha: str
    """The commit this workspace started from: `base_sha`, the head of `branch`, or an earlier checkpoint."""


@dataclass(frozen=True, slots=True)
class ChangeStat:
    """Size of the change against the base."""

    files: int = 0
    additions: int = 0
    deletions: int = 0


@dataclass(frozen=True, slots=True)
class CheckpointRequest:
    """Commit everything in the worktree as this iteration's checkpoint and keep it where another host finds it."""

    workspace: Workspace
    iteration: int
    time: str
    """Commit time; given by the workflow, so that a repeated checkpoint has the same commit id."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of the work after an iteration."""

    sha: str
    tree: str
    """Hash of the content alone: equal trees mean that nothing changed."""
    change: ChangeStat = field(default_factory=ChangeStat)


@dataclass(frozen=True, slots=True)
class PublishRequest:
    """Put the checkpointed work on its branch as one commit."""

    workspace: Workspace
    message: str
    time: str


@dataclass(frozen=True, slots=True)
class Published:
    """The branch as pushed."""

    head_sha: str
    change: ChangeStat
    files: tuple[str, ...]
    """Changed paths, at most 100."""


@dataclass(frozen=True, slots=True)
class ChecksRequest:
    """Run these commands in the worktree, one after the other."""

    workspace: Workspace
    iteration: int
    commands: tuple[CheckCommand, ...]


@dataclass(frozen=True, slots=True)
class CheckResult:
    """How one check ended, reduced to what people and the next prompt need."""

    name: str
    category: Category
    passed: bool
    required: bool
    summary: str
    """One line: "2 failed, 14 passed", "timed out after 600 s"."""
    failures: tuple[str, ...] = ()
    """Names of failing tests or first error lines, at most 50, in a stable order."""
    log: str = ""
    """File with the bounded output, on the workspace's host."""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class PromptRequest:
    """Write the prompt of one iteration; the logs of `failed` are read on the host, not carried in histories."""

    workspace: Workspace
    iteration: int
    max_iterations: int
    failed: tuple[CheckResult, ...] = ()
    instructions: tuple["Instruction", ...] = ()
    remark: str = ""
    """Why the last iteration did not count, when no check failed ("you did not claim completion")."""
    checks: tuple[CheckCommand, ...] = ()


@dataclass(frozen=True, slots=True)
class AgentTask:
    """Run one agent over one prompt in the worktree."""

    workspace: Workspace
    iteration: int
    prompt: str
    """Path of the prompt file."""
    provider: str
    model: str = ""
    wall_seconds: int = 3600
    idle_seconds: int = 600
    """An agent that prints nothing for this long is taken for dead."""


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
    seconds: float = 0.0


class Failure(StrEnum):
    """Why something failed: the `type` of every `ApplicationError` our activities raise."""

    RATE_LIMITED = "RateLimited"
    QUOTA_EXHAUSTED = "QuotaExhausted"
    AUTH_EXPIRED = "AuthExpired"
    TRANSIENT = "Transient"
    TIMEOUT = "Timeout"
    PERMANENT = "Permanent"
    CONFIGURATION = "Configuration"
    SECURITY_VIOLATION = "SecurityViolation"
    HOST_STOPPED = "HostStopped"
    """The worker was told to stop in the middle of the step; another one repeats it."""


@dataclass(frozen=True, slots=True)
class FailureDetail:
    """What an agent's failure carries beside its type and its message."""

    provider: str
    retry_after_seconds: float | None = None
    """How long the provider asked to be left alone."""


# --- how it goes, and how it ends -------------------------------------------------------------------------------------


class LoopState(StrEnum):
    """The work loop's states; there is no way back, only forward: a failed test is fixed, not undone."""

    READY = "ready"
    APPLY_PATCH = "apply_patch"
    TEST = "test"
    DIAGNOSE = "diagnose"
    NEXT_PATCH = "next_patch"
    DONE = "done"


class Ending(StrEnum):
    """How work can end."""

    DONE = "done"
    NOTHING_TO_DO = "nothing_to_do"
    GAVE_UP = "gave_up"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Outcome:
    """An ending with its reason, in words for the person who asked."""

    ending: Ending
    reason: str
    advice: str = ""
    """What that person can do next."""


@dataclass(frozen=True, slots=True)
class LoopSpec:
    """Everything a work loop needs to know."""

    id: str
    source: Source
    branch: str
    task: Task
    commit_message: str
    config: RepoConfig = field(default_factory=RepoConfig)
    report_to: str = ""
    """Id of the workflow that wants `Progress` signals; empty for nobody."""


class Priority(IntEnum):
    """How soon an instruction matters; the most urgent comes first."""

    CRITICAL = 0
    HIGH = 1
    NORMAL = 2
    LOW = 3


@dataclass(frozen=True, slots=True)
class Instruction:
    """Something a person wants the agent to heed from the next iteration on."""

    text: str
    priority: Priority = Priority.NORMAL
    author: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a loop is; sent to whoever asked for it, and the answer to the `status` query."""

    state: LoopState
    iteration: int
    max_iterations: int
    started: str
    note: str = ""
    """What happens now or next, in one sentence."""
    provider: str = ""
    branch: str = ""
    checks: tuple[CheckResult, ...] = ()
    detected: tuple[CheckCommand, ...] = ()
    """Check commands that were found rather than configured."""
    change: ChangeStat = field(default_factory=ChangeStat)
    paused: bool = False
    instructions: tuple[Instruction, ...] = ()
    """Not yet given to the agent."""


@dataclass(frozen=True, slots=True)
class LoopResult:
    """What a loop leaves behind."""

    outcome: Outcome
    iterations: int
    branch: str
    base_branch: str = ""
    published: Published | None = None
    checks: tuple[CheckResult, ...] = ()
    message: str = ""
    """The agent's own summary."""
    seconds: float = 0.0


# --- what is written to GitHub ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LabelChange:
    """Add these labels, take those off; both are no-ops where it is already so."""

    item: Item
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StatusReport:
    """What the one status comment of an item shows."""

    item: Item
    comment_id: int = 0
    """The comment, once known; 0 makes the hand look for it."""
    headline: str = ""
    now: str = ""
    """Time of the report; elapsed is counted from `progress.started` to here."""
    progress: Progress | None = None
    outcome: Outcome | None = None
    pull_request: "PullRequest | None" = None


@dataclass(frozen=True, slots=True)
class Note:
    """A comment that is written once: `key` is its hidden identity on the item."""

    item: Item
    key: str
    text: str


@dataclass(frozen=True, slots=True)
class PullRequestDraft:
    """A pull request to open, or to find if it is open already."""

    item: Item
    branch: str
    base: str
    title: str
    result: LoopResult
    requester: Actor


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request as GitHub has it."""

    number: int
    url: str
    head_sha: str
