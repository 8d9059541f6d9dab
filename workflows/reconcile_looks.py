"""What follows from a look at one repository: each thing that no webhook brought goes where the webhook had gone."""

from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from types import MappingProxyType

from temporalio import workflow
from temporalio.exceptions import ActivityError, FailureError, is_cancelled_exception

from workflows import github_steps
from workflows.github_ports import Ci
from workflows.late_ci import failing
from workflows.model import Actor, CiState, Commit, Delivery, EventKind, Item, Labels, RepoConfig
from workflows.model.reconciling import BaseBranch, BaseHead, Bases, Finding, Known, Labelled, Look, RedHead
from workflows.ports import GitHub
from workflows.reconcile_ports import ASK, CALL, Repositories, Running
from workflows.work_kinds import work_of

NOBODY = Actor(0, "")
FAILED = "could not be looked at: {reason}"
STARTED = "`{label}` was put on by {login}"
FOUND: Mapping[EventKind, str] = MappingProxyType(
    {
        EventKind.COMMENTED: "{login} wrote a command",
        EventKind.REVIEWED: "{login} asked for changes",
        EventKind.BASE_PUSHED: "the branch it aims at has moved",
        EventKind.CI: "a check of it has failed",
        EventKind.CLOSED: "{login} closed it, and work went on",
        EventKind.GONE: "it is gone, and work went on",
        EventKind.UNLABELED: "{login} took `{label}` off, and work went on",
    }
)
ABANDONED = "`{label}` is on, and nothing works there"
UNREADABLE = "its labels can not be judged: {reason}"
UNFOLLOWED = "what was pushed can not be followed: {reason}"
UNJUDGED = "what has failed can not be judged: {reason}"

run_activity = workflow.execute_activity_method


async def judge(look: Look, findings: list[Finding]) -> Known:
    """Act on what a repository shows; returns what is to be remembered of it."""
    known = replace(look.known, used=look.known.used or bool(look.commands or look.labelled))
    if look.flaw:
        findings.append(Finding(known.repository.name, FAILED.format(reason=look.flaw)))
    for delivery in (*look.commands, *look.stops):
        await _pass_on(known, delivery, findings)
    for delivery in look.reviews:
        await _pass_on_unless_told(known, delivery, findings)
    known = await _judged_reds(look, await _judged_pushes(look, known, findings), findings)
    return await _judged_labels(look, known, findings)


def innermost(error: FailureError) -> str:
    """Say why something failed, without what it has led to."""
    cause: BaseException = error
    while isinstance(cause, FailureError) and cause.cause:
        cause = cause.cause
    return cause.message if isinstance(cause, FailureError) else str(cause)


async def _pass_on(known: Known, delivery: Delivery, findings: list[Finding]) -> None:
    what = FOUND[delivery.kind].format(login=delivery.sender.login, label=delivery.label)
    findings.append(_finding(known, delivery.item, what))
    await github_steps.deliver(delivery)


async def _pass_on_unless_told(known: Known, delivery: Delivery, findings: list[Finding]) -> None:
    """Ask first, where GitHub does not show whether somebody has taken it."""
    if not await run_activity(Running.is_told, delivery, **CALL):
        await _pass_on(known, delivery, findings)


def _finding(known: Known, item: Item, what: str) -> Finding:
    return Finding(f"{known.repository.name}#{item.number}", what)


async def _config(known: Known) -> RepoConfig:
    return await run_activity(GitHub.read_repo_config, known.repository.address.source, **ASK)


@contextmanager
def _telling(known: Known, flaw: str, findings: list[Finding]) -> Generator[None]:
    """Say what could not be judged in this block, which is then left as it was, to be looked at again."""
    try:
        yield
    except ActivityError as error:
        if is_cancelled_exception(error):
            raise
        findings.append(Finding(known.repository.name, flaw.format(reason=innermost(error))))


# --- what was pushed --------------------------------------------------------------------------------------------------


async def _judged_pushes(look: Look, known: Known, findings: list[Finding]) -> Known:
    """Follow what was pushed; what could not be followed is looked at again."""
    heads = known.heads
    with _telling(known, UNFOLLOWED, findings):
        if look.bases and (await _config(known)).pull_request.rebase_on_push:
            heads = await _follow(known, look.bases, findings)
        return replace(known, heads=heads, pushed=look.pushed)
    return known


async def _follow(known: Known, branches: tuple[str, ...], findings: list[Finding]) -> tuple[BaseHead, ...]:
    """Tell our pull requests whose base has moved; returns where the bases are now."""
    before = {(head.branch, head.sha) for head in known.heads}
    heads = await run_activity(Repositories.read_heads, Bases(known.repository.address, branches), **ASK)
    for head in heads:
        if (head.branch, head.sha) not in before:
            await _tell_of(known, head, findings)
    return heads


async def _tell_of(known: Known, head: BaseHead, findings: list[Finding]) -> None:
    base = BaseBranch(known.repository.address, head.branch, head.sha)
    for item in await run_activity(Repositories.list_our_pulls, base, **ASK):
        identity = f"base:{workflow.info().run_id}/{head.sha}"
        delivery = Delivery(identity, EventKind.BASE_PUSHED, item, head.author, sha=head.sha)
        await _pass_on_unless_told(known, delivery, findings)


# --- what has failed --------------------------------------------------------------------------------------------------


async def _judged_reds(look: Look, known: Known, findings: list[Finding]) -> Known:
    """Tell of what has turned red, where that is to be repaired; what could not be judged is looked at again."""
    if not look.reds:
        return known
    with _telling(known, UNJUDGED, findings):
        if (await _config(known)).ci.fix:
            for red in look.reds:
                await _judge_red(known, red, findings)
        return replace(known, reds=(*(known.reds or ()), *(red.name for red in look.reds)))
    return known


async def _judge_red(known: Known, red: RedHead, findings: list[Finding]) -> None:
    """Tell of the checks that count, by their names; our own is none of them."""
    commit, names = red.commit, await failing(red.commit, _read_ci)
    if names:
        identity = f"red:{commit.sha}:{sha256(' '.join(sorted(names)).encode()).hexdigest()[:12]}"
        delivery = Delivery(identity, EventKind.CI, commit.item, NOBODY, sha=commit.sha, failed=names)
        await _pass_on_unless_told(known, delivery, findings)


async def _read_ci(commit: Commit) -> CiState:
    return await run_activity(Ci.read_ci, commit, **ASK)


# --- labels -----------------------------------------------------------------------------------------------------------


async def _judged_labels(look: Look, known: Known, findings: list[Finding]) -> Known:
    if not look.labelled:
        return known
    with _telling(known, UNREADABLE, findings):
        labels = known.labels or (await _config(known)).labels
        await _judge_labels(look, labels, findings)
        return replace(known, labels=labels)
    return known


async def _judge_labels(look: Look, labels: Labels, findings: list[Finding]) -> None:
    for labelled in look.labelled:
        if work_of(labels, labelled.label) and (lost := await _put_on(labelled)):
            findings.append(_finding(look.known, lost.item, STARTED.format(label=lost.label, login=lost.sender.login)))
            await github_steps.deliver(lost)
    for item in await _idle(look.labelled, labels):
        findings.append(_finding(look.known, item, ABANDONED.format(label=labels.working)))
        identity = f"abandoned/{workflow.info().run_id}/{item.number}"
        await github_steps.deliver(Delivery(identity, EventKind.ABANDONED, item, NOBODY))


async def _put_on(labelled: Labelled) -> Delivery | None:
    return await run_activity(Repositories.read_label_event, labelled, **ASK)


async def _idle(labelled: Iterable[Labelled], labels: Labels) -> tuple[Item, ...]:
    """Pick the items that say they are worked on, and are not; who gets told asks GitHub once more."""
    working = tuple(each.item for each in labelled if each.label.casefold() == labels.working.casefold())
    return await run_activity(Running.find_idle, working, **CALL) if working else ()
