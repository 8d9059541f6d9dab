"""The CI of one commit, watched for whoever waits for it; its workflow id is the commit's address for webhooks.

Events about checks often name no pull request, but always their commit. The door signals the watch of that commit;
where there is none, nobody cares.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from temporalio import workflow

from workflows import github_steps
from workflows.ci import begun, verdict
from workflows.model import CiState, CiVerdict, Commit

PROBE_EVERY = timedelta(hours=6)
"""A look without an event, for events that were lost; reconciliation brings most of them earlier."""
UNBEGUN = timedelta(minutes=30)
"""So long a required check may take to begin; some CI looks at no drafts, and would be waited for without an end."""
UNHEARD = 15
"""So many settle times any CI may take to begin where none was heard of yet: five minutes, if nothing is configured."""


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
        """Return what the checks say once nothing has moved for a while, and a second look says the same."""
        settled: CiState | None = None
        while not workflow.info().is_continue_as_new_suggested():
            self._news = False
            self._state = await github_steps.read_ci(watch.commit)
            judged = self._verdict()
            if self._state == settled and judged is not CiVerdict.PENDING:
                return replace(self._state, verdict=judged)
            settled = None if await self._news_within(self._patience()) else self._state
        return workflow.continue_as_new(watch)

    @workflow.signal
    def news(self, _delivery: str = "") -> None:
        """Hear that something happened to a check."""
        self._news = True

    @workflow.query
    def state(self) -> CiState:
        """Show what the checks said when they were last looked at."""
        return self._state

    def _patience(self) -> timedelta:
        """How long to wait for an event before what is seen is looked at again."""
        settle = timedelta(seconds=self._watch.settle_seconds)
        match self._state.verdict:
            case CiVerdict.PENDING:
                return PROBE_EVERY if self._verdict() is CiVerdict.PENDING else UNBEGUN
            case CiVerdict.NONE:
                return max(settle, min(UNHEARD * settle, UNBEGUN))
            case _:
                return settle

    def _verdict(self) -> CiVerdict:
        """Judge without waiting for what never began."""
        seen = self._state
        return verdict(begun(seen.checks)) if seen.verdict is CiVerdict.PENDING else seen.verdict

    async def _news_within(self, time: timedelta) -> bool:
        try:
            await workflow.wait_condition(lambda: self._news, timeout=time)
        except TimeoutError:
            return False
        return True
