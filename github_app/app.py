"""The webhook door: a signed webhook becomes a signal, and is acknowledged only when Temporal has it.

The door keeps nothing. Run as many as you like; what none of them could hand over is delivered again by GitHub when the
delivery sweep asks for it.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from structlog.contextvars import bind_contextvars
from temporalio.api.errordetails.v1 import NotFoundFailure
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.service import RPCError

from github_app.events import DoorPolicy, Hint, Start, translate
from github_app.settings import DoorSettings
from github_app.webhook import Gate, Limits, receive
from workflows.model.delivery_log import Acknowledgement
from workflows.ports import MAIN_QUEUE

logger = logging.getLogger(__name__)


def build(settings: DoorSettings, temporal: Client, limits: Limits | None = None) -> Starlette:
    """Build the app. What happens to a webhook, in order, is `Door.webhook` and, inside it, `webhook.receive`."""
    secrets = tuple(secret.get_secret_value().encode() for secret in settings.github_webhook_secret)
    policy = DoorPolicy(settings.label_prefix, settings.trusted_bots, settings.github_app_slug)
    door = Door(Gate(secrets, limits or Limits()), policy, temporal)
    app = Starlette(
        routes=[
            Route("/webhook", door.webhook, methods=["POST"]),
            Route("/healthz", healthz),
            Route("/readyz", door.readyz),
        ],
        exception_handlers={HTTPException: refusal, ClientDisconnect: nobody_waits},
    )
    app.router.redirect_slashes = False  # a redirect would repeat the client's own Host header
    return app


@dataclass(frozen=True, slots=True)
class Door:
    """The endpoints that need something."""

    gate: Gate
    policy: DoorPolicy
    temporal: Client

    async def webhook(self, request: Request) -> Response:
        """Verify, translate, hand over, acknowledge."""
        webhook = await receive(request, self.gate)
        bind_contextvars(delivery=webhook.delivery_id)
        if webhook.event == "ping":
            return JSONResponse({"message": "pong"})
        hints = translate(webhook.event, webhook.delivery_id, webhook.payload, self.policy)
        taken = [hint for hint, done in zip(hints, await self.hand_over(hints), strict=True) if done]
        if not taken:
            return Response(status_code=204)
        logger.info("Delivered %s", webhook.event, extra={"workflows": [hint.workflow_id for hint in taken]})
        items = tuple({hint.item: None for hint in taken if hint.item})
        return JSONResponse(asdict(Acknowledgement(webhook.delivery_id, items)), 202)

    async def readyz(self, _: Request) -> Response:
        """Say whether Temporal answers for our namespace."""
        question = DescribeNamespaceRequest(namespace=self.temporal.namespace)
        try:
            async with asyncio.timeout(self.gate.limits.temporal_seconds / 2):
                await self.temporal.workflow_service.describe_namespace(question)
        except (RPCError, RuntimeError, TimeoutError) as error:
            raise _not_taken(error) from error
        return JSONResponse({"status": "ready"})

    async def hand_over(self, hints: Sequence[Hint]) -> list[bool]:
        """Give each hint to its workflow; false where there is none and the hint starts none."""
        try:
            async with asyncio.timeout(self.gate.limits.temporal_seconds):
                return await asyncio.gather(*map(self._hand_over, hints))
        except (RPCError, RuntimeError, TimeoutError) as error:  # RuntimeError: a client that was never connected
            raise _not_taken(error) from error

    async def _hand_over(self, hint: Hint) -> bool:
        if hint.start:
            await self._start(hint, hint.start)
            return True
        try:
            await self.temporal.get_workflow_handle(hint.workflow_id).signal(hint.signal, hint.argument)
        except RPCError as error:
            if not _is_no_workflow(error):
                raise
            return False
        return True

    async def _start(self, hint: Hint, start: Start) -> None:
        await self.temporal.start_workflow(
            start.workflow,
            start.argument,
            id=hint.workflow_id,
            task_queue=MAIN_QUEUE,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            start_signal=hint.signal,
            start_signal_args=[hint.argument],
            static_summary=start.summary or None,
        )


async def healthz(_: Request) -> Response:
    """Say that this process runs."""
    return JSONResponse({"status": "ok"})


async def refusal(_: Request, error: Exception) -> Response:
    """Tell a client what was wrong, and what to do about it."""
    if not isinstance(error, HTTPException):
        raise error
    logger.info("Refused with %d: %s", error.status_code, error.detail)
    return JSONResponse({"error": error.detail}, error.status_code, error.headers)


async def nobody_waits(_request: Request, _error: Exception) -> Response:
    """Answer a client that hung up in the middle of its body; no one reads it."""
    return Response(status_code=400)


def _not_taken(error: Exception) -> HTTPException:
    logger.warning("Temporal does not answer: %r", error)
    return HTTPException(503, "Temporal does not answer. Deliver again later.", {"Retry-After": "30"})


def _is_no_workflow(error: RPCError) -> bool:
    """Tell "no such workflow" from "no such namespace", which is what an overloaded Temporal may say."""
    return any(detail.Is(NotFoundFailure.DESCRIPTOR) for detail in error.grpc_status.details)
