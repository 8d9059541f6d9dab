"""Asking the installation's write limiter: before each write for its turn, before each call whether GitHub wants none.

Waiting is Temporal's: who has to wait fails with the time to try again, before any call is made.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from githubkit.exception import RequestFailed
from temporalio import activity
from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from activities.github.calls import Call
from activities.github.errors import failed, status_of
from activities.temporal_clock import TemporalClock
from workflows.model import Failure
from workflows.ports import MAIN_QUEUE
from workflows.write_limiter import FORBIDDEN_UNTIL, Forbidding, LimiterState, WriteLimiterWorkflow, limiter_id
from workflows.write_slots import FIRST_BACK_OFF, GRACE, Reservation, Urgency

APP = 0
"""Stands for the App itself, whose own calls GitHub counts apart from those of its installations."""
AT_ONCE = 8
"""Temporal lets ten updates of a workflow be under way and makes the others wait far longer."""
CLOCKS_DIFFER = 1.0
"""What is known of Temporal's clock is no better than this."""
DEFINITE = range(300, 500)
"""GitHub refused, and did nothing."""
UNREACHABLE = "The write limiter of this installation does not answer; nothing is written without it."
QUEUED = "GitHub's limits for writing: this write has its turn in {wait:.1f} s."
FORBIDDEN = "GitHub wants no such calls for another {wait:.0f} s."

NEW = LimiterState()


@dataclass(frozen=True, slots=True)
class Write:
    """A write that wants its turn."""

    number: int
    """Counts the writes of an attempt."""
    call: Call
    urgency: Urgency


class Limiter(Protocol):
    """What the clients of GitHub ask."""

    async def heed(self, installation_id: int) -> None:
        """Raise while GitHub wants no calls."""
        ...

    async def reserve(self, installation_id: int, write: Write) -> None:
        """Return when it is this write's turn, which then starts at once; raise while it is not."""
        ...

    async def end(self, installation_id: int) -> None:
        """Tell that this attempt fails, and that GitHub has answered all it was asked to create."""
        ...

    async def forbid(self, installation_id: int, forbidding: Forbidding) -> None:
        """Tell all workers that GitHub wants no calls."""
        ...


class Unlimited:
    """For whoever asks GitHub only now and then, without Temporal."""

    async def heed(self, installation_id: int) -> None:
        """Go."""

    async def reserve(self, installation_id: int, write: Write) -> None:
        """Go."""

    async def end(self, installation_id: int) -> None:
        """Leave it to the caller."""

    async def forbid(self, installation_id: int, forbidding: Forbidding) -> None:
        """Leave it to the caller."""


class SharedLimiter:
    """The limiters of all installations, which are workflows."""

    def __init__(
        self,
        client: Client,
        first: LimiterState = NEW,
        *,
        answer_seconds: float = GRACE,
        clock: TemporalClock | None = None,
    ) -> None:
        self._client = client
        self._clock = clock or TemporalClock()
        self._first = first
        self._answer_seconds = answer_seconds  # no more than `GRACE`: a later answer may be about a turn that is over
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._forbidden: dict[int, float] = {}  # until when, by this host's monotonic clock

    async def heed(self, installation_id: int) -> None:
        """Raise while GitHub wants no calls; another worker may have been told."""
        if time.monotonic() >= self._forbidden.get(installation_id, 0.0):
            async with self._answering():
                self._forbid(installation_id, await self._forbidden_for(installation_id))
        wait = self._forbidden[installation_id] - time.monotonic()
        if wait > 0:
            raise failed(Failure.RATE_LIMITED, FORBIDDEN.format(wait=wait), timedelta(seconds=wait))

    async def reserve(self, installation_id: int, write: Write) -> None:
        """Return when it is this write's turn; raise with the time until then while it is not."""
        asked = _reservation(write)
        if not (asked.creates or self._first.slots.bounds):
            return  # where GitHub has no limits, only what would be there twice waits: for what came before to show
        async with self._turns, self._answering():
            slot = await self._client.execute_update_with_start_workflow(  # pyright: ignore[reportUnknownMemberType]  # SDK
                WriteLimiterWorkflow.reserve,
                asked,
                start_workflow_operation=self._limiter(installation_id),
                id=f"{asked.operation} {asked.attempt}.{asked.call}",
            )
        if slot.wait > 0:
            raise failed(Failure.RATE_LIMITED, QUEUED.format(wait=slot.wait), timedelta(seconds=slot.wait))

    async def end(self, installation_id: int) -> None:
        """Tell that nothing more comes of this attempt; if the limiter can not be told, the next one waits longer."""
        limiter = self._client.get_workflow_handle_for(WriteLimiterWorkflow.run, limiter_id(installation_id))
        with contextlib.suppress(ApplicationError):
            async with self._answering():
                await limiter.signal(WriteLimiterWorkflow.end, _attempt())

    async def forbid(self, installation_id: int, forbidding: Forbidding) -> None:
        """Tell all workers; this one knows at once, even if the limiter can not be told."""
        self._forbid(installation_id, forbidding.seconds or FIRST_BACK_OFF)
        with contextlib.suppress(ApplicationError):
            self._forbid(installation_id, await self._tell(installation_id, forbidding))

    def _forbid(self, installation_id: int, seconds: float) -> None:
        """Note a time; a later one that was named before stands, as the limiter may not know of it."""
        known = self._forbidden.get(installation_id, 0.0)
        self._forbidden[installation_id] = max(known, time.monotonic() + seconds)

    async def _tell(self, installation_id: int, forbidding: Forbidding) -> float:
        async with self._turns, self._answering():
            slot = await self._client.execute_update_with_start_workflow(  # pyright: ignore[reportUnknownMemberType]  # SDK
                WriteLimiterWorkflow.forbid, forbidding, start_workflow_operation=self._limiter(installation_id)
            )
        return slot.wait

    def _limiter(self, installation_id: int) -> WithStartWorkflowOperation[WriteLimiterWorkflow, None]:
        return WithStartWorkflowOperation(
            WriteLimiterWorkflow.run,
            self._first,
            id=limiter_id(installation_id),
            task_queue=MAIN_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            static_summary="Gives the writes of an installation their turns",
        )

    async def _forbidden_for(self, installation_id: int) -> float:
        """Tell for how many more seconds; the limiter has noted a time by Temporal's clock."""
        try:
            limiter = await self._client.get_workflow_handle(limiter_id(installation_id)).describe()
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return 0.0  # nobody has written lately
            raise
        until = await limiter.memo_value(FORBIDDEN_UNTIL, default=0.0, type_hint=float)
        return until + CLOCKS_DIFFER - self._clock.now() if until else 0.0

    @contextlib.asynccontextmanager
    async def _answering(self) -> AsyncGenerator[None]:
        try:
            async with asyncio.timeout(self._answer_seconds):
                yield
        except (RPCError, TimeoutError, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError) as error:
            raise failed(Failure.TRANSIENT, f"{UNREACHABLE} ({error!r})") from error


class Turns:
    """The turns of one step's writes. What GitHub refused has changed nothing, and its turn serves the next write."""

    def __init__(self, limiter: Limiter, installation_id: int, urgency: Urgency) -> None:
        self._limiter = limiter
        self._installation_id = installation_id
        self._urgency = urgency
        self._calls = 0
        self._unused_until = 0.0
        self._created = False
        self._unanswered = 0

    @contextlib.asynccontextmanager
    async def step(self) -> AsyncGenerator[None]:
        """Make the calls of a step. When it fails, its next attempt waits only for what GitHub left unanswered."""
        try:
            yield
        except Exception:
            if self._created and not self._unanswered:
                await self._limiter.end(self._installation_id)
            raise

    @contextlib.asynccontextmanager
    async def taken(self, call: Call) -> AsyncGenerator[None]:
        """Make a call in its turn; reading needs none."""
        until = await self._turn(call) if call.writes else 0.0
        self._created |= call.creates
        self._unanswered += call.creates
        try:
            yield
        except RequestFailed as error:
            self._unanswered -= call.creates
            if status_of(error) in DEFINITE:
                self._unused_until = until
            raise
        self._unanswered -= call.creates

    async def _turn(self, call: Call) -> float:
        """Return until when the turn lasts: the one that is left, or a new one."""
        unused, self._unused_until = self._unused_until, 0.0
        if time.monotonic() < unused:
            return unused
        self._calls += 1
        until = time.monotonic() + GRACE
        await self._limiter.reserve(self._installation_id, Write(self._calls, call, self._urgency))
        return until


def _reservation(write: Write) -> Reservation:
    """Name the write so that a later attempt at it, or a newer edit of the same thing, keeps its place."""
    info = activity.info()
    method, path, creates = write.call.method, write.call.path, write.call.creates
    owner = f"{info.workflow_run_id} {info.activity_id}" if creates else info.workflow_run_id
    return Reservation(
        operation=f"{owner} {method} {path}",
        attempt=_attempt(),
        call=write.number,
        urgency=write.urgency,
        creates=creates,
        began=info.started_time.timestamp(),
    )


def _attempt() -> str:
    info = activity.info()
    return f"{info.workflow_run_id} {info.activity_id}.{info.attempt}"
