"""The activities that reach our own workflows: mailboxes that may not be open yet, running work that can answer."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any

from temporalio import activity
from temporalio.client import (
    Client,
    WorkflowHandle,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from workflows.commands import arguments
from workflows.commands.command import Refused
from workflows.loop_controls import Allowance, GuardUpdate, Pause, Preference
from workflows.model import (
    Answered,
    Delivery,
    Failure,
    Guards,
    Instruction,
    Permission,
    Steering,
    SteeringRequest,
    SteerReply,
)
from workflows.model import Progress as LoopProgress
from workflows.ports import MAIN_QUEUE
from workflows.work_item import MailboxState, WorkItemWorkflow

ANSWER_SECONDS = 20
GONE = "It has just ended."
ENDED_MEANWHILE = "AcceptedUpdateCompletedWorkflow"
"""Temporal's word for an update whose workflow ended before it could answer."""

Loop = WorkflowHandle[Any, Any]


class MailboxActivities:
    """Implements the port `Mailboxes` with a Temporal client."""

    def __init__(self, client: Client) -> None:
        self._client = client

    @activity.defn
    async def deliver(self, delivery: Delivery, /) -> None:
        """Put a delivery into an item's mailbox, opening it if need be; a delivery it has seen changes nothing."""
        await self._client.start_workflow(
            WorkItemWorkflow.run,
            MailboxState(delivery.item),
            id=delivery.item.mailbox_id,
            task_queue=MAIN_QUEUE,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            start_signal="deliver",
            start_signal_args=[delivery],
        )

    @activity.defn
    async def steer(self, request: SteeringRequest, /) -> Answered:
        """Pass a command on to running work and bring its answer."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await self._answer(request)
        except (RPCError, TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError) as error:
            text = f"{request.processor} does not answer ({error!r}); this is tried again until it does"
            raise ApplicationError(text, type=Failure.TRANSIENT) from error

    async def _answer(self, request: SteeringRequest) -> Answered:
        processor, steering = self._client.get_workflow_handle(request.processor), request.steering
        try:
            reply: SteerReply = await processor.execute_update(  # pyright: ignore[reportUnknownMemberType]  # SDK
                "steer", steering, id=steering.id, result_type=SteerReply
            )
        except (RPCError, WorkflowUpdateFailedError) as error:
            return _refusal(error)
        if not reply.loops:
            return Answered(reply.text)
        loops = [self._client.get_workflow_handle(loop) for loop in reply.loops]
        answers = await asyncio.gather(*(_put(loop, steering) for loop in loops))
        return next((it for it in answers if it.applied), answers[0])


async def _put(loop: Loop, steering: Steering) -> Answered:
    """Put a command to one of the loops; of several at work one may be over already, or refuse for itself."""
    try:
        return Answered(await VERBS[steering.verb](loop, steering))
    except Refused as refused:
        return Answered(str(refused), applied=False)
    except (RPCError, WorkflowUpdateFailedError) as error:
        return _refusal(error)


def _refusal(error: RPCError | WorkflowUpdateFailedError) -> Answered:
    """Tell why it was not taken; who can not be reached right now is another matter."""
    if isinstance(error, RPCError):
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise error
        return Answered(GONE, applied=False)
    cause = error.cause
    if isinstance(cause, ApplicationError) and cause.type == ENDED_MEANWHILE:
        return Answered(GONE, applied=False)
    text = cause.message if isinstance(cause, ApplicationError) else str(cause)
    return Answered(_sentence(text), applied=False)


def _sentence(text: str) -> str:
    """Write a reason as people do."""
    sentence = f"{text[:1].upper()}{text[1:]}"
    return sentence if sentence.endswith((".", "?", "!")) else f"{sentence}."


async def _pause(loop: Loop, steering: Steering) -> str:
    time = arguments.duration(steering.argument)
    how = Pause(seconds=time.total_seconds() if time else None, by=steering.by.login)
    return await _update(loop, "pause", how, steering)


async def _resume(loop: Loop, steering: Steering) -> str:
    return await _update(loop, "resume", steering.by.login, steering)


async def _tell(loop: Loop, steering: Steering) -> str:
    return await _update(loop, "inject_instruction", Instruction(steering.argument, author=steering.by.login), steering)


async def _provider(loop: Loop, steering: Steering) -> str:
    return await _update(loop, "prefer", Preference.of(steering.argument, steering.by.login), steering)


async def _model(loop: Loop, steering: Steering) -> str:
    return await _update(loop, "prefer", Preference(model=steering.argument.strip(), by=steering.by.login), steering)


async def _budget(loop: Loop, steering: Steering) -> str:
    return await _update(loop, "allow", Allowance(arguments.budget(steering.argument), steering.by.login), steering)


async def _guard(loop: Loop, steering: Steering) -> str:
    now = await loop.query("guards", result_type=Guards)
    by_admin = steering.permission >= Permission.ADMIN
    change = GuardUpdate(arguments.guards(steering.argument, now), by_admin, steering.by.login)
    return await _update(loop, "update_guard", change, steering)


async def _reload(loop: Loop, steering: Steering) -> str:
    return await _update(loop, "reload_config", steering.by.login, steering)


async def _approve(loop: Loop, steering: Steering) -> str:
    return await _update(loop, "approve", steering.by.login, steering)


async def _reject(loop: Loop, steering: Steering) -> str:
    return await _update(loop, "refuse", steering.by.login, steering)


async def _why(loop: Loop, _: Steering) -> str:
    progress = await loop.query("status", result_type=LoopProgress)
    return "\n".join(f"- {line.time[11:16]} {line.text}" for line in progress.log) or progress.note


async def _status(loop: Loop, _: Steering) -> str:
    progress = await loop.query("status", result_type=LoopProgress)
    iteration = f"iteration {progress.iteration} of {progress.max_iterations}" if progress.iteration else ""
    facts = ", ".join(fact for fact in (iteration, progress.budget) if fact)
    return f"{progress.note} ({facts})" if facts else progress.note


async def _update(loop: Loop, name: str, argument: object, steering: Steering) -> str:
    """Update a loop, once however often it is tried."""
    return await loop.execute_update(  # pyright: ignore[reportUnknownMemberType]  # SDK
        name, argument, id=f"{steering.id}/{name}", result_type=str
    )


VERBS: Mapping[str, Callable[[Loop, Steering], Awaitable[str]]] = MappingProxyType(
    {
        "pause": _pause,
        "resume": _resume,
        "tell": _tell,
        "provider": _provider,
        "model": _model,
        "budget": _budget,
        "guard": _guard,
        "reload": _reload,
        "approve": _approve,
        "reject": _reject,
        "why": _why,
        "status": _status,
    }
)
"""How each verb that is meant for an agent's loop is put to it."""
