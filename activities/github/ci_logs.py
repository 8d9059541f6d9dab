"""What failed checks have printed: the logs of GitHub Actions, and what other CI says on its check runs."""

import asyncio
from ssl import SSLContext

import httpx

from activities.checks.plain import plain
from activities.github.answers import Annotation, CheckRunAnswer, JobAnswer, Step
from activities.github.client import MISSING, Grant, InstallationClients, RepositoryClient
from activities.github.errors import failed
from activities.github.log_text import Window, masked, shortened, telling
from workflows.model import CiCheck, CiLog, CiLogRequest, Failure, Item

MAX_LOGS = 5
KEPT_BYTES = 5_000_000
"""The end of a log: that is where it fails."""
READ_BYTES = 50_000_000
DOWNLOAD_SECONDS = 30
MAX_HOPS = 3


class LogReader:
    """Fetches logs from wherever GitHub keeps them."""

    def __init__(self, clients: InstallationClients) -> None:
        self._clients = clients
        self._tls: SSLContext = httpx.create_ssl_context()

    async def read(self, request: CiLogRequest) -> tuple[CiLog, ...]:
        """Read the logs of the first checks, all at once."""
        item = request.commit.item
        reads = (self._log(item, check) for check in request.checks[:MAX_LOGS])
        read = await asyncio.gather(*reads, return_exceptions=True)  # none reads on when one has failed
        return tuple(_or_raise(log) for log in read)

    async def _log(self, item: Item, check: CiCheck) -> CiLog:
        text = await self._of_job(item, check) if check.job else ""
        return CiLog(check.name, text or await self._of_check_run(item, check) or check.summary)

    async def _of_job(self, item: Item, check: CiCheck) -> str:
        """Read a job's log; it is gone some months later, or when somebody deleted it."""
        async with self._clients.repository(item, Grant.READ_ACTIONS) as repository:
            job = await repository.find(f"actions/jobs/{check.job}", JobAnswer)
            address = await repository.redirect(f"actions/jobs/{check.job}/logs") if job else ""
        log = await self._download(address) if address else b""
        return await asyncio.to_thread(telling, log, _failed_step(job.steps)) if job and log else ""

    async def _of_check_run(self, item: Item, check: CiCheck) -> str:
        if not check.check_run:
            return ""
        async with self._clients.repository(item, Grant.READ_CHECKS) as repository:
            run = await repository.find(f"check-runs/{check.check_run}", CheckRunAnswer)
            notes = await _annotations(repository, run) if run else []
        said = [run.output.title, run.output.summary, run.output.text] if run else []
        text = "\n\n".join(part for part in (*said, "\n".join(notes)) if part)
        return shortened(plain(masked(text.encode()).decode()))

    async def _download(self, address: str) -> bytes:
        """Follow an address without our token; its text holds a signature and is never told."""
        try:
            async with asyncio.timeout(DOWNLOAD_SECONDS), self._outside() as http:
                return await self._follow(http, httpx.URL(address))
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            raise failed(Failure.TRANSIENT, f"A log could not be fetched: {type(error).__name__}") from None

    def _outside(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(verify=self._tls, timeout=DOWNLOAD_SECONDS, follow_redirects=False)

    async def _follow(self, http: httpx.AsyncClient, address: httpx.URL) -> bytes:
        for _ in range(MAX_HOPS):
            if not self._may_open(address):
                raise failed(Failure.PERMANENT, "GitHub keeps a log at an address that is not safe to open.")
            async with http.stream("GET", address) as response:
                if not response.is_redirect:
                    return await _end_of(response)
                address = address.join(response.headers["location"])
        return b""

    def _may_open(self, address: httpx.URL) -> bool:
        """Open what is encrypted, and the configured host."""
        ours = httpx.URL(self._clients.app.api_url)
        return address.scheme == "https" or (address.scheme, address.netloc) == (ours.scheme, ours.netloc)


async def _end_of(response: httpx.Response) -> bytes:
    """Read a log, and keep no more than its end."""
    if response.status_code in MISSING:
        return b""
    response.raise_for_status()
    kept, read = bytearray(), 0
    async for chunk in response.aiter_bytes():
        kept += chunk
        read += len(chunk)
        if len(kept) > 2 * KEPT_BYTES:
            del kept[:-KEPT_BYTES]
        if read > READ_BYTES:
            break
    return bytes(kept[-KEPT_BYTES:])


def _or_raise(log: CiLog | BaseException) -> CiLog:
    if isinstance(log, BaseException):
        raise log
    return log


def _failed_step(steps: tuple[Step, ...]) -> Window | None:
    for step in steps:
        if step.conclusion == "failure" and step.started_at and step.completed_at:
            return Window(step.started_at, step.completed_at)
    return None


async def _annotations(repository: RepositoryClient, run: CheckRunAnswer) -> list[str]:
    if not run.output.annotations_count:
        return []
    found = await repository.get(f"check-runs/{run.id}/annotations?per_page=50", list[Annotation])
    return [_told(annotation) for annotation in found]


def _told(annotation: Annotation) -> str:
    words = ": ".join(part for part in (annotation.title, annotation.message) if part)
    return f"{annotation.path}:{annotation.start_line}: {annotation.annotation_level or 'notice'}: {words}"
