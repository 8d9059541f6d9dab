"""Creating the App: a person presses one button on GitHub, and its credentials come here without passing a screen.

GitHub's manifest flow: the person's browser carries our manifest to GitHub and comes back with a code; the code buys
the App's credentials, once.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from importlib.metadata import version

import httpx
from pydantic import TypeAdapter, ValidationError

from github_app.manifest import manifest
from github_app.server import listen, serve_on
from github_app.setup.env_file import CredentialFiles
from github_app.setup.new_app import (
    API_URL,
    APP_ID,
    CREDENTIALS,
    GITHUB,
    PRIVATE_KEY,
    SLUG,
    URL,
    WEBHOOK_SECRET,
    CreationError,
    NewApp,
)
from github_app.setup.page import RoundTrip
from github_app.terminal import Say

LOOPBACK = "127.0.0.1"
CALL_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Created:
    """The App that is there now, as GitHub answers."""

    id: int
    slug: str
    html_url: str
    pem: str = field(repr=False)
    webhook_secret: str = field(repr=False)


async def create(new: NewApp, files: CredentialFiles, say: Say) -> None:
    """Send a person to GitHub, wait until they are back, and keep what GitHub gives."""
    code = await ask(new, say)
    created = await convert(new, code)
    keep(new, created, files)
    say("app", created.html_url)
    say("settings", f"{files.env_file}, with the private key in {files.key_file}")
    say("install", f"{created.html_url}/installations/new")
    say("next", "install it on your repositories, then run: aidp up")


async def ask(new: NewApp, say: Say) -> str:
    """Serve the way to GitHub and back until somebody is back with a code."""
    listener = listen(LOOPBACK, 0)
    port = listener.getsockname()[1]
    code = asyncio.get_running_loop().create_future()
    trip = RoundTrip(f"{LOOPBACK}:{port}", f"{new.settings_url}/new", manifest().at(new.webhook_url), code)
    serving = asyncio.create_task(serve_on(listener, trip))
    say("open", trip.address)
    say("", f"in a browser on this machine; from another one through: ssh -L {port}:{LOOPBACK}:{port} <this machine>")
    try:
        return await asyncio.wait_for(code, new.patience_seconds)
    except TimeoutError as error:
        raise CreationError("Nobody came back from GitHub in time. Run it again when you are ready.") from error
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)


async def convert(new: NewApp, code: str) -> Created:
    """Exchange the code for the credentials. GitHub's answer is in no error text: it may hold them."""
    headers = {"Accept": "application/vnd.github+json", "User-Agent": f"aidp/{version('aidp')}"}
    url = f"{new.api_url}/app-manifests/{code}/conversions"
    try:
        async with httpx.AsyncClient(headers=headers, timeout=CALL_SECONDS) as client:
            response = await client.post(url)
    except httpx.TransportError as error:
        raise _lost(new, f"{new.api_url} does not answer ({type(error).__name__})") from error
    if response.status_code != HTTPStatus.CREATED:
        raise _lost(new, f"GitHub answered {response.status_code}")
    try:
        return TypeAdapter(Created).validate_json(response.content)
    except ValidationError:
        raise _lost(new, "GitHub's answer has not all that is needed") from None


def keep(new: NewApp, created: Created, files: CredentialFiles) -> None:
    """Write the credentials to their files."""
    try:
        files.write(settings_of(new, created, files), created.pem, obsolete=CREDENTIALS)
    except OSError as error:
        raise _lost(new, f"They can not be written ({error.strerror}: {error.filename})") from error


def settings_of(new: NewApp, created: Created, files: CredentialFiles) -> Mapping[str, str]:
    """Say what to set for this App."""
    elsewhere = {URL: new.github_url, API_URL: new.api_url} if new.github_url != GITHUB else {}
    return {
        APP_ID: str(created.id),
        SLUG: created.slug,
        PRIVATE_KEY: str(files.key_file),
        WEBHOOK_SECRET: created.webhook_secret,
        **elsewhere,
    }


def _lost(new: NewApp, why: str) -> CreationError:
    return CreationError(
        f"The App's credentials did not get here. {why}.\n"
        f"If {new.settings_url} shows the App, delete it there; then run this again."
    )
