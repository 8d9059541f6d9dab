"""How the work goes, how it ends, and what of it is shown on GitHub."""

from dataclasses import dataclass, field
from enum import StrEnum

from workflows.model.agents import agent_name
from workflows.model.configuration import CheckCommand, RepoConfig
from workflows.model.items import Actor, Item, PullRequest
from workflows.model.spending import Spent
from workflows.model.work import Basis, ChangeStat, CheckResult, Instruction, Published, Source, Task


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
    number: int = 0
    """The issue or pull request the work is for; 0 for none."""
    config: RepoConfig = field(default_factory=RepoConfig)
    start_branch: str = ""
    """The branch to build on; empty for the default one."""
    start_branches: tuple[str, ...] = ()
    """Several branches to build on instead, merged."""
    read_config: bool = False
    """Read the repository's configuration at the start instead of taking `config` as it is."""
    report_to: str = ""
    """Id of the workflow that wants `Progress` signals; empty for nobody."""
    quiet: bool = False
    """Tell that workflow only what holds the work up, and that it goes on."""
    providers: tuple[str, ...] = ()
    """Agents for this work, over the configuration's; empty leaves them."""
    max_iterations: int | None = None
    """Likewise."""
    basis: Basis = Basis.BUILD
    start_sha: str = ""
    """The very commit to begin at; empty for the head of the start branch."""
    verify: bool = False
    """Have an agent compare the finished work with what was asked for."""
    keep_tests: bool = False
    """Refuse to delete or skip tests, whatever the guards say."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """Something that happened, and why."""

    time: str
    text: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """What holds work up."""

    reason: str
    """What it waits for, and who can end that with which command; without a full stop."""
    for_people: bool
    """Whether nothing happens until somebody acts; else it ends by itself."""


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
    awaiting: tuple[str, ...] = ()
    """Changed paths that wait for somebody's approval."""
    spent: Spent = field(default_factory=Spent)
    budget: str = ""
    """How far the tightest limit is used, in words; empty without limits."""
    log: tuple[LogLine, ...] = ()
    """What has happened, oldest first: the last 30 things."""
    loop: str = ""
    """Tells this loop from others of the same work."""
    waiting: Waiting | None = None
    """What holds it up now."""
    held: str = ""
    """The same in words, also of a pause; empty while it goes on."""
    status: str = ""
    """How it is, in the word of the `job_status` query."""
    model: str = ""
    """The one that the agent says it has used; empty until a run has ended."""

    @property
    def agent(self) -> str:
        """Who works, with which model."""
        return agent_name(self.provider, self.model)


@dataclass(frozen=True, slots=True)
class CheckpointReport:
    """What the `checkpoint` query tells."""

    sha: str
    """The last commit that another host could go on from."""
    iteration: int
    change: ChangeStat
    failing: tuple[int, ...] = ()
    """Failing tests or checks after each of the last iterations, oldest first."""
    trend: str = ""
    """improving, worsening, unchanged, or empty with less than two iterations."""


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
    provider: str = ""
    """The agent that worked last."""
    spent: Spent = field(default_factory=Spent)
    seconds: float = 0.0
    unmet: tuple[str, ...] = ()
    """What was asked for and is not done, as far as an agent that compared the two can tell."""
    model: str = ""
    """The one that this agent says it has used."""

    @property
    def agent(self) -> str:
        """Who worked last, with which model."""
        return agent_name(self.provider, self.model)


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the checklist that leads to the end of the work."""

    text: str
    done: bool = False


@dataclass(frozen=True, slots=True)
class StatusReport:
    """What the one status comment of an item shows."""

    item: Item
    comment_id: int = 0
    """The comment, once known; 0 makes the hand look for it."""
    started: str = ""
    """When the work began; whatever it is made of, elapsed is counted from here."""
    now: str = ""
    """Time of the report."""
    spent: Spent = field(default_factory=Spent)
    """By all agents that have worked for it."""
    progress: Progress | None = None
    outcome: Outcome | None = None
    pull_request: "PullRequest | None" = None
    work: str = ""
    """What is done, by the verb that asks for it."""
    measure: str = ""
    """How far it is, in words, where that is not counted in a loop's iterations."""
    steps: tuple[Step, ...] = ()
    """The checklist; empty shows the work loop's own."""
    waiting: str = ""
    """What it waits for and who can end that; empty while it works."""
    for_people: bool = False
    """Whether nothing happens until somebody acts; else what is waited for comes by itself."""
    check_id: int = 0
    """Our newest check run; 0 when there is none."""
    branch: str = ""
    """The work's branch, once people can look at it."""


@dataclass(frozen=True, slots=True)
class PullRequestDraft:
    """A pull request to open, or to find if it is open already."""

    item: Item
    branch: str
    base: str
    title: str
    result: LoopResult
    requester: Actor
    ready: bool = False
    """Whether it is opened for review at once, and not as a draft."""
