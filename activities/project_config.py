"""`.aidp/aidp.yml` of a local repository, for jobs without GitHub."""

from collections.abc import Mapping
from pathlib import Path

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities import process
from activities.repo_config import PATH, Known, RepoConfigError, parse
from workflows.model import Failure, RepoConfig, Source


class ProjectConfigActivities:
    """Reads what is committed, as on GitHub; what merely lies in the working tree does not count."""

    def __init__(self, known: Known, environment: Mapping[str, str]) -> None:
        self._known = known
        self._environment = environment

    @activity.defn
    async def read_project_config(self, source: Source, /) -> RepoConfig:
        """Read the configuration at HEAD; raises `Failure.CONFIGURATION` with what is wrong where."""
        project = Path(source.project_dir)
        show = process.Command(("git", "show", f"HEAD:{PATH}"), project, {**self._environment, "LC_ALL": "C"})
        try:
            finished = await process.run(show)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise _wrong(f"`{project}` is no folder on this host.") from error
        if finished.exit_code:
            return parse("", self._known)
        try:
            return parse(finished.stdout.decode(errors="replace"), self._known)
        except RepoConfigError as error:
            raise _wrong(f"`{PATH}`: {error}") from error


def _wrong(message: str) -> ApplicationError:
    return ApplicationError(message, type=Failure.CONFIGURATION, non_retryable=True)
