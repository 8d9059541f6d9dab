"""What concerns a whole repository: branches and commits of pull requests, and whether the App may work there at all.

An event says that something changed; how it is now, GitHub is asked. So an old event that comes late ends nothing.
"""

import contextlib
from collections import deque
from dataclasses import dataclass
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import FailureError

from workflows import github_steps, steps
from workflows.model import Delivery, EventKind, Item, Note
from workflows.model.reconciling import BaseBranch, Found, Known
from workflows.model.repositories import (
    BasePush,
    Change,
    Interrupted,
    RedCheck,
    RepositoryAddress,
    RepositoryChange,
)
from workflows.reconcile import look_at
from workflows.reconcile_ports import CALL, Repositories, Running
from workflows.seen import Seen

LINGER = timedelta(days=8)
"""As long as GitHub could redeliver anything."""
REMEMBERED = 200
BEGIN = frozenset({Change.ADDED, Change.PERMISSIONS, Change.TRANSFERRED, Change.UNARCHIVED, Change.UNSUSPENDED})
"""Changes after which there may be something to do that could not be done before."""
PUBLIC = (
    "This repository is public now, and so is everything aidp writes in it. "
    "Anybody can comment; only people with **write** permission can have aidp do something."
)

run_activity = workflow.execute_activity_method


@dataclass(frozen=True, slots=True)
class RepositoryState:
    """What a history hands to the next one; the door begins with the address alone."""

    installation_id: int
    repository_id: int
    seen: tuple[str, ...] = ()
    changes: tuple[RepositoryChange, ...] = ()
    pushes: tuple[BasePush, ...] = ()
    interrupted: tuple[Interrupted, ...] = ()
    reds: tuple[RedCheck, ...] = ()


@workflow.defn
class RepositoryWorkflow:
    """One per repository, while something happens to it."""

    @workflow.init
    def __init__(self, state: RepositoryState) -> None:
        self._address = RepositoryAddress(state.installation_id, state.repository_id)
        self._seen = Seen(state.seen, REMEMBERED)
        self._changes = deque(state.changes)
        self._pushes = {push.branch: push for push in state.pushes}
        self._interrupted = {it.number: it for it in state.interrupted}
        self._reds = {red.sha: red for red in state.reds}

    @workflow.run
    async def run(self, state: RepositoryState) -> None:
        """Take what happens, one after the other, until nothing has for days and nothing waits for a return."""
        del state  # `__init__` has it
        while await self._has_news():
            with contextlib.suppress(FailureError):
                await self._take()
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(self._state())

    @workflow.signal
    def changed(self, change: RepositoryChange) -> None:
        """Hear that something became of the repository, once."""
        if self._seen.is_new(f"{change.id}/{change.kind}"):
            self._changes.append(change)

    @workflow.signal
    def base_pushed(self, push: BasePush) -> None:
        """Hear that a branch has moved; of many pushes to one branch the last one counts."""
        if self._seen.is_new(push.id):
            self._pushes[push.branch] = push

    @workflow.signal
    def check_failed(self, red: RedCheck) -> None:
        """Hear that a check ended badly; of many of one commit the last one counts, since all are looked at."""
        if self._seen.is_new(red.id):
            self._reds[red.sha] = red

    # ------------------------------------------------------------------------------------------------------------------

    def _state(self) -> RepositoryState:
        return RepositoryState(
            self._address.installation_id,
            self._address.repository_id,
            self._seen.names,
            tuple(self._changes),
            tuple(self._pushes.values()),
            tuple(self._interrupted.values()),
            tuple(self._reds.values()),
        )

    async def _has_news(self) -> bool:
        """Wait for something to do; false when nothing has come for days, and nobody is to be told of anything."""
        while True:
            try:
                await workflow.wait_condition(lambda: bool(self._changes or self._pushes or self._reds), timeout=LINGER)
            except TimeoutError:
                if not self._interrupted:
                    return False
            else:
                return True

    async def _take(self) -> None:
        if self._changes:
            await self._face(self._changes.popleft())
        elif self._pushes:
            branch = next(iter(self._pushes))
            await self._pass_on(self._pushes.pop(branch))
        else:
            sha = next(iter(self._reds))
            await self._pass_on_red(self._reds.pop(sha))

    async def _face(self, change: RepositoryChange) -> None:
        """See how the repository is now, and do what follows."""
        self._address = change.address
        found = await run_activity(Repositories.read_standing, change.address, **CALL)
        if not found.repository or found.standing:
            await self._shut_out(change, found)
        elif change.kind in BEGIN:
            await self._close(change)
            if change.kind is Change.ADDED:
                await _define_labels(change.address)
            await look_at(Known(found.repository))
        elif change.kind is Change.PUBLICIZED and found.public:
            for item in await _working(change.address):
                await steps.write_note(Note(item, "public", PUBLIC))

    async def _shut_out(self, change: RepositoryChange, found: Found) -> None:
        """End what runs: it could do nothing any more but fail."""
        for item in await _working(change.address):
            await github_steps.deliver(_delivery(change, item.number, EventKind.REPOSITORY, found.standing))
            now = workflow.now().isoformat()
            if item.installation_id == change.address.installation_id:  # else it goes on, under a newer one
                self._interrupted[item.number] = Interrupted(item.number, found.standing, now)

    async def _close(self, change: RepositoryChange) -> None:
        """Say at last why work ended, or let it go on; first of all, or it would be found without a reason."""
        while self._interrupted:
            number, interrupted = next(iter(self._interrupted.items()))
            kind = EventKind.RESTORED if interrupted.is_fresh(workflow.now()) else EventKind.ABANDONED
            await github_steps.deliver(_delivery(change, number, kind, interrupted.reason))
            del self._interrupted[number]

    async def _pass_on(self, push: BasePush) -> None:
        """Tell our pull requests that what they aim at has moved, where the repository wants that."""
        where = push.address
        config = await steps.read_config(where.source)
        if not config.pull_request.rebase_on_push:
            return
        pulls = await run_activity(Repositories.list_our_pulls, BaseBranch(where, push.branch, push.sha), **CALL)
        for item in pulls:
            identity = f"{push.id}/{item.number}"
            await github_steps.deliver(Delivery(identity, EventKind.BASE_PUSHED, item, push.sender, sha=push.sha))

    async def _pass_on_red(self, red: RedCheck) -> None:
        """Tell our pull requests that a check of their head ended badly, where the repository wants that repaired."""
        where = red.address
        if not (await steps.read_config(where.source)).ci.fix:
            return
        for item in await run_activity(Repositories.list_pulls_at, red, **CALL):
            identity = f"{red.id}/{item.number}"
            await github_steps.deliver(Delivery(identity, EventKind.CI, item, red.sender, sha=red.sha))


def _delivery(change: RepositoryChange, number: int, kind: EventKind, reason: str) -> Delivery:
    """Tell an item what became of the repository, under the installation that it has now."""
    item = Item(change.address.installation_id, change.address.repository_id, number)
    return Delivery(f"{change.id}/{change.kind}/{number}", kind, item, change.sender, label=str(reason))


async def _define_labels(address: RepositoryAddress) -> None:
    """Offer our labels where there were none; a configuration that can not be read is told of when one is used."""
    with contextlib.suppress(FailureError):
        await steps.define_labels(address.source)


async def _working(address: RepositoryAddress) -> tuple[Item, ...]:
    return await run_activity(Running.find_working, address, **CALL)
