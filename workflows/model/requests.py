"""What people ask for on GitHub: comments, the commands in them, and the work and steering these become."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from workflows.model.answers import Plan
from workflows.model.configuration import RepoConfig
from workflows.model.items import Actor, Item, Permission
from workflows.model.progress import Outcome


class Surface(StrEnum):
    """Where on GitHub something was written."""

    CONVERSATION = "conversation"
    """A comment on an issue or in a pull request's conversation."""
    REVIEW = "review"
    """The body of a review."""
    INLINE = "inline"
    """A comment on a line of the diff."""


@dataclass(frozen=True, slots=True)
class CommentRef:
    """A comment somebody wrote. Its text is read from GitHub when it is acted on."""

    item: Item
    id: int
    surface: Surface = Surface.CONVERSATION
    digest: str = ""
    """SHA-256 of the text as it was created: what was edited since then is not obeyed."""

    @property
    def name(self) -> str:
        """Name it among all comments of the item."""
        return f"comment:{self.surface}:{self.id}"


@dataclass(frozen=True, slots=True)
class CommandLine:
    """One line of a comment that is meant for us: `/aidp verb argument`."""

    verb: str
    """In lower case, as it was written."""
    argument: str = ""
    """The rest of the line; for `tell` and `answer` also the lines below it."""


@dataclass(frozen=True, slots=True)
class ReadComment:
    """A comment as it stands on GitHub now."""

    author: Actor
    commands: tuple[CommandLine, ...] = ()
    """At most five."""
    dropped: int = 0
    """Commands beyond the fifth."""
    mentioned: bool = False
    """Whether it speaks to the App by name without giving a command."""
    text: str = ""
    """What it says, without quotations and commands, at most 4,000 bytes."""
    flaw: str = ""
    """Why nothing in it is obeyed: it was edited, or is gone."""


class Reaction(StrEnum):
    """What we put below a comment."""

    TAKEN = "eyes"
    APPLIED = "rocket"
    REFUSED = "confused"


@dataclass(frozen=True, slots=True)
class ReactionRequest:
    """React to a comment; GitHub keeps one of a kind."""

    comment: CommentRef
    reaction: Reaction


class Work(StrEnum):
    """What a processor does; the value is the verb that asks for it."""

    PLAN = "plan"
    BUILD = "build"
    AUTO = "auto"
    REVIEW = "review"
    FIX_CI = "fix-ci"
    FIX = "fix"
    REBASE = "rebase"
    PROJECT = "project"


@dataclass(frozen=True, slots=True)
class ApprovedPlan:
    """A plan somebody let pass, bound to what it was made for."""

    plan: Plan
    approved_by: Actor
    issue_digest: str
    """Of title and body of the issue the plan answers; another one voids the approval."""
    base_sha: str = ""
    """The commit of the default branch the plan was made for; the work begins there."""


@dataclass(frozen=True, slots=True)
class Steering:
    """A command for running work, from somebody who may give it."""

    verb: str
    argument: str
    by: Actor
    permission: Permission
    id: str = ""
    """The same for every attempt to pass it on."""
    at: str = ""


@dataclass(frozen=True, slots=True)
class CiLineage:
    """What was done about the CI of one pull request since a person last had a hand in it."""

    pushed: int = 0
    """Fixes."""
    failure: str = ""
    """Names what failed before the last of them."""
    sha: str = ""
    """The commit whose CI was waited for last."""
    failed: tuple[str, ...] = ()
    """Its checks whose failure was looked at, whatever became of that."""
    rerun: str = ""
    """The commit whose failed checks were run again last."""
    cancelled: bool = False
    """Whether somebody has ended the work on that commit, and wants no more of it."""

    def having_seen(self, sha: str, failed: Iterable[str]) -> "CiLineage":
        """Remember that these checks of a commit were looked at."""
        before, cancelled = (self.failed, self.cancelled) if sha == self.sha else ((), False)
        return replace(self, sha=sha, failed=tuple(dict.fromkeys((*before, *failed))), cancelled=cancelled)

    def has_seen(self, sha: str, failed: Iterable[str]) -> bool:
        """Whether nobody needs to look at these checks of a commit any more."""
        return sha == self.sha and (self.cancelled or set(failed) <= set(self.failed))


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """Accepted work: who asked for what, and how the repository wants things done."""

    item: Item
    kind: Work
    requester: Actor
    config: RepoConfig = field(default_factory=RepoConfig)
    hint: str = ""
    """What the person added to the request."""
    plan: ApprovedPlan | None = None
    comment: CommentRef | None = None
    """The comment that asked for it."""
    label: str = ""
    """The label that asked for it, which is taken off when it begins."""
    units: tuple[str, ...] = ()
    """Of a project: only these units, to run them again."""
    kept: tuple[Steering, ...] = ()
    """What people have said to earlier work about the agents of this one."""
    unasked: bool = False
    """Whether no person had a hand in it: it follows from our own work, from CI, or from a branch that has moved."""
    ci: CiLineage = CiLineage()
    """What it goes on from, where nobody asked for it."""
    in_doubt: bool = False
    """Whether it waited while we were shut out, so that nobody knows whether it is still wanted."""


@dataclass(frozen=True, slots=True)
class SteeringRequest:
    """Pass a command on to a running processor and bring its answer."""

    processor: str
    """Its workflow id."""
    steering: Steering


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of a command."""

    text: str = ""
    applied: bool = True


@dataclass(frozen=True, slots=True)
class SteerReply:
    """A processor's answer to a command; with ids of loops, the command is meant for those."""

    text: str = ""
    loops: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProcessorEnd:
    """What a processor tells the mailbox with its last breath."""

    processor: str
    summary: str = ""
    """How it ended, in one line, for `/aidp status` and `/aidp history`."""
    orders: tuple[WorkOrder, ...] = ()
    """Work that follows from it, on this item or on another."""
    run: str = ""
    """The processor's run: it tells this end from those of the same processor before and after."""
    ci: CiLineage | None = None
    """What has been done about the CI by now; `None` if nobody could say."""
    untold: Outcome | None = None
    """How it ended, where GitHub would not hear of it: the item still says that it is worked on."""
