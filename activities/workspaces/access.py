"""How git enters a repository: with a token that is asked for at the last moment, and given back when it is refused."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from activities.workspaces.failures import TokenRefusedError, failure
from activities.workspaces.folders import Folders
from activities.workspaces.git import Remote
from workflows.model import Failure, Source


class GitAccess(Protocol):
    """Whoever knows a repository's address and may open it."""

    async def git_access(self, source: Source, *, write: bool) -> Remote:
        """Return the URL and a token for this one repository, to read or to write."""
        ...

    def refused(self, remote: Remote) -> timedelta | None:
        """Hear that git was refused with this token; tell how soon to try again, or nothing where that is no use."""
        ...

    async def author(self, source: Source) -> tuple[str, str]:
        """Return name and address of whoever signs the commits there."""
        ...


@dataclass(frozen=True, slots=True)
class Origin:
    """What a mirror is the mirror of, to read or to write."""

    access: GitAccess
    folders: Folders
    source: Source
    write: bool = False

    @asynccontextmanager
    async def opened(self) -> AsyncGenerator[Remote]:
        """Open it for what follows at once; a token that lies about may be over when it is used."""
        remote = await self._remote()
        try:
            yield remote
        except TokenRefusedError as error:
            retry_in = self.access.refused(remote)
            if retry_in is None:
                raise
            raise failure(Failure.TRANSIENT, error.message, retry_in) from None

    async def _remote(self) -> Remote:
        if self.source.project_dir:
            return Remote(self.folders.project(self.source))
        return await self.access.git_access(self.source, write=self.write)
