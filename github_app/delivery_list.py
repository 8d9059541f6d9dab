"""GitHub's delivery log as people look at it: one line per webhook, however often it was tried."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text
from temporalio.exceptions import ApplicationError

from activities.github.client import Grant, InstallationClients, Scope
from activities.github.deliveries import APP, attempt
from activities.github.delivery_log import DeliveryLog, LoggedDelivery
from activities.github.errors import explained
from github_app.hands import github_app
from github_app.settings import WorkerSettings
from workflows.redelivery import LOOK_BACK

NONE = "No webhooks. Look further back with --since 3d, or see under Advanced in the App's settings where they go."


@dataclass(frozen=True, slots=True)
class LoggedWebhook:
    """A webhook, with the latest attempt to deliver it."""

    id: int
    guid: str
    time: str
    event: str
    """With its action: `issues.labeled`."""
    repository: str
    """By name, or by number where the App is not installed any more; empty for what concerns none."""
    status_code: int
    status: str
    attempts: int
    taken: bool


class WebhookLog:
    """The log, and the names of the repositories in it."""

    def __init__(self, clients: InstallationClients) -> None:
        self._clients = clients
        self._log = DeliveryLog(clients.as_app)
        self._names = dict[int, str]()

    @classmethod
    def of(cls, settings: WorkerSettings) -> "WebhookLog":
        """Open the log of the App that the settings name."""
        return cls(InstallationClients(github_app(settings)))

    async def webhooks(self, since: timedelta, *, failed: bool = False) -> list[LoggedWebhook]:
        """Read the webhooks since some time ago, the newest first; also only those that were never taken."""
        by_guid: dict[str, list[LoggedDelivery]] = {}
        for line in await self._lines(since):
            by_guid.setdefault(line.guid, []).append(line)
        found = [lines for lines in by_guid.values() if not (failed and _taken(lines))]
        return [await self._webhook(lines) for lines in found]

    async def replay(self, name: str) -> bool:
        """Have a webhook delivered again, by the id of an attempt or its GUID; false when GitHub can not."""
        delivery_id = int(name) if name.isdecimal() else await self._newest(name)
        with explained(APP):
            return bool(delivery_id) and await self._log.redeliver(delivery_id)

    async def _newest(self, guid: str) -> int:
        """Find its latest attempt; what is older is not read."""
        with explained(APP):
            async for page in self._log.pages(self._log.now() - LOOK_BACK):
                if found := next((line.id for line in page if line.guid == guid), 0):
                    return found
        return 0

    async def _lines(self, since: timedelta) -> list[LoggedDelivery]:
        with explained(APP):
            return [line async for page in self._log.pages(self._log.now() - since) for line in page]

    async def _webhook(self, lines: Sequence[LoggedDelivery]) -> LoggedWebhook:
        latest = lines[0]
        return LoggedWebhook(
            id=latest.id,
            guid=latest.guid,
            time=latest.delivered_at.isoformat(),
            event=f"{latest.event}.{latest.action}" if latest.action else latest.event,
            repository=await self._name(latest),
            status_code=latest.status_code,
            status=latest.status,
            attempts=len(lines),
            taken=_taken(lines),
        )

    async def _name(self, line: LoggedDelivery) -> str:
        if not (line.repository_id and line.installation_id):
            return ""
        if line.repository_id not in self._names:
            scope = Scope(line.installation_id, line.repository_id, Grant.READ_COLLABORATOR)
            self._names[line.repository_id] = await self._ask_name(scope)
        return self._names[line.repository_id]

    async def _ask_name(self, scope: Scope) -> str:
        try:
            return (await self._clients.token(scope)).repositories[0].full_name
        except ApplicationError:
            return f"repository {scope.repository_id}"


def table(webhooks: Sequence[LoggedWebhook]) -> RenderableType:
    """Show webhooks, one a line."""
    if not webhooks:
        return NONE
    shown = Table(box=None, pad_edge=False, header_style="bold")
    shown.add_column("TIME", no_wrap=True)
    for heading in ("EVENT", "REPOSITORY", "STATUS"):
        shown.add_column(heading, overflow="fold")
    shown.add_column("ATTEMPTS", justify="right")
    shown.add_column("ID", no_wrap=True)
    for it in webhooks:
        time = f"{datetime.fromisoformat(it.time).astimezone():%m-%d %H:%M:%S}"
        status = Text(_status(it), style="green" if it.taken else "red")
        shown.add_row(time, it.event, Text(it.repository), status, str(it.attempts), str(it.id))
    return shown


def _taken(lines: Sequence[LoggedDelivery]) -> bool:
    return any(attempt(line).taken for line in lines)


def _status(webhook: LoggedWebhook) -> str:
    """Say how the latest attempt went; GitHub repeats the code in some of its words."""
    code = str(webhook.status_code)
    return webhook.status if webhook.status_code == 0 or code in webhook.status else f"{code} {webhook.status}"
