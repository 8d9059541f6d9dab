"""What can be wrong with a wish; the text of each says it to the person who wished."""


class JobError(Exception):
    """The wish was not granted."""


class InputError(JobError):
    """What was given can not be worked with: a folder, a prompt, a plan."""


class UnknownJobError(JobError):
    """There is no such job."""


class RefusedError(JobError):
    """The job will not do this now."""


class FinishedError(RefusedError):
    """The job has ended."""


class OneUnitError(RefusedError):
    """A plan of workstreams was asked for what only a single loop has."""

    def __init__(self, job_id: str) -> None:
        super().__init__(f"it is a plan of workstreams; choose one of its units, such as loop:{job_id}/SLUG")


class NoPlanError(RefusedError):
    """A single loop was asked for what only a plan of workstreams has."""

    def __init__(self) -> None:
        super().__init__("it is a single work loop, not a plan of workstreams with units")


class NoWorkerError(JobError):
    """Nobody works on jobs."""

    def __init__(self) -> None:
        super().__init__("No worker answers. Start `aidp up` (or `aidp work`), then try again.")
