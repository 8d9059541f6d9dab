"""The way to GitHub and back serves one browser, once, and tells others nothing."""

import asyncio
from collections.abc import AsyncGenerator

import httpx
import pytest
from setup_scene import WEBHOOK_URL, Browser, Form

from github_app.demo.github.serving import serving
from github_app.demo.stage import free_port
from github_app.manifest import manifest
from github_app.setup.page import NO_CODE, NOT_HERE, NOT_YOURS, USED, WRONG_HOST, WRONG_METHOD, RoundTrip

FORM_URL = "https://github.example.com/settings/apps/new"


@pytest.fixture
async def trip() -> AsyncGenerator[RoundTrip]:
    """Serve the way to a GitHub that is never reached here."""
    port, code = free_port(), asyncio.get_running_loop().create_future()
    trip = RoundTrip(f"127.0.0.1:{port}", FORM_URL, manifest().at(WEBHOOK_URL), code)
    async with serving(trip, "127.0.0.1", port):
        yield trip


def told(answer: httpx.Response) -> tuple[int, str]:
    """Return what a person would see."""
    return answer.status_code, answer.text


async def test_the_page_carries_the_manifest(trip: RoundTrip, browser: Browser) -> None:
    """It says what will be asked for, and its form takes the manifest to GitHub with the way back."""
    page = await browser.open(trip.address)
    form = Form(page.text)
    assert form.action == f"{FORM_URL}?state={trip.state}"
    assert form.manifest == manifest().at(WEBHOOK_URL) | {"redirect_url": f"{trip.address}callback"}
    assert form.fields.keys() == {"manifest"}
    for name, level in manifest().permissions.items():
        assert f"<li>{level} {name}" in page.text


async def test_what_comes_from_outside_is_not_markup(trip: RoundTrip, browser: Browser) -> None:
    """A webhook address with quotes and brackets is shown and sent as it is."""
    hostile = 'https://aidp.example.com/"><script>alert(1)</script>'
    trip.manifest["hook_attributes"]["url"] = hostile
    page = await browser.open(trip.address)
    assert "<script" not in page.text
    assert Form(page.text).manifest["hook_attributes"]["url"] == hostile


async def test_every_answer_is_kept_from_caches_frames_and_scripts(trip: RoundTrip, browser: Browser) -> None:
    """Also a refusal; and the form can go nowhere but to GitHub."""
    for url in (trip.address, f"http://{trip.host}/", f"{trip.address}callback"):
        headers = (await browser.open(url)).headers
        assert headers["cache-control"] == "no-store"
        assert headers["content-security-policy"] == (
            "default-src 'none'; form-action 'self' https://github.example.com; base-uri 'none'; frame-ancestors 'none'"
        )
        assert headers["referrer-policy"] == "strict-origin"
        assert headers["x-content-type-options"] == "nosniff"


async def test_the_cookie_is_for_this_way_alone(trip: RoundTrip, browser: Browser) -> None:
    """No script reads it, no other page gets it, and it comes along when GitHub sends the browser back."""
    cookie = (await browser.open(trip.address)).headers["set-cookie"]
    assert cookie == (f"aidp-app-creation={trip.cookie}; HttpOnly; Max-Age=3600; Path=/{trip.path}/; SameSite=lax")


async def test_the_browser_that_began_brings_the_code(trip: RoundTrip, browser: Browser) -> None:
    """Then it is over: everything after that is refused."""
    await browser.open(trip.address)
    back = f"{trip.address}callback?code=c0de&state={trip.state}"
    assert (await browser.open(back)).status_code == 200
    assert trip.code.result() == "c0de"
    for url in (back, back.replace("c0de", "another"), trip.address):
        assert told(await browser.open(url)) == (410, USED)
    assert trip.code.result() == "c0de"


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("code=c0de", (403, NOT_YOURS)),
        ("code=c0de&state=wrong", (403, NOT_YOURS)),
        ("code=c0de&state=%C3%A9", (403, NOT_YOURS)),
        ("code=c0de&state={state}x", (403, NOT_YOURS)),
        ("state={state}", (400, NO_CODE)),
        ("code=&state={state}", (400, NO_CODE)),
        ("code=../../user&state={state}", (400, NO_CODE)),
        ("code=a%0Ab&state={state}", (400, NO_CODE)),
    ],
)
async def test_a_wrong_way_back_is_refused_and_the_right_one_still_open(
    trip: RoundTrip, browser: Browser, query: str, answer: tuple[int, str]
) -> None:
    """Nobody can spoil it for the person whose it is."""
    await browser.open(trip.address)
    wrong = f"{trip.address}callback?{query.format(state=trip.state)}"
    assert told(await browser.open(wrong)) == answer
    assert not trip.code.done()
    await browser.open(f"{trip.address}callback?code=c0de&state={trip.state}")
    assert trip.code.done()


async def test_another_browser_cannot_finish_what_this_one_began(trip: RoundTrip, browser: Browser) -> None:
    """Whoever got hold of the address of the way back has no cookie."""
    await browser.open(trip.address)
    browser.http.cookies.clear()
    assert told(await browser.open(f"{trip.address}callback?code=c0de&state={trip.state}")) == (403, NOT_YOURS)
    assert not trip.code.done()


@pytest.mark.parametrize("host", ["localhost:{port}", "127.0.0.1", "aidp.attacker.example:{port}", "[::1]:{port}", ""])
async def test_another_name_for_this_machine_is_refused(trip: RoundTrip, browser: Browser, host: str) -> None:
    """A page elsewhere whose name was made to lead here learns nothing."""
    named = host.format(port=trip.host.partition(":")[2])
    assert told(await browser.http.get(trip.address, headers={"host": named})) == (421, WRONG_HOST)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH"])
async def test_only_reading_is_answered(trip: RoundTrip, browser: Browser, method: str) -> None:
    """Nothing else is needed on the way."""
    answer = await browser.http.request(method, trip.address)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
    assert answer.text == ("" if method == "HEAD" else WRONG_METHOD)


@pytest.mark.parametrize(
    "path", ["", "guess/", "guess/callback", "{path}", "{path}/x", "{path}x/", "%C3%A9/", "/{path}/"]
)
async def test_a_guessed_path_leads_nowhere(trip: RoundTrip, browser: Browser, path: str) -> None:
    """Without the path from the terminal there is nothing to see."""
    assert told(await browser.open(f"http://{trip.host}/{path.format(path=trip.path)}")) == (404, NOT_HERE)


async def test_no_two_ways_are_alike_and_none_shows_its_secrets() -> None:
    """The three secrets are fresh and long, and in no log line."""
    code = asyncio.get_running_loop().create_future()
    one, two = (RoundTrip("127.0.0.1:1", FORM_URL, {}, code) for _ in range(2))
    for name in ("path", "state", "cookie"):
        secret = getattr(one, name)
        assert len(secret) >= 43
        assert secret != getattr(two, name)
        assert secret not in repr(one)
