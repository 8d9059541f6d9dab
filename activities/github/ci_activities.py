"""The GitHub hand for CI: what other people's checks say and print, and running them again."""

from temporalio import activity

from activities.github import ci
from activities.github.ci_logs import LogReader
from activities.github.client import InstallationClients
from workflows.model import CiLog, CiLogRequest, CiState, Commit


class CiActivities:
    """Implements the port `Ci`."""

    def __init__(self, clients: InstallationClients) -> None:
        self._clients = clients
        self._logs = LogReader(clients)

    @activity.defn
    async def read_ci(self, commit: Commit, /) -> CiState:
        """Read what all checks of a commit say, ours left out."""
        return await ci.read_ci(self._clients, commit)

    @activity.defn
    async def read_ci_logs(self, request: CiLogRequest, /) -> tuple[CiLog, ...]:
        """Fetch what failed checks printed, cleaned and bounded."""
        return await self._logs.read(request)

    @activity.defn
    async def rerun_ci(self, request: CiLogRequest, /) -> bool:
        """Run failed checks again; false when none of them can be."""
        return await ci.rerun_ci(self._clients, request.commit, request.checks)
