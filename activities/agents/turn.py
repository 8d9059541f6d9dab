"""A run's turn on its host: until it has come, heartbeats and errors tell that no agent has worked."""

import time

from temporalio import activity
from temporalio.exceptions import ApplicationError

from workflows.model import AgentWait, Failure, FailureDetail

NOT_BEGUN = "the run was stopped while it waited for its turn"


class Turn:
    """Whether a run still waits for its slot, and how long it has waited."""

    def __init__(self) -> None:
        self.has_come = False
        self._began = time.monotonic()

    def details(self) -> tuple[AgentWait, ...]:
        """Write what a heartbeat tells of it."""
        if self.has_come:
            return ()
        info = activity.info()
        before = (info.started_time - info.scheduled_time).total_seconds()
        return (AgentWait(before + time.monotonic() - self._began),)


def not_begun(provider: str) -> ApplicationError:
    """Say why a run ended that still waited."""
    why = activity.cancellation_details()
    kind = Failure.HOST_STOPPED if why and why.worker_shutdown else Failure.NOT_BEGUN
    return ApplicationError(NOT_BEGUN, FailureDetail(provider), type=kind, non_retryable=True)
