"""The CI of one commit, watched for whoever waits for it; its workflow id is the commit's address for webhooks.

Events about checks often name no pull request, but always their commit. The door signals the watch of that commit;
where there is none, nobody cares.
"""

from dataclasses import dataclass
from datetime import timedelta

from temporalio import workflow

from workflows import github_steps
from workflows.model import CiState, CiVerdict, Commit

PROBE_EVERY = timedelta(minutes=30)
"""A look without an event, for events that were lost; reconciliation brings most of them earlier."""


def watch_id(repository_id: int, sha: str) -> str:
    """Name the watch of a commit."""
    return f"ci:{repository_id}:{sha}"


@dataclass(frozen=True, slots=True)
class CommitWatch:
    """A commit to watch until its checks have settled."""

    commit: Commit
    settle_seconds: float


@workflow.defn
class CommitWatchWorkflow:
    """One wait for the checks of one commit."""

    @workflow.init
    def __init__(self, watch: CommitWatch) -> None:
        self._watch = watch
        self._news = False
        self._state = CiState(watch.commit.sha)

    @workflow.run
    async def run(self, watch: CommitWatch) -> CiState:
        """Return what the checks say once nothing has moved for a while."""
        settle = timedelta(seconds=watch.settle_seconds)
        while True:
            self._news = False
            self._state = await github_steps.read_ci(watch.commit)
            pending = self._state.verdict is CiVerdict.PENDING
            if not await self._news_within(PROBE_EVERY if pending else settle) and not pending:
                return self._state

    @workflow.signal
    def news(self, _delivery: str = "") -> None:
        """Hear that something happened to a check."""
        self._news = True

    @workflow.query
    def state(self) -> CiState:
        """Show what the checks said when they were last looked at."""
        return self._state

    async def _news_within(self, time: timedelta) -> bool:
        try:
            await workflow.wait_condition(lambda: self._news, timeout=time)
        except TimeoutError:
            return False
        return True
