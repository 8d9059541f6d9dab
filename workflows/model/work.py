"""One iteration in its parts: workspace, prompt, checks, checkpoint; the agent has a file of its own."""

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from workflows.model.configuration import Category, CheckCommand


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


class Basis(StrEnum):
    """What the work is compared with, and how it is put on its branch."""

    BUILD = "build"
    """The change is everything since the start branch; it is published on top of what the branch has."""
    AMEND = "amend"
    """The change is what is added to the branch's head: somebody else's commits are not judged again."""
    MERGE = "merge"
    """Begin with the start branch merged in, conflict markers and all; published as a merge commit."""
    REBASE = "rebase"
    """Begin with the branch's commits on top of the start branch, conflict markers and all; replaces the branch."""
    READ = "read"
    """Only look: nothing is ever published."""


@dataclass(frozen=True, slots=True)
class WorkspaceRequest:
    """Give me a worktree for this loop, on any host."""

    loop_id: str
    source: Source
    branch: str
    """The branch the work will be published on; if it exists at the source and is not merged, work continues on it."""
    task: Task
    start_branch: str = ""
    """Where work begins while `branch` does not exist yet, and what it is compared to; empty for the default branch."""
    start_branches: tuple[str, ...] = ()
    """Several branches to begin on instead, merged; conflicts are left to the agent."""
    start_sha: str = ""
    """The very commit of the start branch to begin at; empty for its head."""
    pull: int = 0
    """Begin at the head of this pull request, also one from a fork."""
    basis: Basis = Basis.BUILD


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
    basis: Basis = Basis.BUILD
    conflicts: tuple[str, ...] = ()
    """Paths that git could not merge by itself, for the agent to resolve; at most 200."""
    checkpoint_sha: str = ""
    """The last checkpoint that was made in it; empty until there is one."""

    @property
    def head(self) -> str:
        """The commit the work stands at, as the loop knows it: what agents can reach does not tell."""
        return self.checkpoint_sha or self.start_sha


@dataclass(frozen=True, slots=True)
class ChangeStat:
    """Size of the change against the base."""

    files: int = 0
    additions: int = 0
    deletions: int = 0


class FileKind(StrEnum):
    """What git keeps under a path."""

    FILE = "file"
    SYMLINK = "symlink"
    SUBMODULE = "submodule"


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """One path of the staged difference to the base."""

    path: str
    additions: int = 0
    deletions: int = 0
    kind: FileKind = FileKind.FILE
    bytes: int = 0
    """Size after the change; 0 when it was deleted."""
    deleted: bool = False
    secrets: tuple[str, ...] = ()
    """What the added lines seem to give away: the kind of secret and the line, never its text."""
    escapes: bool = False
    """A symlink that points out of the repository."""
    weakened: tuple[str, ...] = ()
    """Tests that are gone or skipped by this change: their names or the telling lines, at most 20."""
    unresolved: bool = False
    """Conflict markers are left in it."""


@dataclass(frozen=True, slots=True)
class StagedChange:
    """What would be committed, as far as the guards look at it."""

    tree: str
    """Hash of the staged content; only this very content may be committed afterwards."""
    files: tuple[ChangedFile, ...] = ()
    """At most 2,000; more than that is a violation of its own."""
    total_files: int = 0


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Take these paths back to what they were at the base."""

    workspace: "Workspace"
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CheckpointRequest:
    """Commit everything in the worktree as this iteration's checkpoint and keep it where another host finds it."""

    workspace: Workspace
    iteration: int
    time: str
    """Commit time; given by the workflow, so that a repeated checkpoint has the same commit id."""
    tree: str = ""
    """The content that the guards have seen; anything else in the worktree by now is refused. Empty: no matter what."""


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
    basis: Basis = Basis.BUILD
    """How it was put there; a branch with other people's commits is merged where a rebase was asked for."""


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
