"""`aidp app create`: a person presses one button, and `aidp up` has all it needs."""

import asyncio
import json
import signal
import stat
import sys
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from setup_scene import WEBHOOK_URL, Browser, Form, Terminal, aidp
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from typer.testing import CliRunner

from activities.github.client import GitHubApp, InstallationClients
from github_app.demo.github import LocalGitHub
from github_app.demo.github.serving import serving
from github_app.demo.stage import free_port
from github_app.manifest import manifest
from github_app.setup.cli import app_commands
from github_app.setup.creation import Created, ask, convert, keep
from github_app.setup.env_file import CredentialFiles
from github_app.setup.new_app import CreationError, NewApp

READS_SETTINGS = """
import json
from github_app.settings import UpSettings, load

settings = load(UpSettings)
print(json.dumps({
    "id": settings.github_app_id,
    "key": settings.github_private_key.get_secret_value(),
    "secrets": [secret.get_secret_value() for secret in settings.github_webhook_secret],
    "urls": [settings.github_url, settings.github_api_url],
}))
"""


async def create(folder: Path, github: LocalGitHub, *more: str, **variables: str) -> Terminal:
    """Start `aidp app create` against this GitHub."""
    options = ("--webhook-url", WEBHOOK_URL, "--github-url", github.url, *more)
    return await aidp(folder, "app", "create", *options, **variables)


async def settings_in(folder: Path) -> dict[str, object]:
    """Read what `aidp up` would read there."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", READS_SETTINGS, cwd=folder, env={}, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    return json.loads(output)


async def test_a_created_app_is_ready_for_aidp_up(tmp_path: Path, github: LocalGitHub, browser: Browser) -> None:
    """What GitHub gave is where `aidp up` looks for it, GitHub knows us by it, and no screen has shown it."""
    terminal = await create(tmp_path, github, AIDP_STATE_DIR="my state")
    last_page = await browser.create_app(await terminal.address())
    assert await terminal.end() == 0, terminal.text
    app = github.world.app
    found = await settings_in(tmp_path)
    assert found == {
        "id": app.id,
        "key": app.private_key_pem,
        "secrets": [app.webhook_secret],
        "urls": [github.url, f"{github.url}/api/v3"],
    }
    clients = InstallationClients(GitHubApp(app.id, str(found["key"]), f"{github.url}/api/v3", github.url))
    assert (await clients.identity()).slug == "aidp"
    assert (app.webhook_url, app.permissions, app.events) == (WEBHOOK_URL, manifest().permissions, manifest().events)

    key_file = tmp_path / "my state/private-key.pem"
    assert {stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / ".env", key_file)} == {0o600}
    assert f"install    {github.url}/apps/aidp/installations/new\n" in terminal.text
    assert terminal.text.endswith("then run: aidp up\n")
    assert "This page can be closed" in last_page.text
    shown = terminal.text + "".join(page.text + str(page.headers) for page in browser.seen)
    assert app.webhook_secret not in shown
    assert not any(line in shown for line in app.private_key_pem.splitlines())


async def test_what_is_set_already_is_kept_until_somebody_says_replace(
    tmp_path: Path, github: LocalGitHub, browser: Browser
) -> None:
    """Without --replace nobody is sent to GitHub; with it only the App's own settings change."""
    before = "# ours\nAIDP_AGENTS=codex\n\nAIDP_GITHUB_APP_ID=7\nexport OTHER='a b'"
    (tmp_path / ".env").write_text(before)
    refused = await create(tmp_path, github)
    assert await refused.end() == 2
    assert ".env has AIDP_GITHUB_APP_ID already. To give up that App, add --replace." in refused.text
    assert (tmp_path / ".env").read_text() == before

    replacing = await create(tmp_path, github, "--replace")
    await browser.create_app(await replacing.address())
    assert await replacing.end() == 0
    kept, _, new = (tmp_path / ".env").read_text().partition("AIDP_GITHUB_")
    assert kept == "# ours\nAIDP_AGENTS=codex\n\nexport OTHER='a b'\n"
    assert new.startswith(f"APP_ID={github.world.app.id}\n")


async def test_a_setting_in_the_environment_is_in_the_way(tmp_path: Path, github: LocalGitHub) -> None:
    """It would win over the file, so the new App would never be used."""
    terminal = await create(tmp_path, github, "--replace", AIDP_GITHUB_APP_ID="7")
    assert await terminal.end() == 2
    assert "AIDP_GITHUB_APP_ID in the environment would win over .env. Unset it first." in terminal.text


async def test_ctrl_c_gives_up(tmp_path: Path, github: LocalGitHub) -> None:
    """At once, with no traceback, and nothing was written."""
    terminal = await create(tmp_path, github)
    await terminal.address()
    terminal.process.send_signal(signal.SIGINT)
    assert await terminal.end() != 0
    assert "Traceback" not in terminal.text
    assert not (tmp_path / ".env").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("--webhook-url", "http://aidp.example.com/webhook"),
        ("--webhook-url", "https://aidp.example.com"),
        ("--webhook-url", "https://user:pw@aidp.example.com/webhook"),
        ("--webhook-url", WEBHOOK_URL, "--github-url", "http://github.example.com"),
        ("--webhook-url", WEBHOOK_URL, "--org", "../acme"),
    ],
)
def test_a_wrong_address_or_name_is_refused_at_once(arguments: tuple[str, ...]) -> None:
    """Webhooks travel over https unless they stay on this machine, and an organization's name is one word."""
    refused = CliRunner().invoke(app_commands, ["create", *arguments])
    assert refused.exit_code == 2
    assert f"Invalid value for '{arguments[-2]}'" in refused.output


async def test_nobody_is_waited_for_for_ever(github: LocalGitHub, browser: Browser) -> None:
    """When the hour is over nothing listens any more, and the person is told."""
    told: dict[str, str] = {}
    with pytest.raises(CreationError, match="Nobody came back from GitHub in time"):
        await ask(NewApp(WEBHOOK_URL, github.url, patience_seconds=0.1), told.__setitem__)
    with pytest.raises(httpx.ConnectError):
        await browser.open(told["open"])


async def test_an_organization_owns_its_app(github: LocalGitHub, browser: Browser) -> None:
    """The form goes to its settings, where GitHub checks that the person may do that."""
    new = NewApp(WEBHOOK_URL, github.url, "acme")
    assert new.settings_url == f"{github.url}/organizations/acme/settings/apps"
    form = Form("")
    form.action = f"{new.settings_url}/new?state=s"
    form.fields["manifest"] = json.dumps(manifest().at(WEBHOOK_URL) | {"redirect_url": "http://127.0.0.1/back"})
    assert (await browser.press(form)).startswith("http://127.0.0.1/back?code=")


@pytest.mark.parametrize(
    ("github_url", "api_url"),
    [
        ("https://github.com", "https://api.github.com"),
        ("https://acme.ghe.com", "https://api.acme.ghe.com"),
        ("https://github.example.com", "https://github.example.com/api/v3"),
    ],
)
def test_every_github_has_its_api(github_url: str, api_url: str) -> None:
    """github.com, a tenant of ghe.com, a server of one's own."""
    assert NewApp(WEBHOOK_URL, github_url).api_url == api_url


async def test_a_code_that_buys_nothing_is_told(github: LocalGitHub, browser: Browser) -> None:
    """An unknown code, one that was used and one of an hour ago all end in what to do next."""
    new = NewApp(WEBHOOK_URL, github.url)
    form = Form("")
    form.action = f"{new.settings_url}/new?state=s"
    form.fields["manifest"] = json.dumps(manifest().at(WEBHOOK_URL) | {"redirect_url": "http://127.0.0.1/back"})
    codes = [(await browser.press(form)).partition("code=")[2].partition("&")[0] for _ in range(2)]
    assert (await convert(new, codes[0])).html_url == f"{github.url}/apps/aidp"
    github.advance(timedelta(hours=1))
    for code in ("unknown", *codes):
        with pytest.raises(CreationError) as told:
            await convert(new, code)
        assert str(told.value).splitlines() == [
            "The App's credentials did not get here. GitHub answered 404.",
            f"If {github.url}/settings/apps shows the App, delete it there; then run this again.",
        ]


async def test_an_answer_that_is_not_complete_is_not_repeated() -> None:
    """It may hold half of the credentials: neither the text nor its cause has any of it."""

    async def answer(_request: Request) -> Response:
        return JSONResponse({"id": "no number", "pem": "-----BEGIN half-a-key"}, 201)

    app = Starlette(routes=[Route("/api/v3/app-manifests/c/conversions", answer, methods=["POST"])])
    async with serving(app, "127.0.0.1", 0) as url:
        with pytest.raises(CreationError, match="has not all that is needed") as told:
            await convert(NewApp(WEBHOOK_URL, url), "c")
    assert "half-a-key" not in str(told.value)
    assert told.value.__suppress_context__
    assert told.value.__cause__ is None


async def test_a_github_that_is_away_is_told() -> None:
    """With the address that was asked."""
    url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(CreationError, match=f"{url}/api/v3 does not answer"):
        await convert(NewApp(WEBHOOK_URL, url), "c")


def test_the_address_of_an_earlier_github_goes_with_its_app(tmp_path: Path) -> None:
    """An App of github.com is not looked for elsewhere."""
    files = CredentialFiles(tmp_path / ".env", tmp_path / "private-key.pem")
    files.env_file.write_text("AIDP_GITHUB_URL=https://old.example\nAIDP_GITHUB_API_URL=https://old.example/api/v3\n")
    keep(NewApp(WEBHOOK_URL), Created(7, "our-aidp", "https://github.com/apps/aidp", "the key", "s3cret"), files)
    assert files.env_file.read_text().splitlines() == [
        "AIDP_GITHUB_APP_ID=7",
        "AIDP_GITHUB_APP_SLUG=our-aidp",
        f"AIDP_GITHUB_PRIVATE_KEY={files.key_file}",
        "AIDP_GITHUB_WEBHOOK_SECRET=s3cret",
    ]


def test_credentials_that_can_not_be_written_are_told(tmp_path: Path) -> None:
    """The disk may have changed while the person was at GitHub."""
    files = CredentialFiles(tmp_path / ".env", tmp_path / "gone/private-key.pem")
    created = Created(7, "our-aidp", "https://github.com/apps/aidp", "the key", "the secret")
    with pytest.raises(CreationError, match="No such file or directory") as told:
        keep(NewApp(WEBHOOK_URL), created, files)
    assert "the key" not in str(told.value) + repr(created)
    assert not (tmp_path / ".env").exists()
